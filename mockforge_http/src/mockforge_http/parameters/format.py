"""Values as parameters: the way back from what :class:`~mockforge_http.parameters.ParameterDecoder` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote

from mockforge_http.parameters.spec import DELIMITED, ParameterSpec
from mockforge_http.render import render
from mockforge_http.render.json import render_json
from mockforge_http.render.schema import SchemaNode

_DELIMITERS: Final = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
_PLAIN_DELIMITERS: Final = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_RESERVED: Final = ":/?@!$'()*,;"
"""What ``allowReserved`` lets through in a query string or form: RFC 3986's reserved characters without
those that mean something there (``&``, ``=``, ``+``, ``#``, ``[``, ``]``)."""


class _NoDocument:
    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        raise LookupError(ref)


def format_parameter(spec: ParameterSpec, value: Any) -> str:
    """``value`` as it is sent: for a path parameter what replaces ``{name}``, for a query parameter the
    fields without a leading ``?`` or ``&``, for a header the field's value, for a cookie the pairs.

    Numbers, booleans and null are written as JSON writes them. An empty query array or object that is
    exploded gives ``""``: there is nothing to send. ValueError if the style has no form for the value.
    """
    if spec.content:
        return _content(spec, value)
    if spec.place == "path":
        return _path(spec, value)
    if spec.place == "header":
        between = _PLAIN_DELIMITERS.get(spec.used_style, ",")
        return _delimited(value, between, _assigned(spec), _text)
    if spec.place == "cookie":
        return _fields(spec, value, "; ", _text if spec.used_style == "cookie" else _quoted)
    return _fields(spec, value, "&", _reserved if spec.allow_reserved else _quoted)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        raise ValueError("no parameter style has a form for arrays and objects inside others")  # noqa: TRY004
    return render_json(value).decode()


def _quoted(value: Any) -> str:
    return quote(_text(value), safe="")


def _reserved(value: Any) -> str:
    return quote(_text(value), safe=_RESERVED)


def _assigned(spec: ParameterSpec) -> str:
    return "=" if spec.exploded and spec.used_style not in DELIMITED else ""


def _delimited(value: Any, between: str, assign: str, escape: Callable[[Any], str]) -> str:
    """Items, or members as ``name<assign>value``, put together with ``between``."""
    if isinstance(value, list):
        return between.join(map(escape, value))
    if isinstance(value, dict):
        return between.join(
            f"{escape(name)}{assign or between}{escape(item)}" for name, item in value.items()
        )
    return escape(value)


def _path(spec: ParameterSpec, value: Any) -> str:
    escape = _reserved_path if spec.allow_reserved else _quoted
    style, exploded = spec.used_style, spec.exploded
    if style == "label":
        return "." + _delimited(value, "." if exploded else ",", _assigned(spec), escape)
    if style == "matrix":
        return _matrix(quote(spec.name, safe=""), value, exploded, escape)
    return _delimited(value, _DELIMITERS.get(style, ","), _assigned(spec), escape)


def _reserved_path(value: Any) -> str:
    return quote(_text(value), safe=":@!$&'()*+,;=")


def _matrix(name: str, value: Any, exploded: bool, escape: Callable[[Any], str]) -> str:
    if exploded and isinstance(value, list) and value:
        return "".join(_pair(f";{name}", escape(item)) for item in value)
    if exploded and isinstance(value, dict) and value:
        return "".join(f";{escape(key)}={escape(item)}" for key, item in value.items())
    return _pair(f";{name}", _delimited(value, ",", "", escape))


def _pair(name: str, value: str) -> str:
    """RFC 6570 section 3.2.7: no ``=`` behind the name of an empty value."""
    return f"{name}={value}" if value else name


def _fields(spec: ParameterSpec, value: Any, between: str, escape: Callable[[Any], str]) -> str:
    name = spec.name if spec.place == "cookie" else quote(spec.name, safe="")
    if spec.used_style == "deepObject" and isinstance(value, dict | list):
        return between.join(_deep(name, value, escape))
    if spec.used_style in DELIMITED:
        return f"{name}={_delimited(value, _DELIMITERS[spec.used_style], '', escape)}"
    if spec.exploded and isinstance(value, list):
        return between.join(f"{name}={escape(item)}" for item in value)
    if spec.exploded and isinstance(value, dict):
        return between.join(f"{escape(key)}={escape(item)}" for key, item in value.items())
    return f"{name}={_delimited(value, ',', '', escape)}"


def _deep(
    name: str, value: dict[str, Any] | list[Any], escape: Callable[[Any], str]
) -> Iterable[str]:
    """``a[b]=1``, and for what OpenAPI leaves open ``a[b][c]=1`` and ``a[b][0]=1``."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in members:
        inner = f"{name}%5B{quote(str(key), safe='')}%5D"
        if isinstance(item, dict | list):
            yield from _deep(inner, item, escape)
        else:
            yield f"{inner}={escape(item)}"


def _content(spec: ParameterSpec, value: Any) -> str:
    media_type, media = next(iter(spec.content.items()))
    node = media.schema or SchemaNode(True, "", _NoDocument())
    text = render(media_type, value, node).decode()
    if spec.place == "querystring":
        return text if media_type == "application/x-www-form-urlencoded" else quote(text, safe="")
    if spec.place == "query":
        return f"{quote(spec.name, safe='')}={quote(text, safe='')}"
    if spec.place == "cookie":
        return f"{spec.name}={quote(text, safe='')}"
    return quote(text, safe="") if spec.place == "path" else text
