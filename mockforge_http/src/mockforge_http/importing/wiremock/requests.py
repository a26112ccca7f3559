"""The ``request`` of a mapping."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from ..notes import At, Notes
from ..opening import encoded
from .matchers import NEVER, Matchers, simplest, together
from .urls import KEYS as URLS
from .urls import url_parts

KEYS: Final = (
    "method", *URLS, "pathParameters", "queryParameters", "formParameters", "headers", "cookies",
    "basicAuthCredentials", "basicAuth", "bodyPatterns", "multipartPatterns", "host", "port", "scheme",
    "clientIp", "customMatcher",
)  # fmt: skip
_MULTIPART: Final = ("matchingType", "name", "fileName", "headers", "bodyPatterns")


def translate_request(given: Any, at: At, notes: Notes) -> tuple[dict[str, Any], bool]:
    """The native ``request``, and whether all of it could be said."""
    matchers = Matchers(notes)
    if not isinstance(given, Mapping):
        notes.add("shape", "`request` is no object; the stub is switched off", at, severity="error")
        return {}, False
    notes.unknown(dict(given), KEYS, at, "a request pattern")
    made: dict[str, Any] = {}
    method = given.get("method", "ANY")
    if isinstance(method, str) and method.upper() != "ANY":
        made["method"] = method.upper()
    made.update(url_parts(given, at, matchers))
    for key, name in (("queryParameters", "query"), ("headers", "headers"), ("cookies", "cookies")):
        found = _named(given.get(key), (*at, key), matchers, many=key != "cookies")
        if found:
            made[name] = found
    _credentials(given, at, made, notes)
    _where_from(given, at, made, matchers)
    body = _body(given, at, matchers)
    if body is not None:
        made["body"] = body
    _custom(given.get("customMatcher"), (*at, "customMatcher"), made, matchers)
    return made, not matchers.failed


def _named(given: Any, at: At, matchers: Matchers, *, many: bool) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        matchers.refuse("an object of patterns by name is expected", at)
        return {}
    ask = matchers.many if many else matchers.value
    return {name: simplest(ask(pattern, (*at, name))) for name, pattern in given.items()}


def _credentials(given: Mapping[str, Any], at: At, made: dict[str, Any], notes: Notes) -> None:
    key = "basicAuthCredentials" if "basicAuthCredentials" in given else "basicAuth"
    credentials = given.get(key)
    if not isinstance(credentials, Mapping):
        return
    pair = f"{credentials.get('username', '')}:{credentials.get('password', '')}"
    value = "Basic " + base64.b64encode(encoded(pair)).decode()
    headers: dict[str, Any] = made.setdefault("headers", {})
    named = next((name for name in headers if name.lower() == "authorization"), None)
    if named is None:
        headers["Authorization"] = value
    elif headers[named] != value:
        other = headers[named] if isinstance(headers[named], dict) else {"equals": headers[named]}
        headers[named] = together([{"equals": value}, other])
    del at, notes


def _where_from(given: Mapping[str, Any], at: At, made: dict[str, Any], matchers: Matchers) -> None:
    hosts: list[dict[str, Any]] = []
    if given.get("host") is not None:
        hosts.append(_as_dict(matchers.value(given["host"], (*at, "host"))))
    if given.get("port") is not None:
        hosts.append({"endsWith": f":{given['port']}"})
    if hosts:
        made["host"] = simplest(hosts[0]) if len(hosts) == 1 else {"allOf": hosts}
    if given.get("clientIp") is not None:
        made["client"] = simplest(matchers.value(given["clientIp"], (*at, "clientIp")))
    if isinstance(given.get("scheme"), str):
        made["scheme"] = given["scheme"].lower()


def _as_dict(predicate: Any) -> dict[str, Any]:
    return predicate if isinstance(predicate, dict) else {"equals": predicate}


# -------------------------------------------------------------------- bodies


def _body(given: Mapping[str, Any], at: At, matchers: Matchers) -> Any:
    parts: list[dict[str, Any]] = []
    patterns = given.get("bodyPatterns")
    if patterns is not None:
        here = (*at, "bodyPatterns")
        if not isinstance(patterns, list):
            return matchers.refuse("a list of patterns is expected", here)
        parts += [
            _as_dict(matchers.value(pattern, (*here, number), body=True))
            for number, pattern in enumerate(patterns)
        ]
    form = _named(given.get("formParameters"), (*at, "formParameters"), matchers, many=True)
    if form:
        parts.append({"form": form})
    parts += _multipart(given.get("multipartPatterns"), (*at, "multipartPatterns"), matchers)
    return together(parts) if parts else None


def _multipart(given: Any, at: At, matchers: Matchers) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list):
        return [matchers.refuse("a list of patterns is expected", at)]
    return [_part(each, (*at, number), matchers) for number, each in enumerate(given)]


def _part(given: Any, at: At, matchers: Matchers) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return matchers.refuse("a multipart pattern is an object", at)
    matchers.notes.unknown(dict(given), _MULTIPART, at, "a multipart pattern")
    wanted: dict[str, Any] = {}
    if given.get("name") is not None:
        matchers.notes.add(
            "part-name",
            "WireMock does not look at the name of a part here; ask for it in Content-Disposition",
            (*at, "name"),
            severity="info",
        )
    if given.get("fileName") is not None:
        wanted["filename"] = simplest(matchers.value(given["fileName"], (*at, "fileName")))
    headers = _named(given.get("headers"), (*at, "headers"), matchers, many=True)
    if headers:
        wanted["headers"] = headers
    patterns = given.get("bodyPatterns")
    if isinstance(patterns, list) and patterns:
        here = (*at, "bodyPatterns")
        wanted["body"] = together(
            [
                _as_dict(matchers.value(each, (*here, number), body=True))
                for number, each in enumerate(patterns)
            ]
        )
    made: dict[str, Any] = {"multipart": [wanted or {"headers": {}}]}
    if str(given.get("matchingType", "ANY")).upper() == "ALL":
        made["allParts"] = True
    return made


# -------------------------------------------------------------------- custom matchers


def _custom(given: Any, at: At, made: dict[str, Any], matchers: Matchers) -> None:
    if given is None:
        return
    name = given.get("name") if isinstance(given, Mapping) else None
    parameters = given.get("parameters") if isinstance(given, Mapping) else None
    if name == "state-matcher" and isinstance(parameters, Mapping):
        from .state import state_conditions

        found = state_conditions(parameters, (*at, "parameters"), matchers)
        if found:
            made["where"] = found
        return
    made["path"] = made.get("path", NEVER)
    matchers.refuse(f"the matcher {name!r} is code of an extension", at)
