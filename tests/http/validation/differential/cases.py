"""Small documents with one operation, and requests to it, made by hypothesis.

The documents keep to what openapi-core understands; the requests are near misses as often as they fit.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from mockforge.mocking.data import SchemaStore, compile_generator
from mockforge.mocking.data.model import Dialect, UnsatisfiableError

Document = dict[str, Any]
Sent = dict[str, Any]

_BASE = "test:/"
_TEXTS = [
    "",
    "a",
    "ab",
    "abc",
    "x-1",
    "10",
    "-3",
    "1.5",
    "true",
    "null",
    "2024-02-30",
    "2024-02-29",
    "é",
]
_TEXTS += ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "ann@example.com", "2024-02-29T10:00:00Z"]
_NAMES = ["a", "b", "kind"]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-20, 20),
    st.sampled_from([0.5, 1.0, -2.25, 2**31, 2**63, 10**20]),
    st.sampled_from(_TEXTS),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)


def _kinds(kind: str, version: str) -> st.SearchStrategy[dict[str, Any]]:
    """A ``type``, with ``null`` beside it now and then."""
    if version == "3.0.3":
        return st.sampled_from([{"type": kind}, {"type": kind}, {"type": kind, "nullable": True}])
    return st.sampled_from([{"type": kind}, {"type": kind}, {"type": [kind, "null"]}])


def _kind_alone(kind: str, version: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.just({"type": kind})


def _bounds(version: str) -> st.SearchStrategy[dict[str, Any]]:
    number = st.integers(-3, 12)
    if version == "3.0.3":
        flags = {"exclusiveMinimum": st.booleans(), "exclusiveMaximum": st.booleans()}
        return st.fixed_dictionaries({"minimum": number, "maximum": number}, optional=flags)
    names = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, number))


def scalar_schemas(version: str, *, plain: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of single values; ``plain`` ones have one type, as openapi-core fails to read a parameter of
    several."""
    kinds = _kind_alone if plain and version != "3.0.3" else _kinds
    integer = st.tuples(
        kinds("integer", version),
        st.one_of(
            _bounds(version),
            st.sampled_from([{}, {"format": "int32"}, {"format": "int64"}, {"multipleOf": 3}]),
        ),
    )
    number = st.tuples(
        kinds("number", version),
        st.one_of(_bounds(version), st.sampled_from([{}, {"multipleOf": 0.5}])),
    )
    string = st.tuples(
        kinds("string", version),
        st.one_of(
            st.sampled_from([{}, {"pattern": "^[a-z]+$"}, {"format": "date"}, {"format": "uuid"}]),
            st.sampled_from([{"format": "date-time"}, {"enum": ["a", "ab"]}, {"format": "email"}]),
            st.fixed_dictionaries({"minLength": st.integers(0, 2), "maxLength": st.integers(1, 4)}),
        ),
    )
    boolean = st.tuples(kinds("boolean", version), st.just({}))
    return st.one_of(integer, number, string, boolean).map(lambda parts: {**parts[0], **parts[1]})


