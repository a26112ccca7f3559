"""``MockServer``: life, settings, what was called. With a protocol of the tests' own, so that nothing
but the kernel is needed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Any

import anyio
import msgspec
import pytest
from anyio.abc import TaskStatus

from mockforge import hookimpl
from mockforge.contracts import ConfigSection, ProtocolServer
from mockforge.errors import ConfigError, DocumentError, MockForgeError, PluginError, StartError
from mockforge.kernel import Kernel
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.testing import MockServer
from tests.kernel.servers import EchoServer


class LineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    port: int = 7777
    specs: Annotated[tuple[str, ...], msgspec.Meta(extra={"argument": "DOCUMENT"})] = ()
    word: str = "none"


class LineServer(EchoServer):
    """``METHOD TARGET [BODY]`` per line is answered with 200, and recorded as ``http`` would be."""

    name = "http"

    async def _handle(self, stream: Any) -> None:
        async with stream:
            async for chunk in stream:
                method, target, *body = chunk.decode().split(" ", 2)
                request = Request(
                    method, target, [(b"X-Trace", b"7")], "".join(body).encode(), protocol="http"
                )
                exchange = Exchange(request)
                exchange.response = Response(200)
                if target.startswith("/pets/"):
                    exchange.template = "/pets/{petId}"
                await stream.send(b"200")
                self.kernel.journal.record(exchange)


class Lines:
    """The plugin that brings the server and its settings."""

    def __init__(self, server: type[ProtocolServer] = LineServer) -> None:
        self.server = server

    @hookimpl
    def mockforge_register_protocols(self) -> list[type[ProtocolServer]]:
        return [self.server]

    @hookimpl
    def mockforge_register_config(self) -> list[ConfigSection]:
        return [ConfigSection("http", LineConfig)]


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests bring their own ``http``."""
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())


def line_server(
    *documents: Any, server: type[ProtocolServer] = LineServer, **options: Any
) -> MockServer:
    return MockServer(*documents, plugins=[Lines(server)], **options)


@pytest.fixture
def server() -> Iterator[MockServer]:
    with line_server() as server:
        yield server


def send(server: MockServer, line: str) -> None:
    host, port = server.url.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(line.encode())
        assert client.recv(10) == b"200"


def wait_for_threads(count: int) -> None:
    """Worker threads end a moment after the loop they worked for."""
    deadline = monotonic() + 20
    while threading.active_count() > count:
        assert monotonic() < deadline, threading.enumerate()
        sleep(0.01)


def test_it_serves_inside_the_block_and_is_gone_after_it() -> None:
    threads = threading.active_count()
    with line_server() as server:
        send(server, "GET /pets/1")
        address = server.url
    host, port = address.rsplit(":", 1)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=20)
    with pytest.raises(RuntimeError, match="does not run"):
        _ = server.url
    wait_for_threads(threads)


def test_it_can_be_started_again() -> None:
    server = line_server()
    for _ in range(2):
        with server:
            send(server, "GET /once")
            (call,) = server.assert_called("GET", "/once", times=1)
            assert call.path == "/once"


def test_async_with_works_in_any_loop() -> None:
    async def test() -> None:
        async with line_server() as server:
            await anyio.to_thread.run_sync(send, server, "GET /x")
            (call,) = server.assert_called("GET", "/x")
            assert call.path == "/x"

    anyio.run(test)


def test_settings_are_nested_or_dotted_and_defaults_suit_tests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOCKFORGE_HTTP__WORD", "environment")
    (tmp_path / "mockforge.yaml").write_text("http: {word: file}\n")
    monkeypatch.chdir(tmp_path)

    def section(settings: dict[str, Any]) -> Any:
        with line_server("a.yaml", settings=settings) as server:
            return server.kernel.settings.section("http"), server.kernel.seed

    plain, seed = section({})
    assert (plain.word, plain.port, plain.specs, seed) == ("none", 0, ("a.yaml",), 0)
    assert section({"http": {"word": "nested"}})[0].word == "nested"
    assert section({"http.word": "dotted", "core": {"seed": 5}})[1] == 5


def test_a_document_may_be_a_dictionary() -> None:
    with line_server({"openapi": "3.1.0"}) as server:
        (path,) = server.kernel.settings.section("http").specs
        assert msgspec.json.decode(Path(path).read_bytes()) == {"openapi": "3.1.0"}
    assert not Path(path).exists()


def test_a_setting_that_does_not_exist_is_refused_and_nothing_left_running() -> None:
    threads = threading.active_count()
    with pytest.raises(ConfigError, match="no such setting"), line_server(settings={"http.wrd": 1}):
        pass
    wait_for_threads(threads)


def test_a_server_that_cannot_start_raises_on_entering() -> None:
    class Refusing(LineServer):
        async def serve(self, *, task_status: TaskStatus[str]) -> None:
            raise DocumentError("broken")

    threads = threading.active_count()
    with pytest.raises(StartError, match="broken"), line_server(server=Refusing):
        pass
    wait_for_threads(threads)


def test_a_server_that_crashes_is_reported_on_leaving() -> None:
    class Crashing(LineServer):
        async def serve(self, *, task_status: TaskStatus[str]) -> None:
            task_status.started("127.0.0.1:1")
            raise RuntimeError("boom")

    with pytest.raises(StartError, match="boom"), line_server(server=Crashing):
        pass


