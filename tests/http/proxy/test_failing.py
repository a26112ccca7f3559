"""What is answered where nothing can be passed back, and where requests may not go."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trustme

from mockforge.errors import ConfigError, StartError
from mockforge.mocking.exchange import Exchange, Request
from mockforge.testing import MockServer
from mockforge.upstreams.hosts import HostPattern, plain_address
from mockforge_http.config_proxy import ProxySettings
from mockforge_http.proxy import ForwardError, Proxy, compile_forward
from mockforge_http.upstreams import Upstream
from tests.e2e.raw import connected, get
from tests.kernel.observe.waiting import wait_until

from .upstream import PATIENCE, Said, saying, settings, upstream


def passing(url: str, **given: Any) -> MockServer:
    return MockServer(settings=settings(upstream=url, **given))


@contextmanager
def nobody() -> Iterator[str]:
    """The address of a port that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The detail of a problem document, after a look at the rest."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"urn:mockforge:problem:{code}")
    return str(body["detail"])


def test_a_server_that_is_not_there_is_a_502_that_names_it() -> None:
    with nobody() as url, passing(url) as mock:
        detail = refused(httpx.get(mock.url + "/"), 502, "upstream-unreachable")
        assert url.removeprefix("http://") in detail
        assert "refused" in detail.lower()
        (entry,) = mock.requests()
        assert (entry.error, entry.source) == (detail, "none")
        assert 'mockforge_http_proxied_total{outcome="unreachable"} 1' in mock.metrics.render()


@pytest.mark.shows("http.proxy.timeout")
def test_a_server_that_does_not_begin_to_answer_is_a_504() -> None:
    with saying(hold=True) as server, passing(server.url, timeout="200ms") as mock:
        detail = refused(httpx.get(mock.url + "/", timeout=PATIENCE), 504, "upstream-timeout")
        assert "0.2 s" in detail
        assert server.closed.wait(PATIENCE)
        assert 'mockforge_http_proxied_total{outcome="timeout"} 1' in mock.metrics.render()


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
     b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
     b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000],
)  # fmt: skip
def test_an_answer_that_is_none_is_a_502(said: bytes) -> None:
    with saying(said) as server, passing(server.url) as mock:
        refused(httpx.get(mock.url + "/"), 502, "upstream-broken")
        assert 'mockforge_http_proxied_total{outcome="failed"} 1' in mock.metrics.render()


def test_a_post_is_not_sent_twice() -> None:
    with saying(b"") as server, passing(server.url) as mock:
        refused(httpx.post(mock.url + "/"), 502, "upstream-broken")
        assert server.heads.qsize() == 1


def test_what_breaks_off_on_a_new_connection_is_not_sent_again() -> None:
    with saying(b"") as server, passing(server.url) as mock:
        refused(httpx.get(mock.url + "/"), 502, "upstream-broken")
        assert server.heads.qsize() == 1


def test_a_large_answer_that_breaks_off_breaks_off_for_the_client_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with saying(head + b"x" * 70_000) as server, passing(server.url) as mock:
        with connected(mock.url) as client:
            answer = client.ask(get("/"))
        assert (answer.status, answer.whole) == (200, False)
        wait_until(mock.requests)
        assert "broke off" in (mock.requests()[0].error or "")


@pytest.mark.shows("http.proxy.idle_timeout")
def test_a_body_that_stalls_is_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with saying(head + b"x" * 70_000, hold=True) as server:
        with passing(server.url, idle_timeout="200ms") as mock, connected(mock.url) as client:
            assert not client.ask(get("/")).whole
        assert server.closed.wait(PATIENCE)


@pytest.mark.shows("http.proxy.max_body")
def test_an_answer_that_says_to_be_too_large_is_a_502_and_one_that_gets_so_is_cut() -> None:
    with upstream(lambda _: Said(body=b"x" * 100_000)) as server:
        with passing(server.url, max_body=99_999) as mock:
            assert "99999" in refused(httpx.get(mock.url + "/"), 502, "upstream-too-large")
            assert httpx.head(mock.url + "/").status_code == 200
        with passing(server.url, max_body=100_000) as mock:
            assert len(httpx.get(mock.url + "/").content) == 100_000
    with upstream(lambda _: Said(pieces=(b"x" * 1000,) * 100)) as server:
        with passing(server.url, max_body=99_999) as mock, pytest.raises(httpx.RemoteProtocolError):
            httpx.get(mock.url + "/")
        with passing(server.url, max_body=100_000) as mock:
            assert len(httpx.get(mock.url + "/").content) == 100_000


