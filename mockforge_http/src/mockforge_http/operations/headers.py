"""Declared response headers, with values: their example, or data made from their schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from mockforge.mocking.fields import is_token
from mockforge_http.render.text import render_text

if TYPE_CHECKING:
    from mockforge_http.documents import Parameter, ResponseView
    from mockforge_http.operations.answering import Answering

# Fields that the wire writes, and Content-Type, of which OpenAPI says that a declaration is ignored
# (3.1.1 section 4.8.17). A Content-Encoding that is declared would be a lie: bodies are not encoded.
_NOT_OURS = frozenset(
    {
        "connection", "content-encoding", "content-length", "content-type", "date", "keep-alive",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_NOT_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def response_headers(response: ResponseView, answering: Answering) -> tuple[tuple[str, str], ...]:
    """Names and values in the document's order; headers that have neither schema nor example are left
    out unless they are required."""
    found: list[tuple[str, str]] = []
    for name, header in response.headers.items():
        if not may_be_sent(name):
            continue
        value = parameter_value(header, name, answering)
        if value is not None:
            found.append((name, field_value(value, header.explode)))
    return tuple(found)


def may_be_sent(name: str) -> bool:
    """Whether ``name`` is a field name, and of a field that is not the wire's to write."""
    return name.lower() not in _NOT_OURS and is_token(name)


def field_value(value: Any, explode: bool) -> str:
    """``value`` as the text of a field, without what a field cannot hold."""
    return _NOT_VALUE.sub("", serialize_simple(value, explode)).strip()


def parameter_value(header: Parameter, name: str, answering: Answering) -> Any:
    """A value for a header or parameter: its example, or one made from its schema. Without either, nothing
    at all (``None``) unless it is required."""
    if header.example is not msgspec.UNSET:
        return header.example
    for example in header.examples.values():
        if example.value is not msgspec.UNSET:
            return example.value
    schema = header.schema or next((media.schema for media in header.content.values()), None)
    if schema is None:
        return "" if header.required else None
    generator = answering.compile(schema, use_examples=True, name=name)
    return generator.generate(answering.random)


def serialize_simple(value: Any, explode: bool) -> str:
    """A value in style ``simple`` (OpenAPI 3.1.1 section 4.8.12.3): the only one for headers."""
    if isinstance(value, dict):
        if explode:
            return ",".join(f"{key}={_text(item)}" for key, item in value.items())
        return ",".join(f"{key},{_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return _text(value)


def _text(value: Any) -> str:
    return render_text(value).decode("utf-8", "replace")
