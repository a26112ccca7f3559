"""``mockforge lint`` for AsyncAPI documents: all that keeps one from being served, and examples and
schemas that contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mockforge.errors import DocumentError, MockForgeError, all_errors
from mockforge.findings import Finding
from mockforge.mocking.data import UnsatisfiableError, compile_generator
from mockforge_ws.asyncapi.check import check
from mockforge_ws.asyncapi.files import Files, Node, walk
from mockforge_ws.asyncapi.formats import JSON
from mockforge_ws.asyncapi.model import Message
from mockforge_ws.asyncapi.reading import Reading
from mockforge_ws.asyncapi.report import Report
from mockforge_ws.asyncapi.resolving import Schemas
from mockforge_ws.asyncapi.validation import compile_payload


def lint_document(path: Path) -> Iterable[Finding]:
    """The findings about the document at ``path``."""
    try:
        return list(_findings(path))
    except MockForgeError as error:
        return [Finding.of(each, "asyncapi.unreadable") for each in all_errors(error)]


def _findings(path: Path) -> Iterator[Finding]:
    files = Files(path)
    report, messages = check(files)
    if not report.errors:
        schemas = Schemas(files)
        reading = Reading(files, schemas, report)
        reading.api()
        for node in messages:
            _message(node, reading, schemas, report)
    yield from report.findings


def _message(node: Node, reading: Reading, schemas: Schemas, report: Report) -> None:
    message = reading.message(node, str(node.path[-1]) if node.path else "message")
    payload = message.payload
    if payload is None:
        return
    at = node.get("payload") or node
    try:
        compile_generator(payload.schema, payload.base, resolver=schemas, dialect=payload.dialect)
    except UnsatisfiableError as error:
        report.warn("unsatisfiable", error.message, at, hint=error.hint)
    except DocumentError as error:
        report.add("schema", error.message, at, hint=error.hint)
        return
    _examples(message, node, reading, schemas, report)


def _examples(
    message: Message, node: Node, reading: Reading, schemas: Schemas, report: Report
) -> None:
    examples = reading.field(node, "examples")
    if examples is None or message.payload is None or message.kind != JSON:
        return
    try:
        check = compile_payload(message.payload, schemas)
    except DocumentError as error:
        report.add("schema", error.message, node.get("payload") or node, hint=error.hint)
        return
    for number in range(len(examples.value)):
        payload = examples.child(number).get("payload")
        if payload is None:
            continue
        for problem in check.problems(payload.value):
            where = walk(payload, problem.pointer, problem.pointer)
            report.warn("example", f"the example does not fit its schema: {problem.message}", where)