@pytest.mark.shows("http.proxy.max_connections")
def test_more_requests_than_connections_wait_and_then_are_told_so() -> None:
    gate = threading.Event()
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"
    given = {"max_connections": 2, "timeout": "1500ms", "idle_timeout": "20s"}
    with (
        saying(whole, b"k", gate=gate) as server,
        passing(server.url, **given) as mock,
        ExitStack() as stack,
    ):
        clients = [stack.enter_context(connected(mock.url)) for _ in range(3)]
        for client in clients[:2]:
            client.send(get("/"))
            server.heads.get(timeout=PATIENCE)
        clients[2].send(get("/"))
        wait_until(lambda: 'connections{state="waiting"} 1' in mock.metrics.render())
        assert 'connections{state="active"} 2' in mock.metrics.render()
        late = clients[2].answer()
        assert late is not None
        assert (late.status, late.headers["retry-after"]) == (503, "1")
        assert "http.proxy.max_connections" in late.detail
        gate.set()
        assert [getattr(client.answer(), "body", b"") for client in clients[:2]] == [b"ok"] * 2


def test_a_loop_is_noticed(unused_port: int) -> None:
    url = f"http://127.0.0.1:{unused_port}"
    own = {**settings(upstream=url), "http.port": unused_port}
    with MockServer(settings=own) as mock:
        answer = httpx.get(mock.url + "/")
        refused(answer, 508, "proxy-loop")
        assert len(mock.requests()) == 2


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# ------------------------------------------------------------------ where requests may go


def ask(proxy: Proxy, url: str) -> tuple[int, str]:
    """Status and body of what passing a request on to ``url`` gives."""

    async def run() -> tuple[int, str]:
        response = await proxy.forward(Exchange(Request("GET", "/", [])), Upstream.parse(url))
        await proxy.aclose()
        return response.status, response.body.decode()

    return anyio.run(run)


def test_only_named_hosts_may_be_passed_on_to() -> None:
    with upstream() as server:
        port = server.port
        cases = {
            (): "names no host",
            ("*",): "an address of this machine",
            ("example.com",): "is not among",
            (f"localhost:{port}",): "is not among",
            ("127.0.0.1:1",): "is not among",
            (f"127.0.0.1:{port}",): "hello",
            ("127.0.0.0/8",): "hello",
        }
        for allow, said in cases.items():
            given = ProxySettings(allow=tuple(map(HostPattern.parse, allow)))
            status, body = ask(Proxy(given), server.url)
            assert said in body, allow
            assert status == (200 if said == "hello" else 502)


def test_the_address_of_a_host_that_is_not_allowed_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(*_: Any, **__: Any) -> None:
        pytest.fail("the address was asked for")

    monkeypatch.setattr(anyio, "getaddrinfo", resolve)
    given = ProxySettings(allow=(HostPattern.parse("*.example.com"),))
    status, body = ask(Proxy(given), "http://secret.example.org:81/")
    assert (status, "secret.example.org:81 is not among" in body) == (502, True)


def test_the_server_of_the_settings_is_named_by_them_and_no_other_port_of_it() -> None:
    with upstream() as server, upstream() as other:
        proxy = Proxy(ProxySettings(upstream=Upstream.parse(server.url)))
        assert ask(proxy, server.url)[0] == 200
        proxy = Proxy(ProxySettings(upstream=Upstream.parse(server.url)))
        assert "is not among" in ask(proxy, other.url)[1]


def test_a_name_is_connected_to_at_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        """Public when it is looked at first, this machine afterwards."""
        asked.append(host)
        address = "192.0.2.1" if len(asked) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("mockforge.upstreams.permitted.anyio.getaddrinfo", resolve)
    with upstream() as server:
        named = (HostPattern.parse("rebinding.test"),)
        status, body = ask(
            Proxy(ProxySettings(allow=named)), f"http://rebinding.test:{server.port}"
        )
        assert (status, body) == (200, "hello")
        assert asked == ["rebinding.test"]
        asked.clear()
        every = (HostPattern.parse("*"),)
        status, body = ask(
            Proxy(ProxySettings(allow=every)), f"http://rebinding.test:{server.port}"
        )
        assert status == 502
        assert "an address of this machine or network" in body


