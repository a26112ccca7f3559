"""Published documents: every schema compiles, and what hangs on an operation stays small."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockforge.mocking.exchange import Request
from mockforge_http.documents import Document, OperationView, open_document
from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.request import RequestValidator
from tests.corpus import corpus, corpus_root

NAMES = sorted(
    path.name
    for path in corpus_root().joinpath("openapi").glob("*")
    if path.suffix in (".json", ".yaml") and path.name != "index.json"
)
LARGE = ("github-api.github.com.json", "stripe-2023-09.yaml", "kubernetes-swagger2.json")


@contextmanager
def opened(name: str) -> Iterator[Document]:
    with open_document(corpus("openapi", name)) as document:
        yield document


def views(document: Document) -> Iterator[OperationView]:
    for ref in document.operations():
        yield document.operation(ref)


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_gets_a_validator_and_every_schema_is_enforced(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(name) as document:
        checks = DocumentChecks(document)
        for view in views(document):
            RequestValidator(view, checks)
            for media in view.request_body.content.values() if view.request_body else ():
                if media.schema is not None:
                    checks.compile(media.schema, "request", f"{view.method} {view.template}")
    assert [r.message for r in caplog.records if r.name == "mockforge.http.validation"] == []


@pytest.mark.parametrize("name", LARGE)
def test_validators_of_a_whole_document_are_small(name: str) -> None:
    """What is held if every operation is called, as the store of operations counts it; and what the process
    really grew by is not much more."""
    with opened(name) as document:
        checks = DocumentChecks(document)
        before = _resident()
        kept = []
        for view in views(document):
            validator = RequestValidator(view, checks)
            for media in view.request_body.content if view.request_body else ():
                path = tuple("1" for parameter in view.parameters if parameter.where == "path")
                head = [(b"Content-Type", media.encode())]
                validator.check(Request(view.method, view.template, head, b"{}"), path)
            kept.append(validator)
        grown = _resident() - before
        counted = sum(validator.size for validator in kept)
    assert counted < 120_000 * len(kept)
    assert grown < 1.5 * counted + 16 * 1024**2


def _resident() -> int:
    """Bytes; of a machine where that cannot be read, the most there were."""
    try:
        with open("/proc/self/statm") as file:  # noqa: PTH123 - a kernel file, not a path of ours
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
