"""Helpers about JSON, XML and forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from .values import HelperError, Listed, Mapped, compact, found, java, plain, pretty, text

MOST_DOCUMENT: Final = 1_000_000
"""Longest text that is parsed, in characters."""


def decoded(value: Any) -> Any:
    """The JSON value in a text; what is no text is taken as it is. ValueError."""
    if not isinstance(value, str):
        return plain(value)
    if len(value) > MOST_DOCUMENT:
        raise HelperError(f"a document is longer than {MOST_DOCUMENT:,} characters")
    try:
        return json.loads(value)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def json_path(value: Any, path: Any = None, default: Any = None) -> Any:
    """What ``path`` leads to; ``default``, or nothing, where that is null or missing, or ``value`` is no
    JSON."""
    from mockforge.mocking.matching.jsonpath import JsonPathError, compile_jsonpath

    source = text(path)
    if not source:
        raise HelperError("The JSONPath cannot be empty")
    try:
        compiled = compile_jsonpath(source)
    except JsonPathError as error:
        raise HelperError(f"{source} is not a valid JSONPath expression") from error
    if value is None:
        return default
    try:
        nodes = compiled.find(decoded(value))
    except ValueError:
        return default
    if compiled.definite:
        return default if not nodes or nodes[0] is None else found(nodes[0])
    return found(nodes)


def parse_json(value: Any) -> Any:
    """The value of a JSON text."""
    try:
        return java(decoded(value if value is not None else ""))
    except ValueError as error:
        raise HelperError("The JSON cannot be parsed") from error


def to_json(value: Any) -> str:
    """As indented JSON."""
    return pretty(plain(value))


def format_json(value: Any, format: Any = "pretty") -> str:  # noqa: A002 - WireMock's name
    """JSON text, indented or ``compact``."""
    made = parse_json(value)
    return compact(made) if format == "compact" else pretty(made, nulls=True)


def _json_text(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        raise HelperError(f"{name} must be a string")
    try:
        return decoded(value)
    except ValueError as error:
        raise HelperError(f"{name} is not valid JSON") from error


def json_array_add(
    base: Any,
    item: Any = None,
    maxItems: Any = None,  # noqa: N803 - WireMock's name
    flatten: Any = False,
    jsonPath: Any = None,  # noqa: N803 - WireMock's name
) -> str:
    """``base`` with ``item`` at the end of it, or of the array at ``jsonPath``."""
    document = _json_text(base, "Base JSON")
    target = document
    if jsonPath is not None:
        from mockforge.mocking.matching.jsonpath import compile_jsonpath

        nodes = compile_jsonpath(text(jsonPath)).find(document)
        target = nodes[0] if nodes else None
    if not isinstance(target, list):
        raise HelperError("Target JSON is not an array")
    added = _json_text(item, "Item-to-add JSON")
    if flatten is True and isinstance(added, list):
        target.extend(added)
    else:
        target.append(added)
    if isinstance(maxItems, int) and maxItems >= 0:
        del target[: max(0, len(target) - maxItems)]
    return compact(document)


def json_merge(base: Any, other: Any = None, removeNulls: Any = False) -> str:  # noqa: N803 - WireMock's name
    """Both objects in one; what the second says counts."""
    left, right = _json_text(base, "Base JSON"), _json_text(other, "JSON to merge")
    if not isinstance(left, dict) or not isinstance(right, dict):
        raise HelperError("Both must be JSON objects")
    return compact(_merged(left, right, removeNulls is True))


def _merged(left: dict[str, Any], right: Mapping[str, Any], removes: bool) -> dict[str, Any]:
    for key, value in right.items():
        before = left.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            _merged(before, value, removes)
        elif value is None and removes:
            left.pop(key, None)
        else:
            left[key] = value
    return left


def json_remove(base: Any, path: Any = None) -> str:
    """``base`` without what ``path`` leads to."""
    from mockforge.mocking.matching.jsonpath import compile_jsonpath

    document = _json_text(base, "Input JSON")
    gone = {id(node) for node in compile_jsonpath(text(path)).find(document)}
    return compact(_without(document, gone))


def _without(value: Any, gone: set[int]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, gone) for key, item in value.items() if id(item) not in gone}
    if isinstance(value, list):
        return [_without(item, gone) for item in value if id(item) not in gone]
    return value


def form_data(value: Any, urlDecode: Any = False) -> Mapped:  # noqa: N803 - WireMock's name
    """The fields of a form by name."""
    made = Mapped()
    for part in text(value)[:MOST_DOCUMENT].split("&")[:1_000]:
        name, equals, content = part.partition("=")
        if equals:
            fields = made.setdefault(name, Fields())
            fields.append(unquote(content.replace("+", " ")) if urlDecode is True else content)
    return made


class Fields(Listed):
    """Values of one name; prints the first."""

    __slots__ = ()

    def __str__(self) -> str:
        return text(self[0]) if self else ""


def query_fields(query: str) -> Mapped:
    """The parameters of a query, all values of each."""
    made = Mapped()
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=10_000):
        made.setdefault(name, Fields()).append(value)
    return made


DOCUMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "formData": form_data,
    "formatJson": format_json,
    "jsonArrayAdd": json_array_add,
    "jsonMerge": json_merge,
    "jsonPath": json_path,
    "jsonRemove": json_remove,
    "parseJson": parse_json,
    "toJson": to_json,
}
