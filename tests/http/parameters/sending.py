"""A parameter on its way: formatted by a client, sent in a request, decoded by the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from msgspec import UNSET

from mockforge_http.findings import RequestFinding
from mockforge_http.parameters import ParameterDecoder, ParameterSpec, format_parameter
from tests.http.values.nodes import node

INTEGERS = {"type": "array", "items": {"type": "integer"}}
STRINGS = {"type": "array", "items": {"type": "string"}}


def spec(place: Any, schema: Any = True, name: str = "color", **more: Any) -> ParameterSpec:
    """A parameter with ``schema``."""
    return ParameterSpec(name, place, schema=node(schema), **more)


def send(parameter: ParameterSpec, text: str) -> tuple[Any, Sequence[RequestFinding]]:
    """What a server makes of ``text``, which stands where the parameter has its place; ``UNSET`` if it
    has no value."""
    decoder = ParameterDecoder([parameter], f"/x/{{{parameter.name}}}")
    query, path, fields = "", "", {}
    values: tuple[str, ...] = ("",)
    if parameter.place == "path":
        path, values = f"/x/{text}", (unquote(text),)
    elif parameter.place == "header":
        fields = {parameter.name.lower().encode(): text.encode()}
    elif parameter.place == "cookie":
        fields = {b"cookie": text.encode()}
    else:
        query = text
    found, findings = decoder.decode(values, query, fields, path)
    return found.get((parameter.place, parameter.name), UNSET), findings


def value_of(parameter: ParameterSpec, text: str) -> Any:
    """The value of ``text``, with which nothing is wrong."""
    value, findings = send(parameter, text)
    assert not findings, findings
    return value


def finding_of(parameter: ParameterSpec, text: str) -> RequestFinding:
    """The one thing that is wrong with ``text``."""
    _, findings = send(parameter, text)
    assert len(findings) == 1, findings
    return findings[0]


def there_and_back(parameter: ParameterSpec, value: Any) -> Any:
    """``value`` as it arrives."""
    return value_of(parameter, format_parameter(parameter, value))
