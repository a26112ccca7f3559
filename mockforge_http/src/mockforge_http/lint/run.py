"""The order of the checks, and where their findings go."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from mockforge.errors import DocumentError
from mockforge.findings import Finding
from mockforge.progress import note
from mockforge_http.documents import DEFAULT_LIMITS, Cache, Document, Limits
from mockforge_http.documents.check import run_check
from mockforge_http.documents.files import DocumentRoot
from mockforge_http.documents.kinds import is_description
from mockforge_http.documents.pack import Pack
from mockforge_http.documents.prepare import Preparation
from mockforge_http.documents.report import finding_of, place
from mockforge_http.lint.endless import EndlessLint
from mockforge_http.lint.examples import ExampleLint
from mockforge_http.lint.fields import check_fields
from mockforge_http.lint.grammar import Walk
from mockforge_http.lint.operations import check_operations
from mockforge_http.lint.placing import Placing
from mockforge_http.lint.schemas import SchemaLint
from mockforge_http.lint.security import SecurityLint

_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml"})
_OFTEN: Final = 500
"""Objects between two notes of progress."""


def lint_file(path: Path, *, fast: bool = False) -> Iterable[Finding] | None:
    """The findings of :func:`lint_document`, or ``None`` if the file is neither an OpenAPI document
    nor a Postman collection (by the look of its first 64 KiB, so that a broken one is still told to be
    broken, or by its root). ``fast`` leaves openapi-core out."""
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return None
    try:
        known = is_description(path, DEFAULT_LIMITS)
    except OSError as error:
        return [Finding("document.unreadable", f"cannot be read: {error.strerror}", file=str(path))]
    return lint_document(path, check=not fast) if known else None


def lint_document(
    path: Path,
    *,
    cache: Cache | None = None,
    limits: Limits = DEFAULT_LIMITS,
    root: Path | None = None,
    check: bool = True,
) -> Iterator[Finding]:
    """Every finding about the document at ``path``, with line and column, as they come up: first what
    opening finds (syntax, references, duplicate keys), then checks of our own that matter to a mock, then
    the check by openapi-core in a process of its own (``check``; left out where the others have made it
    pointless)."""
    folder = DocumentRoot(path.parent if root is None else root)
    file = io.BytesIO()
    note("reading")
    try:
        index = Preparation(path, folder, file, limits).run()
    except DocumentError as error:
        yield from place([finding_of(error)], limits)
        return
    broken = False
    for finding in place(index.findings, limits):
        if finding.code == "document.ref-remote":
            # Refused by `serve`, but not against the specification; the validator would fetch it.
            check = False
            finding = msgspec.structs.replace(finding, severity="warning")
        broken = broken or finding.severity == "error"
        yield finding
    if broken:
        return
    placing = Placing(limits)
    with Document(path, folder, Pack(file), index, limits) as document:
        yield from placing.of(_own_checks(document))
    yield from placing.rest(str(path))
    if check:
        note("openapi-core")
        for finding in run_check(path, cache=cache, limits=limits, root=root):
            if not placing.knows(finding):
                yield finding


def _own_checks(document: Document) -> Iterator[Finding]:
    note("operations")
    yield from check_operations(document)
    security = SecurityLint(document)
    yield from security.scheme_findings()
    yield from security.document_findings()
    schemas = SchemaLint(document)
    endless = EndlessLint(document)
    examples = ExampleLint(document)
    for number, node in enumerate(Walk(document)):
        if number % _OFTEN == 0:
            note(f"schemas and examples: {number:,}")
        if node.kind == "operation":
            yield from security.operation_findings(node)
        elif node.kind == "schema":
            yield from schemas.findings(node)
            if node.is_root:
                yield from endless.findings(node)
        yield from check_fields(document, node)
        yield from examples.findings(node)
