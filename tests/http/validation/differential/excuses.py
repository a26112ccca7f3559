"""Where openapi-core is known to judge otherwise, and what decides it.

Each excuse names the sentence that decides (or says that none does and what was chosen), says of which
requests it holds, and shows one on which the two really disagree: a test fails if they no longer do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, unquote

from tests.http.validation.differential.cases import Document, Sent, operation_of

Parameter = dict[str, Any]
_NO_BODY: dict[str, str] = {}


class Excuse(NamedTuple):
    """``they`` is openapi-core's verdict on ``example``, a document and a request; ours is the opposite."""

    why: str
    they: Literal["accept", "refuse"]
    holds: Callable[[Document, Sent], bool]
    example: tuple[Document, Sent]


# ---------------------------------------------------------------------- what was sent


def texts(document: Document, sent: Sent) -> Iterator[tuple[Parameter, list[str]]]:
    """Each parameter with the texts that were sent for it, decoded."""
    query = parse_qsl(sent["query"], keep_blank_values=True)
    for parameter in operation_of(document)["parameters"]:
        name = parameter["name"]
        if parameter["in"] == "path":
            yield parameter, [unquote(sent["path"].removeprefix("/t/"))]
        elif parameter["in"] == "query":
            yield parameter, [value for field, value in query if field == name]
        elif parameter["in"] == "header" and name in sent["headers"]:
            yield parameter, [sent["headers"][name]]
        elif parameter["in"] == "cookie" and "Cookie" in sent["headers"]:
            yield parameter, [sent["headers"]["Cookie"].partition("=")[2]]


def _single(parameter: Parameter) -> dict[str, Any]:
    """The schema of one value of a parameter."""
    schema: dict[str, Any] = parameter["schema"]
    return schema.get("items", schema) if schema.get("type") == "array" else schema


def _some(
    holds: Callable[[Parameter, dict[str, Any], str], bool],
) -> Callable[[Document, Sent], bool]:
    """Whether ``holds(parameter, schema, text)`` of any single text that was sent."""

    def check(document: Document, sent: Sent) -> bool:
        return any(
            holds(parameter, _single(parameter), part)
            for parameter, found in texts(document, sent)
            for text in found
            for part in (text.split(",") if parameter["schema"].get("type") == "array" else [text])
        )

    return check


def _body_schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _body_schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from _body_schemas(value)


def _in_body(holds: Callable[[dict[str, Any]], bool]) -> Callable[[Document, Sent], bool]:
    """Whether ``holds`` of a schema of the document, and there is a body."""

    def check(document: Document, sent: Sent) -> bool:
        schemas = [operation_of(document).get("requestBody"), document["components"]]
        return bool(sent["body"]) and any(map(holds, _body_schemas(schemas)))

    return check


# ---------------------------------------------------------------------- examples


def _document(
    parameter: Parameter | None = None, body: Any = None, version: str = "3.0.3", path: Any = None
) -> Document:
    operation: dict[str, Any] = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": path or {"type": "string"}},
            *([parameter] if parameter is not None else []),
        ],
        "responses": {"200": {"description": ""}},
    }
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/t/{id}": {"post": operation}},
        "components": {"schemas": {"Shared": {}}},
    }


def _query(schema: dict[str, Any], query: str, **more: Any) -> tuple[Document, Sent]:
    parameter = {"name": "q", "in": "query", "schema": schema, **more}
    return _document(parameter), {"path": "/t/1", "query": query, "headers": _NO_BODY, "body": ""}


def _body(schema: dict[str, Any], body: str, version: str = "3.0.3") -> tuple[Document, Sent]:
    headers = {"Content-Type": "application/json"}
    return _document(body=schema, version=version), {
        "path": "/t/1", "query": "", "headers": headers, "body": body,
    }  # fmt: skip


_whole_in_body = _in_body(lambda schema: "integer" in str(schema.get("type")))
_whole_in_text = _some(lambda _, schema, text: schema.get("type") == "integer" and ".0" in text)

# ---------------------------------------------------------------------- the excuses