def test_the_next_address_is_tried_where_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]

    monkeypatch.setattr("mockforge.upstreams.permitted.anyio.getaddrinfo", resolve)
    with upstream() as server:
        given = ProxySettings(allow=(HostPattern.parse("two.test"),))
        assert ask(Proxy(given), f"http://two.test:{server.port}") == (200, "hello")


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "100.64.0.1",
     "224.0.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1"],
)  # fmt: skip
def test_addresses_of_this_machine_and_of_private_networks_are_not_public(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("mockforge.upstreams.permitted.anyio.getaddrinfo", resolve)
    given = ProxySettings(allow=(HostPattern.parse("*"),))
    assert "an address of this machine or network" in ask(Proxy(given), "http://sly.test")[1]


def test_an_address_in_the_clothes_of_ipv6_is_told_for_what_it_is() -> None:
    assert plain_address("64:ff9b::8.8.8.8") == ip_address("8.8.8.8")
    assert plain_address("2001:4860:4860::8888") == ip_address("2001:4860:4860::8888")


def test_a_name_that_nobody_knows_is_a_502() -> None:
    given = ProxySettings(allow=(HostPattern.parse("nowhere.invalid"),))
    status, body = ask(Proxy(given), "http://nowhere.invalid")
    assert (status, "cannot be reached" in body) == (502, True)


# ------------------------------------------------------------------ single stubs


@pytest.mark.parametrize(
    ("spec", "path", "says"),
    [
        (7, ("proxy",), "URL of a server"),
        ("nowhere", ("proxy",), "URL of a server"),
        ({}, ("proxy", "url"), "URL of a server"),
        ({"ulr": "http://a.test"}, ("proxy", "ulr"), "unknown key"),
        ({"url": "http://a.test", "headers": {"X": "a\nb"}}, ("proxy", "headers"), "one line"),
        ({"url": "http://a.test", "headers": {"X:": "a"}}, ("proxy", "headers"), "header names"),
        ({"url": "http://a.test", "remove_headers": [1]}, ("proxy", "remove_headers"), "a list"),
        ({"url": "http://a.test", "remove_prefix": "x"}, ("proxy", "remove_prefix"), "begins with"),
        ({"url": "http://a.test", "headers": ["x"]}, ("proxy", "headers"), "mapping"),
        ({"url": "http://a.test", "headers": {"X": 1}}, ("proxy", "headers"), "mapping"),
        (
            {"url": "http://a.test", "preserve_host": "yes"},
            ("proxy", "preserve_host"),
            "true or false",
        ),
    ],
)
def test_a_stub_that_cannot_pass_on_says_why_and_where(
    spec: Any, path: tuple[str, ...], says: str
) -> None:
    proxy = Proxy(ProxySettings(allow=(HostPattern.parse("a.test"),)))
    with pytest.raises(ForwardError, match=says) as caught:
        compile_forward(proxy, spec, ("proxy",))
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("url", "refused"),
    [("http://b.test", "b.test"), ("http://10.1.2.3", "10.1.2.3"), ("http://a.test", None)],
)
def test_where_a_stub_may_not_pass_on_to_is_known_at_once(url: str, refused: str | None) -> None:
    proxy = Proxy(ProxySettings(allow=(HostPattern.parse("a.test"),)))
    said = compile_forward(proxy, url).refused
    assert said == (refused and f"requests may not be passed on to {refused}")


@pytest.mark.parametrize(
    ("target", "made"),
    [
        ("/api/x?y=1", "/base/x?y=1"),
        ("/api", "/base/"),
        ("/api?y=1", "/base/?y=1"),
        ("/x", "/base/x"),
        ("/apix", "/base/apix"),
    ],
)
def test_a_prefix_and_headers_can_be_taken_away(target: str, made: str) -> None:
    with upstream() as server:
        proxy = Proxy(ProxySettings(allow=(HostPattern.parse("127.0.0.1"),)))
        spec = {"url": server.url + "/base", "remove_prefix": "/api/", "remove_headers": ["X-Gone"]}
        forward = compile_forward(proxy, spec)
        headers = [(b"Host", b"a"), (b"x-gone", b"1"), (b"X-Kept", b"1")]

        async def run() -> None:
            response = await forward(Exchange(Request("GET", target, headers)))
            assert response.status == 200
            await proxy.aclose()

        anyio.run(run)
        received = server.next()
    assert received.target == made
    assert (received.header("x-gone"), received.header("x-kept")) == (None, "1")


