"""Runtime expressions (OpenAPI 3.1.1 section 4.8.20.2): values of a request and its answer by name.

A key of a Callback Object is one (``$request.body#/url``), or text with some in braces
(``https://example.com?id={$request.body#/id}``).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET

from mockforge.mocking.exchange import Request, Response

_EMBEDDED: Final = re.compile(r"\{(\$[^{}]*)\}")
_SOURCE: Final = re.compile(
    r"\$(request|response)\.(?:(header|query|path)\.(.+)|(body)(?:#(/.*)?)?)", re.DOTALL
)
_MOST_FIELDS: Final = 1000
_LONGEST: Final = 8 * 1024


class ExpressionError(ValueError):
    """An expression that is none, or that has no value here."""


class Facts:
    """What expressions can speak of: a request, the values of its path parameters by name, its decoded
    ``body`` (``UNSET``: none), and its answer."""

    def __init__(
        self, request: Request, response: Response, path: dict[str, str], body: Any = UNSET
    ) -> None:
        self.request = request
        self.response = response
        self.path = path
        self.body = body

    @property
    def url(self) -> str:
        """The address that was called."""
        request = self.request
        return f"{request.scheme}://{request.header('host') or 'localhost'}{request.target}"

    @cached_property
    def query(self) -> dict[str, str]:
        """Query fields; of those given twice, the first."""
        try:
            pairs = parse_qsl(
                self.request.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS
            )
        except ValueError:
            return {}
        return dict(reversed(pairs))

    @cached_property
    def response_body(self) -> Any:
        """The answer's body, if it is JSON."""
        if self.response.stream is not None:
            return UNSET
        try:
            return msgspec.json.decode(self.response.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return UNSET


def evaluate(template: str, facts: Facts) -> str:
    """``template`` with its expressions replaced by their values; ExpressionError says which has none."""
    if template.startswith("$"):
        text = _text(template, facts)
    else:
        text = _EMBEDDED.sub(lambda match: _text(match[1], facts), template)
    if len(text) > _LONGEST:
        raise ExpressionError(f"{template} is longer than {_LONGEST:,} characters")
    return text


def _text(expression: str, facts: Facts) -> str:
    value = _value(expression, facts)
    if value is UNSET or value is None:
        raise ExpressionError(f"{expression} has no value in this request or its answer")
    if isinstance(value, dict | list):
        raise ExpressionError(f"{expression} is not a single value")
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _value(expression: str, facts: Facts) -> Any:
    if expression == "$url":
        return facts.url
    if expression == "$method":
        return facts.request.method
    if expression == "$statusCode":
        return facts.response.status
    match = _SOURCE.fullmatch(expression)
    if match is None:
        raise ExpressionError(f"{expression} is not a runtime expression")
    side, kind, name, body, pointer = match.groups()
    if body:
        whole = facts.body if side == "request" else facts.response_body
        return _at(whole, pointer or "")
    if kind == "header":
        holder = facts.request if side == "request" else facts.response
        return holder.header(name, "") or UNSET
    if side == "response":
        raise ExpressionError(f"{expression}: an answer has no {kind}")
    return (facts.query if kind == "query" else facts.path).get(name, UNSET)


def _at(value: Any, pointer: str) -> Any:
    """What the JSON pointer (RFC 6901) leads to in ``value``."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isascii() and token.isdigit():
            if int(token) >= len(value):
                return UNSET
            value = value[int(token)]
        else:
            return UNSET
    return value
