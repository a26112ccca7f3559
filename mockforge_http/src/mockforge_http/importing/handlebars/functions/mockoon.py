"""Helpers that Mockoon names otherwise than WireMock, on the request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from .collections import lookup
from .values import found, text


def _at(value: Any, path: Any, default: Any) -> Any:
    """What a path such as ``a.b.0`` or ``$.a[0]`` leads to."""
    source = text(path)
    if source.startswith("$"):
        from .documents import json_path

        return json_path(value, source, default)
    for step in re.findall(r"(?:[^.\\]|\\.)+", source):
        value = lookup(value, step.replace("\\.", "."))
    return found(default if value is None else value)


def body(request: Any, path: Any = None, default: Any = "") -> Any:
    """The body, or what is at a path in it (JSON or a form)."""
    if path in (None, ""):
        return request["body"]
    value = request["json"]
    return _at(request["form"] if value is None else value, path, default)


def query_param(request: Any, path: Any = None, default: Any = "") -> Any:
    """A query parameter, or all of them."""
    return (
        found(dict(request["query"]))
        if path in (None, "")
        else _at(request["query"], path, default)
    )


def url_param(request: Any, name: Any = None) -> Any:
    """A parameter of the path."""
    return dict.get(request["path"], text(name), "")


def cookie(request: Any, name: Any = None, default: Any = "") -> Any:
    """A cookie."""
    return _at(request["cookies"], name, default)


def header(request: Any, name: Any = None, default: Any = "") -> Any:
    """A header."""
    value = request["headers"].get(text(name).lower())
    return default if value is None else value


MOCKOON: Final[Mapping[str, Callable[..., Any]]] = {
    "mockoon.body": body,
    "mockoon.cookie": cookie,
    "mockoon.header": header,
    "mockoon.queryParam": query_param,
    "mockoon.urlParam": url_param,
}
"""Helpers whose first argument is ``request``."""
