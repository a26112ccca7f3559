"""One security scheme: is its credential there, and has it the right shape?

OpenAPI 3.1.1 section 4.8.27, 3.2.0 section 4.26, 2.0 "Security Scheme Object". A check returns ``None``
if the credential is fine, else a sentence that says what is expected and what came.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from mockforge.mocking.exchange import Request

Check = Callable[[Request], str | None]

# RFC 9110 section 11.2: token68.
_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_DIGEST_PARAM = re.compile(r'([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_DIGEST_NEEDED = frozenset({"username", "realm", "nonce", "uri", "response"})
_MOST_FIELDS = 1000


class Scheme:
    """A compiled scheme: its ``check`` and the ``challenge`` for ``WWW-Authenticate`` (RFC 9110 section
    11.6.1), which is ``None`` where no HTTP authentication scheme stands for it."""

    __slots__ = ("challenge", "check", "name")

    def __init__(self, name: str, check: Check, challenge: str | None) -> None:
        self.name = name
        self.check = check
        self.challenge = challenge


def compile_scheme(name: str, declared: Mapping[str, Any]) -> Scheme:
    """The scheme that ``declared`` (a Security Scheme Object of any version) describes.

    A kind that is not known cannot be checked and lets every request pass; ``lint`` reports it.
    """
    kind = str(declared.get("type", "")).lower()
    if kind == "apikey":
        return _api_key(name, declared)
    if kind == "basic":
        return Scheme(name, _basic, f'Basic realm="{_realm(name)}"')
    if kind == "http":
        return _http(name, str(declared.get("scheme", "")))
    if kind in ("oauth2", "openidconnect"):
        return Scheme(name, _bearer, f'Bearer realm="{_realm(name)}"')
    if kind == "mutualtls":
        return Scheme(name, _mutual_tls, None)
    return Scheme(name, lambda _request: None, None)


def _realm(name: str) -> str:
    return re.sub(r'["\\\x00-\x1f\x7f-\U0010ffff]', "", name)


def _api_key(name: str, declared: Mapping[str, Any]) -> Scheme:
    parameter = str(declared.get("name", ""))
    place = declared.get("in")
    read: Callable[[Request], str | None]
    if place == "header":
        key = parameter.lower().encode("latin-1", "replace")

        def read(request: Request) -> str | None:
            value = request.fields.get(key)
            return None if value is None else value.decode("latin-1")

    elif place == "cookie":

        def read(request: Request) -> str | None:
            return cookies(request).get(parameter)

    else:

        def read(request: Request) -> str | None:
            pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            return next((value for field, value in pairs if field == parameter), None)

    def check(request: Request) -> str | None:
        try:
            value = read(request)
        except ValueError:  # more fields than are read
            value = None
        if value is None:
            return f"expected an API key in {place} {parameter!r}, but there is none"
        return None if value.strip() else f"the API key in {place} {parameter!r} is empty"

    return Scheme(name, check, None)


def _http(name: str, scheme: str) -> Scheme:
    realm = _realm(name)
    lower = scheme.lower()
    if lower == "basic":
        return Scheme(name, _basic, f'Basic realm="{realm}"')
    if lower == "bearer":
        # `bearerFormat` is documentation, not a rule (OpenAPI 3.1.1 section 4.8.27.1).
        return Scheme(name, _bearer, f'Bearer realm="{realm}"')
    if lower == "digest":
        challenge = f'Digest realm="{realm}", qop="auth", algorithm=SHA-256, nonce="mockforge"'
        return Scheme(name, _digest, challenge)

    def check(request: Request) -> str | None:
        given, credentials = _authorization(request)
        if given.lower() != lower:
            return _expected(scheme, given)
        return None if credentials else f"the {scheme} credentials are empty"

    return Scheme(
        name, check, f'{scheme} realm="{realm}"' if re.fullmatch(r"[\w\-]+", scheme) else None
    )


def cookies(request: Request) -> Mapping[str, str]:
    """The cookies of a request by name; none if the field cannot be read."""
    try:
        jar = SimpleCookie(request.header("cookie"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _authorization(request: Request) -> tuple[str, str]:
    scheme, _, credentials = request.header("authorization").strip().partition(" ")
    return scheme, credentials.strip()


def _expected(scheme: str, given: str) -> str:
    came = f"the scheme {given!r} came" if given else "there is none"
    return f"expected an Authorization header with the scheme {scheme}, but {came}"


def _basic(request: Request) -> str | None:
    """RFC 7617 section 2: base64 of ``user-id:password``."""
    scheme, credentials = _authorization(request)
    if scheme.lower() != "basic":
        return _expected("Basic", scheme)
    try:
        decoded = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return "the Basic credentials are not base64"
    return None if b":" in decoded else "the Basic credentials are not base64 of `user:password`"


def _bearer(request: Request) -> str | None:
    """RFC 6750 section 2.1."""
    scheme, credentials = _authorization(request)
    if scheme.lower() != "bearer":
        return _expected("Bearer", scheme)
    if not _TOKEN68.fullmatch(credentials):
        return "the Bearer token is empty or has characters that a token cannot have"
    return None


def _digest(request: Request) -> str | None:
    """RFC 7616 section 3.4."""
    scheme, credentials = _authorization(request)
    if scheme.lower() != "digest":
        return _expected("Digest", scheme)
    given = {found[0].lower() for found in _DIGEST_PARAM.findall(credentials)}
    missing = sorted(_DIGEST_NEEDED - given)
    return f"the Digest credentials lack {', '.join(missing)}" if missing else None


def _mutual_tls(request: Request) -> str | None:
    if request.scheme == "https":
        # The listener has asked for the certificate; without one there would be no connection.
        return None
    return "expected a client certificate: use the TLS listener (http.tls with client_ca)"
