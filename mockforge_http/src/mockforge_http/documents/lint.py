"""``mockforge lint`` for OpenAPI documents: what is wrong with one, as far as it can be told.

First everything that opening finds (syntax, references, duplicate keys), then checks of our own that
matter to a mock (paths that hide each other, parameters that do not fit the path), then the check by
openapi-core in a process of its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from mockforge.errors import DocumentError
from mockforge.findings import Finding

from .cache import Cache
from .check import run_check
from .document import Document
from .files import DocumentRoot
from .index import OperationRef
from .kinds import announces_collection, announces_openapi
from .limits import DEFAULT_LIMITS, Limits
from .pack import Pack
from .prepare import Preparation
from .report import Report, finding_of, place

_SNIFFED: Final = 64 * 1024
_TEMPLATE_NAME: Final = re.compile(r"\{([^{}]*)\}")
_STATUS: Final = re.compile(r"default|[1-5]\d\d|[1-5]XX", re.IGNORECASE)
_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml"})


def lint_file(path: Path) -> Iterable[Finding] | None:
    """The findings of :func:`lint_document`, or ``None`` if the file is neither an OpenAPI document
    nor a Postman collection (by the look of its first 64 KiB, so that a broken one is still told to be
    broken)."""
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED)
    except OSError as error:
        return [Finding("document.unreadable", f"cannot be read: {error.strerror}", file=str(path))]
    known = announces_openapi(head) or announces_collection(head)
    return lint_document(path) if known else None


def lint_document(
    path: Path,
    *,
    cache: Cache | None = None,
    limits: Limits = DEFAULT_LIMITS,
    root: Path | None = None,
    check: bool = True,
) -> Iterator[Finding]:
    """Every finding about the document at ``path``, with line and column, as they come up. ``check``
    says whether openapi-core is asked too (when nothing has made that pointless)."""
    folder = DocumentRoot(path.parent if root is None else root)
    file = io.BytesIO()
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
    told: set[str] = set()
    if not broken:
        with Document(path, folder, Pack(file), index, limits) as document:
            report = Report(limits)
            _check_operations(document, report)
        told = {finding.code for finding in report.findings}
        yield from report.placed(limits)
    if check and not broken:
        for finding in run_check(path, cache=cache, limits=limits, root=root):
            if finding.code not in told:
                yield finding


# -------------------------------------------------------------------- checks of our own


def _check_operations(document: Document, report: Report) -> None:
    operations = document.operations()
    _check_operation_ids([*operations, *document.webhooks()], document, report)
    _check_ambiguous_paths(operations, document, report)
    for ref in operations:
        _check_operation(ref, document, report)


def _shown(ref: OperationRef, document: Document) -> str:
    return str(document.path_of(ref.base))


def _check_operation_ids(
    operations: list[OperationRef], document: Document, report: Report
) -> None:
    first: dict[str, OperationRef] = {}
    for ref in operations:
        if ref.operation_id is None:
            continue
        other = first.setdefault(ref.operation_id, ref)
        if other is not ref:
            report.add(
                "operation-id-duplicate",
                f"the operationId {ref.operation_id!r} is already that of "
                f"{other.method} {other.template}",
                _shown(ref, document),
                f"{ref.pointer}/operationId",
            )


def _check_ambiguous_paths(
    operations: list[OperationRef], document: Document, report: Report
) -> None:
    """Templates that differ in nothing but the names of their parameters (OpenAPI, Paths Object):
    which of two answers is not defined."""
    first: dict[str, OperationRef] = {}
    for ref in operations:
        shape = _TEMPLATE_NAME.sub("{}", ref.template)
        other = first.setdefault(shape, ref)
        if other.template != ref.template and other.item != ref.item:
            first[shape] = ref
            report.add(
                "path-ambiguous",
                f"the path {ref.template} cannot be told from {other.template}",
                str(document.path_of(ref.item_base)),
                ref.item,
            )


def _check_operation(ref: OperationRef, document: Document, report: Report) -> None:
    shown = _shown(ref, document)
    try:
        view = document.operation(ref)
    except DocumentError as error:
        report.error(error, code="operation")
        return
    used = list(_TEMPLATE_NAME.findall(ref.template))
    declared = {parameter.name for parameter in view.parameters if parameter.where == "path"}
    for name in dict.fromkeys(used):
        if used.count(name) > 1:
            report.add(
                "path-parameter-repeated",
                f"the path {ref.template} uses {{{name}}} twice",
                str(document.path_of(ref.item_base)),
                ref.item,
            )
        if name not in declared:
            report.add(
                "path-parameter-undeclared",
                f"{ref.method} {ref.template} declares no path parameter {name!r}",
                shown,
                ref.pointer,
                hint="declare it with `in: path` and `required: true`",
            )
    for name in sorted(declared - set(used)):
        report.add(
            "path-parameter-unused",
            f"the path parameter {name!r} does not appear in {ref.template}",
            shown,
            ref.pointer,
            severity="warning",
        )
    _check_responses(ref, view.responses, shown, report)


def _check_responses(
    ref: OperationRef, responses: dict[str, Any], shown: str, report: Report
) -> None:
    for status in responses:
        if not _STATUS.fullmatch(status):
            report.add(
                "status-unknown",
                f"{status!r} is not a status code, a range such as 4XX, or default",
                shown,
                f"{ref.pointer}/responses/{status}",
            )
