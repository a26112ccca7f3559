"""Validators and small documents for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mockforge.mocking.data.model import Dialect, Direction
from mockforge.mocking.data.resolver import SchemaStore
from mockforge.mocking.exchange import Request
from mockforge_http.documents import OperationView, open_document
from mockforge_http.validation.compile import SchemaValidator, compile_validator
from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.report import problems_of
from mockforge_http.validation.request import Checked, RequestValidator

BASE = "test:/document"


def validator(
    schema: Any,
    dialect: Dialect = "2020-12",
    direction: Direction = "request",
    components: dict[str, Any] | None = None,
    metaschema: str | None = None,
) -> SchemaValidator:
    """The validator of ``schema`` in a document with these components (``#/components/schemas/Name``)."""
    store = SchemaStore({BASE: {"components": {"schemas": components or {}}}})
    for component in (components or {}).values():
        if isinstance(component, dict) and isinstance(component.get("$id"), str):
            store.add(component["$id"], component)
    return compile_validator(
        schema, BASE, resolver=store, dialect=dialect, direction=direction, metaschema=metaschema
    )


def accepts(schema: Any, value: Any, dialect: Dialect = "2020-12", **more: Any) -> bool:
    """Whether ``value`` satisfies ``schema``."""
    return bool(validator(schema, dialect, **more).is_valid(value))


def says(schema: Any, value: Any, dialect: Dialect = "2020-12", **more: Any) -> list[str]:
    """What is said about ``value``, which does not satisfy ``schema``: ``/pointer sentence``."""
    checked = validator(schema, dialect, **more)
    assert not checked.is_valid(value)
    return [
        "".join(f"/{token}" for token in problem.path) + " " + problem.wrong.says
        for problem in problems_of(checked, value, 50, 0)
    ]


def api(operation: dict[str, Any], version: str = "3.0.3", **members: Any) -> dict[str, Any]:
    """A document whose only operation is ``POST /pets/{petId}``."""
    head = {"swagger": "2.0"} if version == "2.0" else {"openapi": version}
    return {
        **head,
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets/{petId}": {"post": {"responses": {"200": {"description": ""}}, **operation}}
        },
        **members,
    }


@contextmanager
def operation(
    folder: Path, document: dict[str, Any]
) -> Iterator[tuple[OperationView, DocumentChecks]]:
    """The first operation of ``document``."""
    path = folder / "api.json"
    path.write_text(json.dumps(document))
    with open_document(path) as opened:
        yield opened.operation(opened.operations()[0]), DocumentChecks(opened)


def post(
    body: Any = None,
    *,
    target: str = "/pets/1",
    content_type: str | None = "application/json",
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> Request:
    """A request; a ``body`` that is not bytes is sent as JSON."""
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = dict(headers or {})
    if raw and content_type is not None:
        fields["Content-Type"] = content_type
    return Request(method, target, [(n.encode(), v.encode()) for n, v in fields.items()], raw)


def check(folder: Path, document: dict[str, Any], request: Request, most: int = 20) -> Checked:
    """The verdict on ``request``, whose last path segment is the value of ``petId``."""
    with operation(folder, document) as (view, checks):
        value = request.path.rpartition("/")[2]
        return RequestValidator(view, checks).check(request, (value,), most)


def codes(checked: Checked) -> list[tuple[str, str, str]]:
    """Where and what: ``(location, pointer or name, code)``."""
    return [(f.location, f.name or f.pointer, f.code) for f in checked.findings]