def test_a_stub_passes_on_with_headers_and_host_of_its_own() -> None:
    with upstream() as server:
        allow = (HostPattern.parse("127.0.0.0/8"),)
        proxy = Proxy(ProxySettings(allow=allow, headers={"X-Of": "settings"}))
        spec = {"url": server.url + "/base", "headers": {"X-Of": "stub"}, "preserve_host": True}
        forward = compile_forward(proxy, spec)
        request = Request("GET", "/x?y=1", [(b"Host", b"shop.test")])

        async def run() -> tuple[int, str]:
            exchange = Exchange(request)
            response = await forward(exchange)
            await proxy.aclose()
            return response.status, exchange.source

        assert anyio.run(run) == (200, f"proxy:127.0.0.1:{server.port}")
        received = server.next()
    assert received.target == "/base/x?y=1"
    assert (received.header("x-of"), received.header("host")) == ("stub", "shop.test")


@pytest.mark.shows("http.proxy.allow")
def test_stubs_pass_on_to_allowed_hosts_alone(tmp_path: Path) -> None:
    with upstream() as server:
        stub = {"id": "on", "request": {"path": "/x"}, "response": {"proxy": server.url}}
        (tmp_path / "on.json").write_text(json.dumps(stub))
        mocks = {"http.mocks": [str(tmp_path)]}
        allowed = settings(allow=[f"127.0.0.1:{server.port}"])
        with MockServer(settings={**mocks, **allowed}) as mock:
            assert httpx.get(mock.url + "/x").text == "hello"
            assert httpx.get(mock.url + "/y").status_code == 404
        reasons = {
            (): "names no host",
            ("example.com",): "is not among",
            ("127.0.0.1:1",): "is not among",
            ("*",): "an address of this machine",
        }
        for allow, reason in reasons.items():
            with MockServer(settings={**mocks, **settings(allow=list(allow))}) as mock:
                detail = refused(httpx.get(mock.url + "/x"), 502, "proxy-refused")
                assert reason in detail
                warnings = [
                    str(each) for server in mock.kernel.servers for each in server.warnings()
                ]
                said = [each for each in warnings if "may not be passed on to 127.0.0.1" in each]
                assert len(said) == (
                    0 if allow == ("*",) else 1
                )  # an address shows when it is used


# ------------------------------------------------------------------ TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.shows("http.proxy.tls.ca", "http.proxy.tls.verify")
def test_certificates_are_checked_against_the_named_authority(
    authority: trustme.CA, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    with upstream(context=context) as server:
        with passing(server.url) as mock:
            detail = refused(httpx.get(mock.url + "/"), 502, "upstream-unreachable")
            assert "certificate" in detail.lower()
        with passing(server.url, tls={"ca": str(ca)}) as mock:
            assert httpx.get(mock.url + "/").text == "hello"
        with passing(server.url, tls={"verify": False}) as mock:
            assert httpx.get(mock.url + "/").text == "hello"


def test_a_certificate_for_another_host_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(context)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    with upstream(context=context) as server, passing(server.url, tls={"ca": str(ca)}) as mock:
        detail = refused(httpx.get(mock.url + "/"), 502, "upstream-unreachable")
        assert "not valid for '127.0.0.1'" in detail
        assert server.requests.empty()


@pytest.mark.shows("http.proxy.tls.cert", "http.proxy.tls.key")
def test_a_client_certificate_is_shown(authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    ca, cert, key = tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    authority.cert_pem.write_to_path(str(ca))
    mine = authority.issue_cert("client@mock.test")
    mine.private_key_pem.write_to_path(str(key))
    for blob in mine.cert_chain_pems:
        blob.write_to_path(str(cert), append=True)
    with upstream(context=context) as server:
        with passing(server.url, tls={"ca": str(ca)}) as mock:
            assert httpx.get(mock.url + "/").status_code == 502
        own = {"ca": str(ca), "cert": str(cert), "key": str(key)}
        with passing(server.url, tls=own) as mock:
            assert httpx.get(mock.url + "/").text == "hello"


@pytest.mark.parametrize(
    ("name", "given"),
    [("ca", {"ca": "none.pem"}), ("cert", {"cert": "none.pem"}), ("key", {"key": "none.pem"})],
)
def test_files_that_cannot_be_used_stop_the_start(name: str, given: dict[str, str]) -> None:
    with pytest.raises((ConfigError, StartError), match=rf"http\.proxy\.tls\.{name}"):
        passing("https://127.0.0.1:1", tls=given).start()
