"""Requests are let in with the credentials that the document asks for, and only with those."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.mocking.exchange import Request
from mockforge_http.security import SecurityCheck

BASIC = {"type": "http", "scheme": "basic"}
BEARER = {"type": "http", "scheme": "Bearer"}
DIGEST = {"type": "http", "scheme": "digest"}
HEADER_KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
QUERY_KEY = {"type": "apiKey", "in": "query", "name": "key"}
COOKIE_KEY = {"type": "apiKey", "in": "cookie", "name": "sid"}
OAUTH = {"type": "oauth2", "flows": {}}
OPENID = {"type": "openIdConnect", "openIdConnectUrl": "https://example.test"}
MTLS = {"type": "mutualTLS"}
CREDENTIALS = b64encode(b"me:secret").decode()


def request(*headers: tuple[str, str], target: str = "/", scheme: str = "http") -> Request:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return Request("GET", target, raw, scheme=scheme)


def allowed(scheme: dict[str, Any], req: Request) -> bool:
    return SecurityCheck([{"it": []}], {"it": scheme}).check(req) is None


@pytest.mark.parametrize(
    ("scheme", "value", "passes"),
    [
        (BASIC, f"Basic {CREDENTIALS}", True),
        (BASIC, f"basic {CREDENTIALS}", True),
        ({"type": "basic"}, f"Basic {CREDENTIALS}", True),
        (BASIC, "Basic !!!", False),
        (BASIC, f"Basic {b64encode(b'no colon').decode()}", False),
        (BASIC, "Basic", False),
        (BASIC, "Bearer abc", False),
        (BEARER, "Bearer abc.def-_~+/==", True),
        (BEARER, "Bearer", False),
        (BEARER, "Bearer a b", False),
        (BEARER, f"Basic {CREDENTIALS}", False),
        (DIGEST, 'Digest username="u", realm="r", nonce=n, uri="/", response="x"', True),
        (DIGEST, 'Digest username="u"', False),
        ({"type": "http", "scheme": "HOBA"}, "HOBA result=1", True),
        ({"type": "http", "scheme": "HOBA"}, "HOBA", False),
        (OAUTH, "Bearer abc", True),
        (OAUTH, "Digest abc123", False),
        (OPENID, "Bearer abc", True),
    ],
)
def test_authorization_headers_are_checked_for_scheme_and_shape(
    scheme: dict[str, Any], value: str, passes: bool
) -> None:
    assert allowed(scheme, request(("Authorization", value))) is passes
    assert not allowed(scheme, request())


def test_api_keys_are_looked_for_where_they_are_declared() -> None:
    assert allowed(HEADER_KEY, request(("x-key", "1")))
    assert not allowed(HEADER_KEY, request(("x-key", " ")))
    assert allowed(QUERY_KEY, request(target="/?a=1&key=2"))
    assert not allowed(QUERY_KEY, request(target="/?key="))
    assert not allowed(QUERY_KEY, request(("key", "1")))
    assert allowed(COOKIE_KEY, request(("Cookie", "a=b; sid=1")))
    assert not allowed(COOKIE_KEY, request(("Cookie", "a=b")))


def test_mutual_tls_needs_the_tls_listener() -> None:
    assert allowed(MTLS, request(scheme="https"))
    assert not allowed(MTLS, request())


def test_all_schemes_of_a_requirement_and_one_of_the_requirements_must_hold() -> None:
    schemes = {"a": HEADER_KEY, "b": QUERY_KEY, "c": BASIC}
    check = SecurityCheck([{"a": [], "b": []}, {"c": []}], schemes)
    assert check.check(request(("X-Key", "1"))) is not None
    assert check.check(request(("X-Key", "1"), target="/?key=1")) is None
    assert check.check(request(("Authorization", f"Basic {CREDENTIALS}"))) is None


def test_no_requirement_or_an_empty_one_lets_everything_pass() -> None:
    assert SecurityCheck([], {}).check(request()) is None
    assert SecurityCheck([{"a": []}, {}], {"a": BASIC}).check(request()) is None


def test_a_scheme_that_is_not_declared_can_never_be_satisfied() -> None:
    denial = SecurityCheck([{"ghost": []}], {}).check(request(("Authorization", "Bearer x")))
    assert denial is not None
    assert "not declared" in denial.reasons[0][1]


def test_a_denial_names_what_is_missing_in_the_nearest_alternative_and_all_challenges() -> None:
    schemes = {"a": HEADER_KEY, "b": QUERY_KEY, "c": BASIC, "d": BEARER}
    check = SecurityCheck([{"a": [], "b": []}, {"c": []}, {"d": []}], schemes)
    denial = check.check(request(("X-Key", "1")))
    assert denial is not None
    assert denial.reasons == (("b", "expected an API key in query 'key', but there is none"),)
    assert denial.challenges == ('Basic realm="c"', 'Bearer realm="d"')


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40))
def test_any_credential_is_judged_without_an_error(value: str) -> None:
    for scheme in (BASIC, BEARER, DIGEST, COOKIE_KEY, QUERY_KEY):
        req = request(("Authorization", value), ("Cookie", value), target="/?" + value)
        assert allowed(scheme, req) in (True, False)
