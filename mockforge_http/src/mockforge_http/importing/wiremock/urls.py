"""``url``, ``urlPattern``, ``urlPath``, ``urlPathPattern`` and ``urlPathTemplate``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..notes import At
from .matchers import NEVER, Matchers

KEYS: Final = ("urlPath", "urlPathPattern", "urlPathTemplate", "url", "urlPattern")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][\w.\-]*")


def url_parts(request: Mapping[str, Any], at: At, matchers: Matchers) -> dict[str, Any]:
    """What a stub's ``request`` says of the URL; nothing if any is fine."""
    given = [key for key in KEYS if request.get(key) is not None]
    if not given:
        return {}
    for key in given[1:]:
        matchers.notes.add(
            "two-urls", f"{given[0]} counts, {key} is left out", (*at, key), hint="keep one of them"
        )
    key = given[0]
    value = request[key]
    here = (*at, key)
    if not isinstance(value, str):
        return {"path": matchers.refuse(f"{key} is no text", here)}
    if key == "url":
        return {"url": value}
    if key == "urlPath":
        return {"path": literal_path(value)}
    if key == "urlPattern":
        if value == ".*":
            return {}
        return {"url": {"matches": value} if matchers.expression(value, here) else NEVER}
    if key == "urlPathPattern":
        if value == ".*":
            return {}
        if not matchers.expression(value, here):
            return {"path": NEVER}
        if re.search(r"%[0-9A-Fa-f]{2}", value):
            # WireMock compares paths as they were sent.
            return {"url": {"matches": f"(?:{value})(?:\\?.*)?"}}
        return {"path": {"matches": value}}
    return _templated(value, request.get("pathParameters"), here, matchers)


def literal_path(path: str) -> str | dict[str, str]:
    """``path`` so that braces in it are no parameters."""
    if set("{}?#") & set(path) or not path.startswith("/"):
        return {"equals": path}
    return path


def _templated(template: str, parameters: Any, at: At, matchers: Matchers) -> dict[str, Any]:
    names = _VARIABLE.findall(template)
    plain = all(_PLAIN_NAME.fullmatch(name) for name in names) and len(set(names)) == len(names)
    if plain and template.startswith("/") and not set("?#") & set(template):
        made: dict[str, Any] = {"path": template}
    else:
        made = {"path": {"matches": template_expression(template)}}
        matchers.notes.add(
            "path-template",
            "values of this path template have no names in templates",
            at,
            severity="info",
        )
    if not isinstance(parameters, Mapping):
        return made
    wanted: list[dict[str, Any]] = []
    for name, pattern in parameters.items():
        here = (*at[:-1], "pathParameters", name)
        if name not in names:
            made["path"] = matchers.refuse(f"the path has no parameter {name!r}", here)
            continue
        wanted += _parameter(template, name, matchers.value(pattern, here), here, matchers)
    if wanted:
        made["allOf"] = wanted
    return made


def _parameter(
    template: str, name: str, predicate: Any, at: At, matchers: Matchers
) -> list[dict[str, Any]]:
    """A condition on one parameter as one on the whole path."""
    if not isinstance(predicate, dict) or len(predicate) != 1:
        return [{"path": matchers.refuse("this pattern cannot be asked of part of a path", at)}]
    kind, value = next(iter(predicate.items()))
    quoted = re.escape(value) if isinstance(value, str) else ""
    expressions = {
        "equals": quoted,
        "equalsIgnoreCase": f"(?i:{quoted})",
        "contains": f"[^/]*{quoted}[^/]*",
        "notContains": f"[^/]*{quoted}[^/]*",
        "matches": f"(?:{value})",
        "notMatches": f"(?:{value})",
    }
    if kind not in expressions:
        return [{"path": matchers.refuse("this pattern cannot be asked of part of a path", at)}]
    condition = {"path": {"matches": template_expression(template, {name: expressions[kind]})}}
    return [{"not": condition}] if kind.startswith("not") else [condition]


def template_expression(template: str, values: Mapping[str, str] | None = None) -> str:
    """A regular expression for the paths of a template (RFC 6570 as far as WireMock takes it)."""
    made = ""
    end = 0
    for match in _VARIABLE.finditer(template):
        made += re.escape(template[end : match.start()])
        name = match[1]
        if values and name in values:
            made += values[name]
        elif name.endswith("*") or name.startswith("+"):
            made += ".+"
        else:
            made += {".": r"\.[^/]+", ";": r";[^/]+"}.get(name[:1], "[^/]+")
        end = match.end()
    return made + re.escape(template[end:])
