"""Operations: identifiers, paths that hide each other, path parameters, statuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from mockforge.errors import DocumentError
from mockforge.findings import Finding
from mockforge.mocking.routing import PathTemplate, RouteIndex
from mockforge_http.documents import Document, OperationRef
from mockforge_http.documents.report import finding_of
from mockforge_http.lint.making import at, shown

_TEMPLATE_NAME: Final = re.compile(r"\{([^{}]*)\}")
_STATUS: Final = re.compile(r"default|[1-5]\d\d|[1-5]XX", re.IGNORECASE)


def check_operations(document: Document) -> Iterator[Finding]:
    """Everything about the operations of ``document`` that needs no schema."""
    operations = document.operations()
    yield from _operation_ids([*operations, *document.webhooks()], document)
    yield from _ambiguous_paths(operations, document)
    yield from _unreachable(operations, document)
    for ref in operations:
        yield from _operation(ref, document)


def _operation_ids(operations: Sequence[OperationRef], document: Document) -> Iterator[Finding]:
    first: dict[str, OperationRef] = {}
    for ref in operations:
        if ref.operation_id is None:
            continue
        other = first.setdefault(ref.operation_id, ref)
        if other is not ref:
            yield at(
                "operation-id-duplicate",
                f"the operationId {ref.operation_id!r} is already that of "
                f"{other.method} {other.template}",
                shown(document, ref.base),
                f"{ref.pointer}/operationId",
                hint="give each operation an operationId of its own",
            )


def _ambiguous_paths(operations: Sequence[OperationRef], document: Document) -> Iterator[Finding]:
    """Templates that differ in nothing but the names of their parameters (OpenAPI, Paths Object):
    which of two answers is not defined."""
    first: dict[str, OperationRef] = {}
    for ref in operations:
        shape = _TEMPLATE_NAME.sub("{}", ref.template)
        other = first.setdefault(shape, ref)
        if other.template != ref.template and other.item != ref.item:
            first[shape] = ref
            yield at(
                "path-ambiguous",
                f"the path {ref.template} cannot be told from {other.template}",
                shown(document, ref.item_base),
                ref.item,
                hint="put the operations of both under one path",
            )


def _unreachable(operations: Sequence[OperationRef], document: Document) -> Iterator[Finding]:
    """Operations that no request comes to, because an earlier one takes them all."""
    index: RouteIndex[OperationRef] = RouteIndex()
    for ref in operations:
        template = PathTemplate(ref.template)
        bases = dict.fromkeys((*(ref.base_paths or document.servers_base_paths()), ""))
        placed = [index.add(ref.method, template.under(base.rstrip("/")), ref) for base in bases]
        others = [route for route in placed if route.target is not ref]
        if others and len(others) == len(placed):
            first = others[0].target
            yield at(
                "operation-unreachable",
                f"{ref.method} {ref.template} is never called: "
                f"{first.method} {first.template} answers all its requests",
                shown(document, ref.base),
                ref.pointer,
                severity="warning",
                hint="remove one of them, or make their paths differ in more than parameter names",
            )


def _operation(ref: OperationRef, document: Document) -> Iterator[Finding]:
    try:
        view = document.operation(ref)
    except DocumentError as error:
        yield finding_of(error, code="operation")
        return
    used = list(_TEMPLATE_NAME.findall(ref.template))
    declared = {parameter.name for parameter in view.parameters if parameter.where == "path"}
    for name in dict.fromkeys(used):
        if used.count(name) > 1:
            yield at(
                "path-parameter-repeated",
                f"the path {ref.template} uses {{{name}}} twice",
                shown(document, ref.item_base),
                ref.item,
                hint="give each parameter in a path a name of its own",
            )
        if name not in declared:
            yield at(
                "path-parameter-undeclared",
                f"{ref.method} {ref.template} declares no path parameter {name!r}",
                shown(document, ref.base),
                ref.pointer,
                hint="declare it with `in: path` and `required: true`",
            )
    for name in sorted(declared - set(used)):
        yield at(
            "path-parameter-unused",
            f"the path parameter {name!r} does not appear in {ref.template}",
            shown(document, ref.base),
            ref.pointer,
            severity="warning",
            hint=f"put {{{name}}} into the path, or remove the parameter",
        )
    yield from _responses(ref, view.responses, document)


def _responses(
    ref: OperationRef, responses: dict[str, Any], document: Document
) -> Iterator[Finding]:
    for status in responses:
        if not _STATUS.fullmatch(status):
            yield at(
                "status-unknown",
                f"{status!r} is not a status code, a range such as 4XX, or default",
                shown(document, ref.base),
                f"{ref.pointer}/responses/{status}",
                hint='write a code from 100 to 599 in quotes: "200"',
            )
