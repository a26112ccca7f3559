"""What Postman's authorization types ask of a request, as OpenAPI security schemes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from mockforge.mocking.fields import is_token
from mockforge_http.documents.pointer import Tokens

from .reading import Names, Pair, Reading, pairs_of
from .variables import Scope

_AUTHORIZATION: Final = re.compile(r"([A-Za-z][A-Za-z0-9\-]*)\s+\S")
_STANDARD: Final = frozenset({"basic", "bearer", "digest"})
_IN_QUERY: Final = frozenset({"query", "queryParams", "queryParam"})


class Credential(NamedTuple):
    """A Security Scheme Object, and the name it would like to have."""

    name: str
    scheme: Mapping[str, str]


def read_auth(
    auth: Any, scope: Scope, reading: Reading, at: Tokens, *, in_form: bool
) -> Credential | None:
    """The credential that ``auth`` (version 2.0 or 2.1) asks for; ``None`` for none. ``in_form`` says
    that the request has a form body, where OAuth 1 may put its parameters."""
    if not isinstance(auth, dict) or not isinstance(auth.get("type"), str):
        reading.note("postman-auth", "`auth` is not an object with a `type`; it is left out", at)
        return None
    kind: str = auth["type"]
    settings = {
        pair.key: scope.text(pair.value or "")
        for pair in pairs_of(auth.get(kind), reading, (*at, kind))
    }
    match kind:
        case "noauth":
            return None
        case "apikey":
            return _api_key(settings, reading, at)
        case "basic" | "digest":
            return _http(kind)
        case "bearer" | "asap":
            return _http("bearer")
        case "oauth2" | "jwt":
            return _token(kind, settings)
        case "oauth1":
            if settings.get("addParamsToHeader", "true") not in ("false", ""):
                return _http("OAuth")
            return None if in_form else _key("oauth_signature", "query")
        case "awsv4":
            if settings.get("addAuthDataToQuery") == "true":
                return _key("X-Amz-Signature", "query")
            return _http("AWS4-HMAC-SHA256")
        case "hawk":
            return _http("Hawk")
        case "ntlm":
            return _http("NTLM")
        case "edgegrid":
            return _http("EG1-HMAC-SHA256")
        case _:
            reading.note(
                "postman-auth",
                f"the authorization type {kind!r} is not known; nothing is asked of requests",
                at,
            )
            return None


def auth_of_header(headers: Iterable[Pair], scope: Scope) -> Credential | None:
    """The credential that an ``Authorization`` header written by hand shows: OpenAPI has no other way
    to ask for that header."""
    for header in headers:
        if header.key.lower() == "authorization" and header.enabled and header.value:
            found = _AUTHORIZATION.match(scope.text(header.value))
            return _http(found[1]) if found else _key("Authorization", "header")
    return None


def _api_key(settings: Mapping[str, str], reading: Reading, at: Tokens) -> Credential | None:
    name = settings.get("key", "")
    if not name:
        reading.note("postman-auth", "the API key has no name; nothing is asked of requests", at)
        return None
    return _key(name, "query" if settings.get("in") in _IN_QUERY else "header")


def _token(kind: str, settings: Mapping[str, str]) -> Credential:
    if settings.get("addTokenTo") in _IN_QUERY:
        name = settings.get("queryParamKey") or ("access_token" if kind == "oauth2" else "token")
        return _key(name, "query")
    prefix = settings.get("headerPrefix", "Bearer").strip()
    return _http(prefix) if is_token(prefix) else _key("Authorization", "header")


def _key(name: str, place: str) -> Credential:
    return Credential("apiKeyAuth", {"type": "apiKey", "name": name, "in": place})


def _http(scheme: str) -> Credential:
    lower = scheme.lower()
    if lower in _STANDARD:
        scheme = lower
    name = re.sub(r"[^A-Za-z0-9]+", "", lower)
    return Credential(f"{name}Auth", {"type": "http", "scheme": scheme})


class Schemes:
    """The security schemes of the document made, each under one name."""

    def __init__(self) -> None:
        self.declared: dict[str, Mapping[str, str]] = {}
        self._free = Names()
        self._names: dict[tuple[tuple[str, str], ...], str] = {}

    def name(self, credential: Credential) -> str:
        """The name under which ``credential`` is declared."""
        key = tuple(sorted(credential.scheme.items()))
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self._free.take(credential.name)
            self.declared[name] = credential.scheme
        return name