def schemas(version: str, *, depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of bodies."""
    if depth == 0:
        return scalar_schemas(version)
    inner = schemas(version, depth=depth - 1)
    arrays = st.tuples(
        _kinds("array", version),
        st.fixed_dictionaries(
            {"items": inner},
            optional={
                "minItems": st.integers(0, 2),
                "maxItems": st.integers(1, 3),
                "uniqueItems": st.booleans(),
            },
        ),
    )
    members = st.dictionaries(
        st.sampled_from(_NAMES),
        st.tuples(
            inner, st.sampled_from([{}, {}, {}, {"readOnly": True}, {"writeOnly": True}])
        ).map(lambda parts: {**parts[0], **parts[1]}),
        max_size=3,
    )
    objects = st.tuples(
        _kinds("object", version),
        st.fixed_dictionaries(
            {"properties": members},
            optional={
                "required": st.lists(st.sampled_from(_NAMES), min_size=1, max_size=2, unique=True),
                "additionalProperties": st.one_of(st.booleans(), inner),
                "minProperties": st.integers(0, 2),
                "maxProperties": st.integers(1, 3),
            },
        ),
    )
    combined = st.one_of(
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
        st.just({"$ref": "#/components/schemas/Shared"}),
    )
    plain = st.one_of(arrays, objects).map(lambda parts: {**parts[0], **parts[1]})
    return st.one_of(scalar_schemas(version), plain, plain, combined)


@st.composite
def parameters(draw: st.DrawFn, version: str) -> list[dict[str, Any]]:
    """The path's parameter, and up to three others."""
    found = [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": draw(scalar_schemas(version, plain=True)),
        }
    ]
    for name in draw(st.lists(st.sampled_from(["q", "r", "X-H", "c"]), unique=True, max_size=3)):
        place = {"X-H": "header", "c": "cookie"}.get(name, "query")
        schema = draw(scalar_schemas(version, plain=True))
        parameter: dict[str, Any] = {"name": name, "in": place, "schema": schema}
        if place in ("query", "header") and draw(st.booleans()):
            parameter["schema"] = {"type": "array", "items": schema}
            if place == "query":
                parameter["explode"] = draw(st.booleans())
        if draw(st.booleans()):
            parameter["required"] = True
        found.append(parameter)
    return found


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document with the operation ``POST /t/{id}``."""
    version = draw(st.sampled_from(["3.0.3", "3.1.0"]))
    operation: dict[str, Any] = {
        "parameters": draw(parameters(version)),
        "responses": {"200": {"description": ""}},
    }
    if draw(st.booleans()):
        operation["requestBody"] = {
            "required": draw(st.booleans()),
            "content": {"application/json": {"schema": draw(schemas(version))}},
        }
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/t/{id}": {"post": operation}},
        "components": {"schemas": {"Shared": draw(schemas(version, depth=1))}},
    }


def operation_of(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/t/{id}"]["post"]
    return found


def _fitting(draw: st.DrawFn, document: Document, schema: dict[str, Any]) -> Any:
    """A value that (mostly) satisfies ``schema``, or any value."""
    if draw(st.integers(0, 3)) == 0:
        return draw(values)
    dialect: Dialect = "oas3.0" if document["openapi"] == "3.0.3" else "2020-12"
    store = SchemaStore({_BASE: document})
    try:
        generator = compile_generator(
            schema, _BASE, resolver=store, dialect=dialect, direction="request"
        )
        value = generator.generate(Random(draw(st.integers(0, 2**32))))  # noqa: S311 - test data
    except UnsatisfiableError:
        return draw(values)
    if isinstance(value, dict) and value and draw(st.integers(0, 2)) == 0:
        name = draw(st.sampled_from(sorted(value)))
        changed = draw(values)
        value = {key: item for key, item in value.items() if key != name}
        if draw(st.booleans()):
            value[name] = changed
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@st.composite
def requests(draw: st.DrawFn, document: Document) -> Sent:
    """A request to the operation of ``document``."""
    operation = operation_of(document)
    path = "/t/1"
    query: list[str] = []
    headers: dict[str, str] = {}
    for parameter in operation["parameters"]:
        if parameter["in"] != "path" and draw(st.integers(0, 4)) == 0:
            continue
        value = _fitting(draw, document, parameter["schema"])
        items = [_text(item) for item in (value if isinstance(value, list) else [value])]
        joined = ",".join(quote(item, safe="") for item in items)
        if parameter["in"] == "path":
            path = "/t/" + (joined or "1")
        elif parameter["in"] == "query":
            exploded = parameter.get("explode", True)
            query += (
                [f"{parameter['name']}={quote(item, safe='')}" for item in items]
                if exploded
                else [f"{parameter['name']}={joined}"]
            )
        elif parameter["in"] == "header":
            headers[parameter["name"]] = joined or "a"
        else:
            headers["Cookie"] = f"c={joined}"
    body = ""
    if "requestBody" in operation and draw(st.integers(0, 4)) > 0:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = json.dumps(_fitting(draw, document, schema))
        headers["Content-Type"] = "application/json"
    return {
        "path": path,
        "query": "&".join(query),
        "headers": headers,
        "body": body,
    }