EXCUSES: dict[str, Excuse] = {
    "words for booleans": Excuse(
        "openapi-core takes `1`, `y`, `on` and more for true. A boolean is `true` or `false` (RFC "
        "8259 section 3), and a parameter's value is written as RFC 6570 section 2.3 asks, as a "
        "string: nothing names other words.",
        "accept",
        _some(
            lambda _, schema, text: schema.get("type") == "boolean" and text not in ("true", "false")
        ),
        _query({"type": "boolean"}, "q=1"),
    ),
    "words for numbers": Excuse(
        "Python reads ` 7`, `1_000`, `+5`, `.5` and `nan` as numbers. RFC 8259 section 6 does "
        "not.",
        "accept",
        _some(
            lambda _, schema, text: schema.get("type") in ("integer", "number")
            and (text[:1] == "." or any(char in text for char in " _+nN"))
        ),
        _query({"type": "integer"}, "q=1_000"),
    ),
    "null as a text": Excuse(
        "How null is written is left open (OpenAPI 3.1.1 appendix B: \"null ... "
        "implementation-defined\"); `null` is read as null where the schema allows null.",
        "refuse",
        _some(lambda _, schema, text: schema.get("nullable") is True and text in ("null", "")),
        _query({"type": "integer", "nullable": True}, "q=null"),
    ),
    "nothing as an array": Excuse(
        "RFC 6570 section 2.3 has no form for a list without members, so `q=` is free to mean it, "
        "which is how clients write it; openapi-core reads a list of one empty text.",
        "refuse",
        lambda document, sent: any(
            parameter["schema"].get("type") == "array" and found == [""]
            for parameter, found in texts(document, sent)
        ),
        _query({"type": "array", "items": {"type": "integer"}}, "q=", explode=False),
    ),
    "empty values": Excuse(
        "openapi-core refuses an empty query value without `allowEmptyValue`. \"If style is used, "
        "and if behavior is n/a (cannot be serialized), the value of allowEmptyValue SHALL be "
        "ignored\" (3.0.3, Parameter Object), and the table of styles writes an empty string as "
        "`color=`: it is a value like others.",
        "refuse",
        lambda document, sent: any(
            parameter["in"] == "query" and "" in found for parameter, found in texts(document, sent)
        ),
        _query({"type": "string"}, "q="),
    ),
    "given twice": Excuse(
        "A parameter without a list of values has one value; which of two counts is said nowhere, "
        "so both are refused rather than one ignored.",
        "accept",
        lambda document, sent: any(
            parameter["schema"].get("type") != "array" and len(found) > 1
            for parameter, found in texts(document, sent)
        ),
        _query({"type": "string"}, "q=a&q=b"),
    ),
    "a default for what is required": Excuse(
        "openapi-core takes the default for a required parameter. \"Determines whether this "
        "parameter is mandatory\" (3.1.1, Parameter Object, required): it has to be sent.",
        "accept",
        lambda document, sent: any(
            parameter.get("required") and "default" in parameter["schema"]
            for parameter in operation_of(document)["parameters"]
        ),
        _query({"type": "string", "default": "a"}, "", required=True),
    ),
    "escapes in cookies": Excuse(
        "The style of cookies is `form` (3.0.3, Parameter Object), which is \"form style "
        "parameters defined by RFC 6570\", and that percent-encodes; openapi-core does not decode "
        "them.",
        "refuse",
        lambda document, sent: any(
            parameter["in"] == "cookie" and "%" in "".join(found)
            for parameter, found in texts(document, sent)
        ),
        (
            _document({"name": "c", "in": "cookie", "schema": {"type": "string", "maxLength": 1}}),
            {"path": "/t/1", "query": "", "headers": {"Cookie": "c=%C3%A9"}, "body": ""},
        ),
    ),
    "any text with an @ as an address": Excuse(
        "To openapi-core every text with an `@` is an e-mail address. RFC 5321 section 4.1.2, to "
        "which JSON Schema 2020-12 validation section 7.3.2 points, wants something before and "
        "behind it.",
        "accept",
        lambda _, sent: "@" in unquote(f"{sent['path']}{sent['query']}{sent['body']}{sent['headers']}"),
        _body({"type": "string", "format": "email"}, '"@a"'),
    ),
    "a readOnly property that is sent": Excuse(
        "It \"SHOULD NOT be sent as part of the request\" (3.0.3, Schema Object): no MUST NOT, "
        "and clients send back what they were given.",
        "refuse",
        _in_body(lambda schema: schema.get("readOnly") is True),
        _body({"properties": {"a": {"type": "integer", "readOnly": True}}}, '{"a": 1}'),
    ),
    "whole numbers with a fraction": Excuse(
        "\"Both 1 and 1.0 are considered to be integers\" (3.2.1 section 4.21, Data Types; JSON "
        "Schema 2020-12 core, section 4.2.3). 3.0 points to an older draft that had it otherwise; "
        "Prism accepts both as well.",
        "refuse",
        lambda document, sent: _whole_in_text(document, sent) or _whole_in_body(document, sent),
        _body({"type": "integer"}, "1.0"),
    ),
}  # fmt: skip
"""By name."""


def excuses(document: Document, sent: Sent, *, they_accept: bool) -> list[str]:
    """The names of the excuses that hold for a disagreement."""
    they = "accept" if they_accept else "refuse"
    return [
        name
        for name, excuse in EXCUSES.items()
        if excuse.they == they and excuse.holds(document, sent)
    ]
