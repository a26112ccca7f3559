"""The API's own OpenAPI 3.1 document, made from the endpoints: it cannot say anything else than they do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from mockforge.mocking.problems import MEDIA_TYPE, title
from mockforge_admin.api.endpoints import BASE, Call, Endpoint

_TEMPLATE: Final = "#/components/schemas/{name}"
_PARAMETER: Final = re.compile(r"\{(\w+)(?::path)?\}")
_ALWAYS: Final = (400, 401, 403)
_endpoints: list[Endpoint] = []


class ProblemDetails(msgspec.Struct, omit_defaults=True):
    """What went wrong (RFC 9457); further members say where."""

    type: str
    title: str
    status: int
    detail: str
    hint: str = ""


def describe(endpoints: Sequence[Endpoint]) -> None:
    """Say which endpoints there are."""
    _endpoints[:] = endpoints
    make_document.cache_clear()


def get_openapi(call: Call) -> dict[str, Any]:
    """This document."""
    return make_document()


@cache
def make_document() -> dict[str, Any]:
    """The document as JSON-like values."""
    types: set[Any] = {ProblemDetails}
    for endpoint in _endpoints:
        types |= {kind for kind in (endpoint.answer, endpoint.body) if _is_described(kind)}
    ordered = sorted(types, key=str)
    schemas, components = msgspec.json.schema_components(ordered, ref_template=_TEMPLATE)
    by_type = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, Any] = {}
    for endpoint in _endpoints:
        path = BASE + _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MockForge admin API",
            "version": version("mockforge"),
            "description": "What can be asked of and done to a running MockForge.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(each.tag for each in _endpoints)],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`admin.token`"}
            },
        },
    }


def _is_described(kind: Any) -> bool:
    return kind is not None and kind is not Any and kind is not bytes


def _operation(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_query(endpoint), *_headers(endpoint)],
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.body is not None:
        schema = schemas.get(endpoint.body, {}) if endpoint.body is not bytes else None
        media = {} if schema is None else {"schema": schema}
        operation["requestBody"] = {
            "required": endpoint.body_required,
            "content": {endpoint.body_type: media},
        }
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": endpoint.path_schemas.get(name, {"type": "string", "minLength": 1}),
        }
        for name in _PARAMETER.findall(endpoint.path)
    ]


def _query(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    _, components = msgspec.json.schema_components([endpoint.query], ref_template=_TEMPLATE)
    found = []
    for name, schema in components[endpoint.query.__name__]["properties"].items():
        text = schema.pop("description", "")
        found.append(
            {"name": name, "in": "query", "description": text, "schema": _without_null(schema)}
        )
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out rather than null."""
    if "anyOf" not in schema:
        return schema
    kinds = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return {**rest, **kinds[0]} if len(kinds) == 1 else {**rest, "anyOf": kinds}


def _headers(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in endpoint.headers.items()
    ]


def _responses(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": endpoint.summary}
    if endpoint.status != 204:
        answer = schemas.get(endpoint.answer)
        media = {} if answer is None else {"schema": answer}
        good["content"] = dict.fromkeys((endpoint.media_type, *endpoint.other_types), media)
    statuses = {*_ALWAYS, *endpoint.errors}
    if endpoint.body is not None:
        statuses |= {413, 422}
    if endpoint.query is not None:
        statuses.add(422)
    problem = {MEDIA_TYPE: {"schema": {"$ref": _TEMPLATE.format(name=ProblemDetails.__name__)}}}
    bad = {
        str(status): {"description": title(status), "content": problem}
        for status in sorted(statuses)
    }
    also = {} if endpoint.also is None else {str(endpoint.also): good}
    return {str(endpoint.status): good, **also, **bad}


ENDPOINTS = (Endpoint("GET", "/openapi.json", get_openapi, "This document", "document"),)
