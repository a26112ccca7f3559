"""Header fields between client and upstream server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.mocking.exchange import Request
from mockforge_http.proxy.fields import (
    ACCESS,
    relative,
    request_fields,
    response_fields,
    target_below,
)
from mockforge_http.upstreams import Upstream

ORIGIN = Upstream.parse("http://api.test:8080/base").origin


def sent(
    *headers: tuple[bytes, bytes],
    method: str = "GET",
    body: bytes = b"",
    preserve_host: bool = False,
    **options: object,
) -> list[tuple[bytes, bytes]]:
    request = Request(method, "/", [(b"Host", b"mock.test"), *headers], body)
    given: dict[str, object] = {"via": b"1.1 me", "headers": {}, **options}
    return request_fields(request, ORIGIN, preserve_host=preserve_host, **given)  # type: ignore[arg-type]


def test_fields_keep_their_order_and_spelling_and_via_is_added() -> None:
    fields = sent((b"X-One", b"1"), (b"accept", b"*/*"), (b"X-One", b"2"))
    assert fields == [
        (b"Host", b"api.test:8080"),
        (b"X-One", b"1"),
        (b"accept", b"*/*"),
        (b"X-One", b"2"),
        (b"Via", b"1.1 me"),
    ]


def test_an_earlier_via_is_kept() -> None:
    assert sent((b"via", b"1.0 fred"))[-1] == (b"Via", b"1.0 fred, 1.1 me")


def test_what_is_for_one_connection_alone_is_taken_out() -> None:
    fields = sent(
        (b"Connection", b"keep-alive, X-Mine"),
        (b"x-mine", b"1"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Proxy-Authorization", b"Basic x"),
        (b"TE", b"trailers"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Upgrade", b"h2c"),
        (b"Expect", b"100-continue"),
        (b"X-Kept", b"1"),
    )
    assert [name for name, _ in fields] == [b"Host", b"X-Kept", b"Via"]


def test_the_length_is_that_of_the_body() -> None:
    assert sent((b"Content-Length", b"9"), method="POST", body=b"abc")[-1] == (
        b"Content-Length",
        b"3",
    )
    assert sent(method="POST")[-1] == (b"Content-Length", b"0")
    assert sent((b"Content-Length", b"0"))[-1][0] == b"Via"


def test_the_host_can_be_kept() -> None:
    assert sent(preserve_host=True)[0] == (b"Host", b"mock.test")


def test_headers_of_the_settings_replace_those_of_the_client() -> None:
    fields = sent((b"Authorization", b"client"), headers={"authorization": "ours", "Host": "other"})
    assert (b"authorization", b"ours") in fields
    assert (b"Host", b"other") in fields
    assert [name.lower() for name, _ in fields].count(b"host") == 1
    assert not any(value == b"client" for _, value in fields)


def test_an_answer_loses_the_fields_of_its_connection_and_what_is_dropped() -> None:
    raw = [
        (b"Connection", b"close, X-Gone"),
        (b"X-Gone", b"1"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"Access-Control-Allow-Origin", b"*"),
        (b"X-Text", b"caf\xe9"),
    ]
    kept = response_fields(raw, ORIGIN, drop={ACCESS})
    assert kept == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Text", "caf\xe9")]
    assert ("Access-Control-Allow-Origin", "*") in response_fields(raw, ORIGIN)


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("http://api.test:8080/base/x?y=1#z", "/x?y=1#z"),
        ("http://API.test:8080/base", "/"),
        ("//api.test:8080/base/x", "/x"),
        ("/base/x", "/x"),
        ("http://api.test:8080/other", "http://api.test:8080/other"),
        ("http://api.test:8080/based", "http://api.test:8080/based"),
        ("http://api.test/base/x", "http://api.test/base/x"),
        ("https://api.test:8080/base/x", "https://api.test:8080/base/x"),
        ("http://elsewhere.test/base", "http://elsewhere.test/base"),
        ("/other", "/other"),
        ("x", "x"),
        ("", ""),
        ("http://[", "http://["),
        ("http://api.test:99999/base", "http://api.test:99999/base"),
        ("mailto:a@b", "mailto:a@b"),
        ("http://api.test:8080/base//evil.test/x", "/evil.test/x"),
    ],
)
def test_addresses_of_the_upstream_server_are_made_those_of_the_mock(url: str, made: str) -> None:
    assert relative(url, ORIGIN) == made


@given(st.text(max_size=60))
def test_any_address_can_be_looked_at(url: str) -> None:
    made = relative(url, ORIGIN)
    assert made == url or (made.startswith("/") and not made.startswith("//"))


def test_a_target_goes_below_the_base_path() -> None:
    assert target_below(ORIGIN, "/x?y=%20") == b"/base/x?y=%20"
    assert target_below(Upstream.parse("http://a.test").origin, "/x") == b"/x"
    assert target_below(Upstream.parse("http://a.test/").origin, "/x") == b"/x"
    assert target_below(ORIGIN, "*") == b"*"


@pytest.mark.parametrize(
    "url",
    ["", "api.test", "ftp://a.test", "http://", "http://a.test?x=1", "http://a.test#x", "http://a b",
     "http://u:p@a.test", "http://a.test:99999", "http://a.test/\N{SNOWMAN}", "http://[::1", 7, None],
)  # fmt: skip
def test_what_is_no_url_of_a_server_is_refused(url: object) -> None:
    with pytest.raises(ValueError, match="URL of a server"):
        Upstream.parse(url)


@pytest.mark.parametrize(
    ("url", "authority", "base"),
    [
        ("http://a.test", "a.test", ""),
        ("https://A.test:443/", "a.test", ""),
        ("https://a.test:80/x/", "a.test:80", "/x"),
        ("http://[::1]:9000", "[::1]:9000", ""),
        ("http://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.test", "xn--bcher-kva.test", ""),
    ],
)
def test_a_url_is_taken_apart(url: str, authority: str, base: str) -> None:
    origin = Upstream.parse(url).origin
    assert (origin.authority, origin.base) == (authority, base)