def test_a_protocol_that_is_not_there_is_refused() -> None:
    with pytest.raises(PluginError, match="--only grpc"), line_server(only=("grpc",)):
        pass


def test_two_plugins_of_one_class_need_names() -> None:
    with pytest.raises(MockForgeError, match="two plugins are named lines"):
        MockServer(plugins=[Lines(), Lines()])


def test_an_unknown_address_names_those_that_run(server: MockServer) -> None:
    with pytest.raises(KeyError, match="no server for ws; running: http"):
        server.address("ws")


def test_reload_raises_what_could_not_be_read(server: MockServer) -> None:
    server.reload()
    (running,) = server.kernel.servers
    assert isinstance(running, LineServer)
    assert running.reloads == 1
    running.fail_reload = DocumentError("half a file")
    with pytest.raises(DocumentError, match="half a file"):
        server.reload()


def test_what_a_client_got_an_answer_to_is_in_the_journal(server: MockServer) -> None:
    for number in range(50):
        send(server, f"GET /{number}")
        assert len(server.journal) == number + 1


def test_requests_are_found_counted_and_forgotten(server: MockServer) -> None:
    send(server, "GET /pets/1?limit=2")
    send(server, 'POST /pets {"name":"rex"}')
    assert [entry.target for entry in server.requests()] == ["/pets/1?limit=2", "/pets"]
    assert [entry.method for entry in server.requests("POST")] == ["POST"]
    assert "mockforge_journal_entries 2" in server.metrics.render()
    server.clear()
    assert server.requests() == []


@pytest.mark.parametrize(
    "call",
    [
        {"method": "GET", "path": "/pets/1"},
        {"method": "get", "path": "/pets/{petId}"},
        {"path": "/pets/*"},
        {"query": {"limit": "2"}},
        {"query": {"tag": ["a", "b"]}},
        {"headers": {"x-TRACE": "7"}},
        {"status": "2xx"},
        {"protocol": "http"},
    ],
)
def test_a_call_may_be_described_in_part(server: MockServer, call: dict[str, Any]) -> None:
    send(server, "GET /pets/1?limit=2&tag=a&tag=b")
    assert len(server.assert_called(times=1, **call)) == 1


def test_bodies_are_compared_as_json_or_text(server: MockServer) -> None:
    send(server, 'POST /pets {"name": "rex", "tags": [1]}')
    as_json = server.assert_called(json={"tags": [1], "name": "rex"}, times=1)
    as_text = server.assert_called(body='{"name": "rex", "tags": [1]}', times=1)
    assert [call.path for call in (*as_json, *as_text)] == ["/pets", "/pets"]
    server.assert_not_called(json={"name": "tom"})
    server.assert_not_called(json=None)


def test_a_failed_assertion_says_what_came_nearest(server: MockServer) -> None:
    for line in ("GET /pets/2", "POST /pets/1", "GET /orders", "DELETE /far/away"):
        send(server, line)
    with pytest.raises(AssertionError) as caught:
        server.assert_called("GET", "/pets/1", times=1)
    assert str(caught.value).splitlines() == [
        "expected GET /pets/1 once, but it was never called",
        "nearest:",
        "  POST /pets/1 -> 200: method is POST",
        "  GET /pets/2 -> 200: path is /pets/2",
        "  GET /orders -> 200: path is /orders",
        "  DELETE /far/away -> 200: method is DELETE, path is /far/away",
        "4 requests were recorded",
    ]


def test_near_misses_name_query_header_and_body(server: MockServer) -> None:
    send(server, "POST /pets?limit=2 {}")
    with pytest.raises(AssertionError) as caught:
        server.assert_called(
            "POST", "/pets", query={"limit": "3", "page": "1"}, headers={"A": "b"}, json=[]
        )
    text = str(caught.value)
    assert "query limit is ['2'], query page is missing, header A is missing, body is '{}'" in text
    assert "expected POST /pets query={'limit': '3', 'page': '1'}" in text


def test_asserting_that_something_was_not_called(server: MockServer) -> None:
    server.assert_not_called("GET", "/pets")
    send(server, "GET /pets")
    send(server, "GET /pets")
    with pytest.raises(AssertionError, match="expected GET /pets never, but it was called 2 times"):
        server.assert_not_called("GET", "/pets")
    with pytest.raises(AssertionError, match="expected GET /pets once, but it was called 2 times"):
        server.assert_called("GET", "/pets", times=1)


def test_without_any_request_the_text_says_so(server: MockServer) -> None:
    with pytest.raises(AssertionError, match="nothing was called"):
        server.assert_called("GET", "/pets")


def test_near_misses_are_bounded(server: MockServer) -> None:
    for number in range(20):
        send(server, f"GET /{number}")
    with pytest.raises(AssertionError) as caught:
        server.assert_called("GET", "/pets")
    assert len(str(caught.value).splitlines()) == 8


def test_plugins_of_the_test_take_part() -> None:
    class Seeing:
        def __init__(self) -> None:
            self.kernels: list[Kernel] = []

        @hookimpl
        def mockforge_startup(self, kernel: Kernel) -> None:
            self.kernels.append(kernel)

    seeing = Seeing()
    with MockServer(plugins={"seeing": seeing, "lines": Lines()}) as server:
        assert seeing.kernels == [server.kernel]
        assert server.plugins.get("seeing") is not None
