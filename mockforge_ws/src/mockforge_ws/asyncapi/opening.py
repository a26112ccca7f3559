"""Opening requests checked: parameters of the path, and what ``bindings.ws`` says of query and headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockforge.explanations import cut
from mockforge.findings import Finding
from mockforge_ws.asyncapi.files import pointer_of
from mockforge_ws.asyncapi.validation import Check, compile_payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockforge.mocking.data.model import Schema
    from mockforge.mocking.stubs import RequestFacts
    from mockforge_ws.asyncapi.model import Channel, Payload
    from mockforge_ws.asyncapi.resolving import Schemas

CODE: Final = "opening.invalid"
SUBPROTOCOL: Final = "sec-websocket-protocol"
MAX_FINDINGS: Final = 20
_MOST_HOPS: Final = 50
_MOST_SHOWN: Final = 10


class Opening:
    """The check of the opening requests of one channel. DocumentError: a schema cannot be used."""

    __slots__ = ("_headers", "_names", "_query", "_values", "subprotocols")

    def __init__(self, channel: Channel, schemas: Schemas) -> None:
        self._values = {
            name: frozenset(each.values) for name, each in channel.parameters.items() if each.values
        }
        self._query = None if channel.query is None else compile_payload(channel.query, schemas)
        self._headers: Check | None = None
        self._names: dict[bytes, str] = {}
        self.subprotocols: tuple[str, ...] = ()
        if channel.headers is not None:
            self._headers = compile_payload(channel.headers, schemas)
            known = dict(_properties(channel.headers, schemas))
            self._names = {name.lower().encode("latin-1", "replace"): name for name in known}
            self.subprotocols = _subprotocols(known)

    def findings(self, facts: RequestFacts, parameters: Mapping[str, str]) -> tuple[Finding, ...]:
        """What is wrong with an opening request."""
        found: list[Finding] = []
        for name, allowed in self._values.items():
            value = parameters.get(name)
            if value is not None and value not in allowed:
                shown = ", ".join(sorted(allowed)[:_MOST_SHOWN])
                found.append(
                    Finding(
                        CODE,
                        f"{cut(repr(value))} is none of the values of the parameter: {shown}",
                        path=f"/path{pointer_of((name,))}",
                    )
                )
        if self._query is not None:
            given = {name: list(values) for name, values in facts.query.items()}
            found += _of("query", self._query, given)
        if self._headers is not None:
            sent = {
                name: list(values)
                for field, name in self._names.items()
                if (values := facts.header(field))
            }
            found += _of("headers", self._headers, sent)
        return tuple(found[:MAX_FINDINGS])


def _of(part: str, check: Check, given: Mapping[str, Sequence[str]]) -> list[Finding]:
    """What is wrong with texts by name: each is read as what its schema wants, where it can be."""
    value: dict[str, Any] = {name: texts[0] for name, texts in given.items()}
    problems = check.problems(value)
    for name, texts in given.items():
        inside = pointer_of((name,))
        for reading in _readings(texts):
            if not any((each.pointer + "/").startswith(inside + "/") for each in problems):
                break
            tried = {**value, name: reading}
            again = check.problems(tried)
            if len(again) < len(problems):
                value, problems = tried, again
    return [Finding(CODE, each.message, path=f"/{part}{each.pointer}") for each in problems]


def _readings(texts: Sequence[str]) -> Iterator[Any]:
    """What texts may stand for: a value, or a list."""
    parsed = [_scalar(text) for text in texts]
    yield parsed[0]
    yield list(texts)
    yield parsed
    if len(texts) == 1 and "," in texts[0]:
        parts = texts[0].split(",")
        yield parts
        yield [_scalar(part) for part in parts]


def _scalar(text: str) -> Any:
    try:
        value = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, dict | list) else value


def _properties(payload: Payload, schemas: Schemas) -> Iterator[tuple[str, Schema]]:
    """The properties that a schema names, itself or by what it refers to."""
    todo: list[tuple[Schema, str]] = [(payload.schema, payload.base)]
    for _ in range(_MOST_HOPS):
        if not todo:
            return
        schema, base = todo.pop()
        if not isinstance(schema, dict):
            continue
        if isinstance(schema.get("$ref"), str):
            todo.append(schemas.resolve(schema["$ref"], base))
        named = schema.get("properties")
        if isinstance(named, dict):
            yield from named.items()
        required = schema.get("required")
        if isinstance(required, list):
            yield from ((name, True) for name in required if name not in (named or {}))
        parts = schema.get("allOf")
        if isinstance(parts, list):
            todo += [(part, base) for part in parts]


def _subprotocols(properties: Mapping[str, Schema]) -> tuple[str, ...]:
    """Those that the schema of the header allows, where it lists them."""
    for name, schema in properties.items():
        if name.lower() == SUBPROTOCOL and isinstance(schema, dict):
            listed = [schema["const"]] if "const" in schema else schema.get("enum", [])
            return tuple(each for each in listed if isinstance(each, str))
    return ()
