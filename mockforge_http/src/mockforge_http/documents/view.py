"""From an :class:`OperationRef` to the decoded operation of OpenAPI 3.x; 2.0 is turned into the same
shapes by :mod:`.swagger2`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mockforge.errors import DocumentError, Place

from .index import OperationRef, Version
from .openapi3 import Reader, WrongShapeError, extensions, status_key, text_of
from .operations import ItemStep, item_steps
from .pointer import join, split
from .servers import base_paths
from .shapes import OperationView, Parameter
from .store import Missing, Store


def operation_view(
    store: Store,
    ref: OperationRef,
    entry: str,
    version: Version,
    path_of: Callable[[str], Path],
) -> OperationView:
    """The operation ``ref``; DocumentError if something in it has the wrong shape."""
    try:
        return _operation_view(store, ref, entry, version)
    except WrongShapeError as error:
        raise _error(str(error), ref, path_of) from None
    except Missing as missing:
        raise _error(f"a reference in it leads nowhere ({missing})", ref, path_of) from None
    except DocumentError as error:
        raise _error(error.message, ref, path_of) from None


def _error(message: str, ref: OperationRef, path_of: Callable[[str], Path]) -> DocumentError:
    # No line and column: this happens while serving, and finding them means reading the file again.
    return DocumentError(
        f"{ref.method} {ref.template}: {message}",
        place=Place(str(path_of(ref.base)), path=ref.pointer),
    )


def _operation_view(store: Store, ref: OperationRef, entry: str, version: Version) -> OperationView:
    from . import swagger2

    steps = item_steps(store, ref.item_base, split(ref.item))
    operation, base = store.follow(store.get(ref.base, split(ref.pointer)), ref.base)
    if not isinstance(operation, dict):
        raise WrongShapeError("the operation", "an object")
    reader = Reader(store, styled_parts=version != "3.0")
    declared = list(_declared_parameters(steps, operation, base))
    if version == "2.0":
        parts = swagger2.Swagger2Reader(store, entry).parts(operation, base, declared)
    else:
        parts = _parts(reader, operation, base, declared)
    servers = _servers(steps, operation) if version != "2.0" else None
    at = ref.pointer
    if isinstance(store.get(ref.base, split(ref.pointer)).get("$ref"), str):
        base, at = _where(store, ref)
    return OperationView(
        ref=ref,
        servers=servers,
        base_paths=base_paths(servers) or None,
        callbacks=dict(reader.callbacks(operation.get("callbacks"), base, at, version)),
        security=_security(store, operation, entry),
        operation_id=ref.operation_id,
        tags=ref.tags,
        summary=text_of(operation, "summary"),
        description=text_of(operation, "description"),
        deprecated=operation.get("deprecated") is True,
        extensions=extensions(operation),
        **parts,
    )


def _where(store: Store, ref: OperationRef) -> tuple[str, str]:
    """File and pointer of an operation that is itself a reference."""
    file, tokens = ref.base, split(ref.pointer)
    for _ in range(32):
        value = store.get(file, tokens)
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            break
        file, tokens = store.target(value["$ref"], file)
    return file, join(tokens)


def _declared_parameters(
    steps: list[ItemStep], operation: dict[str, Any], base: str
) -> Iterator[tuple[Any, str]]:
    """Parameters with their bases: the path item's first, then the operation's, which win."""
    for step in reversed(steps):
        shared = step.item.get("parameters")
        for entry in shared if isinstance(shared, list) else ():
            yield entry, step.file
    own = operation.get("parameters")
    for entry in own if isinstance(own, list) else ():
        yield entry, base


def _parts(
    reader: Reader, operation: dict[str, Any], base: str, declared: list[tuple[Any, str]]
) -> dict[str, Any]:
    parameters: dict[tuple[str, str], Parameter] = {}
    for entry, inside in declared:
        parameter = reader.parameter(entry, inside)
        if parameter is not None:
            parameters[parameter.where, parameter.name] = parameter
    responses, inside = reader.object(operation.get("responses", {}), base, "`responses`")
    return {
        "parameters": tuple(parameters.values()),
        "request_body": reader.request_body(operation.get("requestBody"), base),
        "responses": {
            status_key(status): reader.response(entry, inside, status)
            for status, entry in responses.items()
            if not status.startswith("x-")
        },
    }


def _servers(steps: list[ItemStep], operation: dict[str, Any]) -> list[dict[str, Any]] | None:
    for holder in (operation, *(step.item for step in steps)):
        servers = holder.get("servers")
        if isinstance(servers, list) and servers:
            return [server for server in servers if isinstance(server, dict)]
    return None


def _security(
    store: Store, operation: dict[str, Any], entry: str
) -> list[dict[str, list[str]]] | None:
    security = operation.get("security")
    if security is None:
        try:
            security = store.get(entry, ("security",))
        except Missing:
            return None
    if not isinstance(security, list):
        return None
    return [
        {name: scopes if isinstance(scopes, list) else [] for name, scopes in needed.items()}
        for needed in security
        if isinstance(needed, dict)
    ]


def security_schemes(store: Store, entry: str, version: Version) -> dict[str, dict[str, Any]]:
    """Every security scheme by name, references resolved, in the shape of OpenAPI 3."""
    from . import swagger2

    tokens = ("securityDefinitions",) if version == "2.0" else ("components", "securitySchemes")
    try:
        schemes = store.get(entry, tokens)
    except Missing:
        return {}
    found: dict[str, dict[str, Any]] = {}
    if isinstance(schemes, dict):
        for name, scheme in schemes.items():
            value, _ = store.follow(scheme, entry)
            if isinstance(value, dict):
                found[name] = swagger2.security_scheme(value) if version == "2.0" else value
    return found
