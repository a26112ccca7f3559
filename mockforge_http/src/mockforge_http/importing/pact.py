"""Pact files (specification 1 to 4): each HTTP interaction as a stub."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from mockforge.contracts import Imported, Importer
from mockforge.errors import Place, StartError
from mockforge.structured import Limits
from mockforge_http.operations.negotiate import is_json

from .notes import At, Notes
from .opening import encoded, objects, open_json
from .traffic import Answer, Asked, Stubs, query_criteria

_LIMITS: Final = Limits(size=64 * 1024**2, values=5_000_000)
_PATH: Final = re.compile(r"\.([A-Za-z_][\w-]*)|\[(?:'([^']*)'|\"([^\"]*)\"|(\d+|\*))\]")
_TYPES: Final = {
    "integer": "any-number",
    "decimal": "any-number",
    "number": "any-number",
    "boolean": "any-boolean",
}
Rules = dict[str, list[dict[str, Any]]]
"""The matchers of a place, by its path: ``path``, ``query.x``, ``header.x``, ``$.a.b``."""


class PactImporter(Importer):
    """``interactions``: what a consumer sends, and what it expects."""

    name = "pact"
    description = "Pact files, specification 1 to 4"

    def convert(self, path: Path) -> Imported:
        """A stub for each HTTP interaction. Matching rules of the request are kept, those of the response and
        generators are not: the example is answered."""
        structured, notes = open_json(path, _LIMITS)
        value = structured.value
        key = (
            "messages"
            if isinstance(value, dict) and "interactions" not in value
            else "interactions"
        )
        interactions = value.get(key) if isinstance(value, dict) else None
        if not isinstance(interactions, list):
            raise StartError(
                "there are no `interactions`: this is no Pact file", place=Place(str(path))
            )
        made = Stubs()
        seen: dict[str, int] = {}
        for number, interaction in enumerate(interactions):
            _add(interaction, (key, number), made, notes, seen)
        return Imported(made.stubs, made.files, notes.findings)


def _add(interaction: Any, at: At, made: Stubs, notes: Notes, seen: dict[str, int]) -> None:
    request = interaction.get("request") if isinstance(interaction, dict) else None
    response = interaction.get("response") if isinstance(interaction, dict) else None
    if not isinstance(request, dict) or not isinstance(response, dict):
        kind = interaction.get("type") if isinstance(interaction, dict) else None
        notes.add(
            "interaction", f"{kind or 'this'} is no interaction over HTTP; it is left out", at
        )
        return
    native = _request(request, (*at, "request"), notes)
    if response.get("generators"):
        notes.add(
            "generators",
            "the example is answered as it stands",
            (*at, "response", "generators"),
            severity="info",
        )
    key = json.dumps(native, sort_keys=True)
    if key in seen:
        notes.add(
            "same-request",
            f"asks the same as interaction {seen[key] + 1}, in another provider state; the later one answers",
            at,
        )
    seen[key] = int(at[-1])
    asked = Asked(str(native["method"]), str(request.get("path") or "/"))
    made.add(native, [_answer(response, (*at, "response"), notes)], asked)


def _request(request: Mapping[str, Any], at: At, notes: Notes) -> dict[str, Any]:
    rules = _rules(request.get("matchingRules"))
    made: dict[str, Any] = {"method": str(request.get("method") or "GET").upper()}
    path = str(request.get("path") or "/")
    expression = _expression(rules.get("path"))
    plain = path if not set("{}?#") & set(path) else {"equals": path}
    made["path"] = {"matches": expression} if expression else plain
    query = _query(request.get("query"))
    if query:
        criteria = query_criteria(query)
        made["query"] = {
            name: _value(each, rules.get(f"query.{name}")) for name, each in criteria.items()
        }
    headers = request.get("headers")
    if isinstance(headers, Mapping) and headers:
        made["headers"] = {
            name: _value(
                ", ".join(map(str, value)) if isinstance(value, list) else str(value),
                rules.get(f"header.{name.lower()}"),
            )
            for name, value in headers.items()
        }
    body = _content(request.get("body"), (*at, "body"), notes)
    if body is not None:
        made["body"] = _criterion(body, _stated(request), rules)
    return made


def _query(given: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(given, str):
        return tuple(parse_qsl(given, keep_blank_values=True))
    if not isinstance(given, Mapping):
        return ()
    return tuple(
        (name, str(value))
        for name, each in given.items()
        for value in (each if isinstance(each, list) else [each])
    )


def _value(plain: Any, matchers: list[dict[str, Any]] | None) -> Any:
    expression = _expression(matchers)
    if expression:
        return {"matches": expression}
    return {"present": True} if matchers else plain


def _expression(matchers: list[dict[str, Any]] | None) -> str | None:
    """The regular expression among ``matchers``."""
    return next((str(each["regex"]) for each in matchers or () if each.get("regex")), None)


def _rules(given: Any) -> Rules:
    """Matching rules of version 2 (by path) and of 3 and 4 (by part, then path)."""
    made: Rules = {}
    if not isinstance(given, Mapping):
        return made
    for part, rule in given.items():
        if not isinstance(rule, dict):
            continue
        if part.startswith("$"):
            name = part.removeprefix("$.").removeprefix("body")
            if part.startswith("$.body"):
                made[f"${name}"] = [rule]
            else:
                made[name.replace("headers.", "header.").lower() if "header" in name else name] = [
                    rule
                ]
        elif isinstance(rule.get("matchers"), list):
            made[part] = objects(rule["matchers"])
        else:
            for path, inner in rule.items():
                listed = inner.get("matchers") if isinstance(inner, Mapping) else None
                if isinstance(listed, list):
                    name = (
                        path
                        if path.startswith("$")
                        else f"{part}.{path.lower() if part == 'header' else path}"
                    )
                    made[name] = objects(listed)
    return made


# -------------------------------------------------------------------- bodies


def _stated(part: Mapping[str, Any]) -> str:
    headers = part.get("headers")
    named = headers.items() if isinstance(headers, Mapping) else ()
    stated = next((value for name, value in named if name.lower() == "content-type"), "")
    body = part.get("body")
    if not stated and isinstance(body, Mapping) and "content" in body:
        stated = body.get("contentType") or ""
    return str(stated[0] if isinstance(stated, list) and stated else stated)


def _content(body: Any, at: At, notes: Notes) -> Any:
    """The body itself: version 4 wraps it. Bytes where it is no text or JSON."""
    if not (isinstance(body, Mapping) and "content" in body and "contentType" in body):
        return body
    encoded = body.get("encoded")
    if not encoded:
        return body["content"]
    try:
        return base64.b64decode(str(body["content"]))
    except (binascii.Error, ValueError):
        notes.add("base64", "the content is no Base64; it is left out", (*at, "content"))
        return None


def _criterion(body: Any, media_type: str, rules: Rules) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"base64": base64.b64encode(body).decode()}
    if isinstance(body, str) and not (is_json(media_type) and "content" not in rules):
        return {"equals": body}
    expected = body
    for path, matchers in rules.items():
        if path.startswith("$"):
            expected = _replaced(expected, list(_steps(path)), matchers)
    if isinstance(expected, str) and isinstance(body, str):
        return {"equals": body}
    return {"jsonExact": expected}


def _steps(path: str) -> Iterator[str]:
    for match in _PATH.finditer(path):
        yield next(group for group in match.groups() if group is not None)


def _replaced(value: Any, steps: list[str], matchers: list[dict[str, Any]]) -> Any:
    """``value`` with a placeholder where ``steps`` lead."""
    if not steps:
        return _placeholder(value, matchers)
    step, *rest = steps
    if isinstance(value, dict):
        wanted = list(value) if step == "*" else [step]
        return {
            key: _replaced(each, rest, matchers) if key in wanted else each
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [
            _replaced(each, rest, matchers) if step in ("*", str(index)) else each
            for index, each in enumerate(value)
        ]
    return value


def _placeholder(value: Any, matchers: list[dict[str, Any]]) -> Any:
    expression = _expression(matchers)
    if expression and isinstance(value, str):
        return f"${{json-unit.regex}}{expression}"
    kinds = {str(each.get("match", "type")) for each in matchers}
    for kind, name in _TYPES.items():
        if kind in kinds:
            return f"${{json-unit.{name}}}"
    if isinstance(value, bool):
        return "${json-unit.any-boolean}"
    if isinstance(value, int | float):
        return "${json-unit.any-number}"
    if isinstance(value, str):
        return "${json-unit.any-string}"
    # Of arrays of some length and objects by type, any will do.
    return "${json-unit.ignore}" if isinstance(value, list) else value


def _answer(response: Mapping[str, Any], at: At, notes: Notes) -> Answer:
    status = response.get("status", 200)
    headers: list[tuple[str, str]] = []
    given = response.get("headers")
    for name, value in given.items() if isinstance(given, Mapping) else ():
        headers += [(name, str(each)) for each in (value if isinstance(value, list) else [value])]
    body = _content(response.get("body"), (*at, "body"), notes)
    stated = _stated(response)
    if body is None:
        content = b""
    elif isinstance(body, bytes):
        content = body
    elif isinstance(body, str) and not is_json(stated):
        content = encoded(body)
    else:
        content = encoded(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
        stated = stated or "application/json"
    if not isinstance(status, int) or not 200 <= status <= 599:
        notes.add("status", f"{status!r} is no status of an answer; 200 is", (*at, "status"))
        status = 200
    return Answer(status, headers, content, stated)
