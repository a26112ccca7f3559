"""What GripMock's ``input`` and ``headers`` ask for, as predicates.

``equals`` names fields and their whole values, ``contains`` parts of them (not of texts), ``matches`` regular
expressions that are searched for, ``glob`` patterns of Go's ``path.Match``. All must hold, and one of
``anyOf``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..notes import At, Notes

INPUT_KEYS: Final = ("equals", "contains", "matches", "glob", "anyOf", "ignoreArrayOrder")
HEADER_KEYS: Final = ("equals", "contains", "matches", "glob", "anyOf")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_FLAGS: Final = re.compile(r"\(\?[a-z]+\)")


def input_predicate(given: Any, at: At, notes: Notes) -> dict[str, Any] | None:
    """The predicate on one message; ``None`` if everything will do."""
    matcher = notes.mapping(given, at, "a matcher")
    notes.unknown(matcher, INPUT_KEYS, at, "a matcher")
    parts = _parts(matcher, at, notes)
    alternatives = notes.listed(matcher.get("anyOf"), (*at, "anyOf"), "`anyOf`")
    if alternatives:
        either = []
        for number, alternative in enumerate(alternatives):
            place = (*at, "anyOf", number)
            each = notes.mapping(alternative, place, "a matcher")
            notes.unknown(each, INPUT_KEYS[:4] + INPUT_KEYS[5:], place, "an alternative")
            either.append(_together(_parts(each, place, notes)) or {"present": True})
        parts.append({"anyOf": either})
    return _together(parts)


def _parts(matcher: Mapping[str, Any], at: At, notes: Notes) -> list[dict[str, Any]]:
    any_order = matcher.get("ignoreArrayOrder") is True
    parts: list[dict[str, Any]] = []
    equals = notes.mapping(matcher.get("equals"), (*at, "equals"), "`equals`")
    contains = notes.mapping(matcher.get("contains"), (*at, "contains"), "`contains`")
    if equals:
        part: dict[str, Any] = {"json": equals}
        if _holds_list(equals):
            part["ignoreArrayOrder"] = any_order
            # Lists are to be complete; other fields of the message may be there.
            lists = {f"$.{path}": len(items) for path, items in _lists(equals)}
            part |= {"jsonPath": {f"{path}.length()": size for path, size in lists.items()}}
        parts.append(part)
    if contains:
        parts.append({"json": contains})
    paths: dict[str, Any] = {}
    for name, predicate in (("matches", _searching), ("glob", _glob)):
        asked = notes.mapping(matcher.get(name), (*at, name), f"`{name}`")
        for path, expected, place in _leaves(asked, "$", (*at, name)):
            _take(paths, path, expected, predicate, place, notes)
    if paths:
        parts.append({"jsonPath": paths})
    return parts


def _take(
    paths: dict[str, Any], path: str, expected: Any, predicate: Any, at: At, notes: Notes
) -> None:
    if isinstance(expected, list):
        if not all(isinstance(item, str) for item in expected):
            notes.add("pattern", "patterns are texts; these are left out", at, severity="error")
            return
        paths[f"{path}.length()"] = len(expected)
        each = [predicate(item) for item in expected]
        made = each[0] if len(each) == 1 else {"allOf": each}
        if not each:
            return
    elif isinstance(expected, str):
        made = predicate(expected)
    else:
        made = {"equals": expected}
    paths[path] = {"allOf": [paths[path], made]} if path in paths else made


def _leaves(value: Mapping[str, Any], path: str, at: At) -> list[tuple[str, Any, At]]:
    found = []
    for name, inner in value.items():
        step = f"{path}.{name}" if _NAME.fullmatch(name) else f"{path}[{_quoted(name)}]"
        if isinstance(inner, dict):
            found += _leaves(inner, step, (*at, name))
        else:
            found.append((step, inner, (*at, name)))
    return found


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _holds_list(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_list, value.values()))
    return isinstance(value, list)


def _lists(value: Mapping[str, Any], path: str = "") -> list[tuple[str, list[Any]]]:
    """Lists at plain paths."""
    found = []
    for name, inner in value.items():
        if not _NAME.fullmatch(name):
            continue
        step = f"{path}.{name}" if path else name
        if isinstance(inner, list):
            found.append((step, inner))
        elif isinstance(inner, dict):
            found += _lists(inner, step)
    return found


def _together(parts: list[dict[str, Any]]) -> dict[str, Any] | None:
    """One predicate; ``allOf`` only where two speak of the same."""
    if not parts:
        return None
    merged: dict[str, Any] = {}
    for part in parts:
        if merged.keys() & part.keys():
            return {"allOf": parts}
        merged |= part
    return merged


# ---------------------------------------------------------------- headers


def header_predicates(given: Any, at: At, notes: Notes) -> list[dict[str, Any]]:
    """Predicates by name; several such where ``anyOf`` gives alternatives, of which each is for a stub of its
    own."""
    matcher = notes.mapping(given, at, "`headers`")
    notes.unknown(matcher, HEADER_KEYS, at, "`headers`")
    base = _headers(matcher, at, notes)
    alternatives = notes.listed(matcher.get("anyOf"), (*at, "anyOf"), "`anyOf`")
    if not alternatives:
        return [base]
    made = []
    for number, alternative in enumerate(alternatives):
        place = (*at, "anyOf", number)
        inner = _headers(notes.mapping(alternative, place, "a matcher"), place, notes)
        made.append(_merged(base, inner))
    return made


def _headers(matcher: Mapping[str, Any], at: At, notes: Notes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kinds = (("equals", _exactly), ("contains", _exactly), ("matches", _searching), ("glob", _glob))
    for kind, predicate in kinds:
        asked = notes.mapping(matcher.get(kind), (*at, kind), f"`{kind}`")
        for name, expected in asked.items():
            if not isinstance(expected, str | int | float):
                notes.add(
                    "header",
                    f"{name} is no text; it is left out",
                    (*at, kind, name),
                    severity="error",
                )
                continue
            found = _merged(found, {name.lower(): predicate(str(expected))})
    return found


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(one)
    for name, predicate in other.items():
        made[name] = {"allOf": [made[name], predicate]} if name in made else predicate
    return made


# ---------------------------------------------------------------- texts


def _exactly(text: str) -> dict[str, Any] | str:
    values = [value.strip() for value in text.split(";")]
    return text if len(values) == 1 else {"anyOf": [text, {"allOf": values}]}


def _searching(pattern: str) -> dict[str, str]:
    """Go searches, we match as a whole."""
    flags = _FLAGS.match(pattern)
    start, rest = (flags[0], pattern[flags.end() :]) if flags else ("", pattern)
    rest = rest.replace(r"\z", "$").replace(r"\A", "^").replace("(?P<", "(?<")
    if "|" not in rest and rest.startswith("^") and rest.endswith("$") and not rest.endswith(r"\$"):
        return {"matches": start + rest[1:-1]}
    inner = f"(?:{rest})" if "|" in rest else rest
    return {"matches": f"{start}.*{inner}.*"}


def _glob(pattern: str) -> dict[str, str]:
    """``*`` and ``?`` stop at a slash (Go, path.Match)."""
    made, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        close = pattern.find("]", at + 2) if char == "[" else -1
        if char == "*":
            made += "[^/]*"
        elif char == "?":
            made += "[^/]"
        elif close > 0:
            made += f"[{pattern[at + 1 : close]}]"
            at = close
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            made += re.escape(pattern[at])
        else:
            made += re.escape(char)
        at += 1
    return {"matches": made}
