"""Binding, draining and aborting."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from mockforge.errors import ExitCode, StartError
from mockforge.mocking.exchange import Exchange, Response
from mockforge.open_files import allow_connections
from mockforge_http.wire import HttpListener
from tests.http.wire.harness import HOST, App, Client, Later, limits, listening, run, serving, until

GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no ::1")


async def fetch(host: str, port: int) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    client = Client(reader, writer)
    try:
        await client.send(GET)
        return (await client.answer()).status
    finally:
        await client.close()


# ---------------------------------------------------------------------- addresses


def test_port_0_takes_a_free_port_and_says_which() -> None:
    async def scenario() -> None:
        unstarted = HttpListener(App(), limits())
        assert unstarted.addresses() == []
        assert unstarted.connections == 0
        assert unstarted.memory_bytes() == 0
        async with listening(App(), limits()) as listener:
            (address,) = listener.addresses()
            port = int(address.removeprefix("http://127.0.0.1:"))
            assert port > 0
            assert await fetch("127.0.0.1", port) == 200
        with pytest.raises(ConnectionRefusedError):
            await fetch("127.0.0.1", port)

    run(scenario)


@needs_ipv6
def test_localhost_is_both_families_on_one_port() -> None:
    async def scenario() -> None:
        async with listening(App(), limits(), host="localhost") as listener:
            first, second = listener.addresses()
            port = int(first.removeprefix("http://127.0.0.1:"))
            assert second == f"http://[::1]:{port}"
            assert await fetch("127.0.0.1", port) == 200
            assert await fetch("::1", port) == 200

    run(scenario)


@needs_ipv6
def test_an_ipv6_client_is_named_with_brackets() -> None:
    async def scenario() -> None:
        app = App()
        async with listening(app, limits(), host="::1") as listener:
            port = int(listener.addresses()[0].removeprefix("http://[::1]:"))
            assert await fetch("::1", port) == 200
            assert app.over[0].request.client.startswith("[::1]:")

    run(scenario)


def test_localhost_on_a_machine_with_one_family(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.bind

    def bind(self: socket.socket, address: object) -> None:
        if self.family == socket.AF_INET6:
            raise OSError(99, "Cannot assign requested address")
        real(self, address)  # type: ignore[arg-type]

    class Limited(socket.socket):
        def bind(self, address: object, /) -> None:
            bind(self, address)

    monkeypatch.setattr("mockforge.sockets.socket.socket", Limited)

    async def scenario() -> None:
        async with listening(App(), limits(), host="localhost") as listener:
            assert len(listener.addresses()) == 1
        with pytest.raises(StartError, match="not an address of this machine"):
            await HttpListener(App(), limits(), host="::1").start()

    run(scenario)


def test_a_port_in_use_names_the_port_and_the_process() -> None:
    async def scenario() -> None:
        async with listening(App(), limits()) as first:
            port = int(first.addresses()[0].rpartition(":")[2])
            with pytest.raises(StartError) as caught:
                await HttpListener(App(), limits(), port=port).start()
            assert f"port {port} is in use" in caught.value.message
            if sys.platform == "linux":
                assert f"(pid {os.getpid()})" in caught.value.message
            assert caught.value.hint is not None
            assert "--http-port" in caught.value.hint
            assert caught.value.exit_code == ExitCode.NOT_STARTED

    run(scenario)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "no-such-host.invalid", "", "a" * 70 + ".test", "300.1.1.1"]
)
def test_a_host_that_cannot_be_bound(host: str) -> None:
    async def scenario() -> None:
        with pytest.raises(StartError) as caught:
            await HttpListener(App(), limits(), host=host).start()
        assert caught.value.hint is not None
        assert "http.host" in caught.value.hint

    run(scenario)


def test_a_port_one_may_not_bind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Denied(socket.socket):
        def bind(self, address: object, /) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mockforge.sockets.socket.socket", Denied)

    async def scenario() -> None:
        with pytest.raises(StartError, match=r"not allowed to bind to 127\.0\.0\.1 port 80"):
            await HttpListener(App(), limits(), port=80).start()

    run(scenario)


# ---------------------------------------------------------------------- Unix sockets


async def fetch_unix(path: Path) -> Response | int:
    reader, writer = await asyncio.open_unix_connection(str(path))
    client = Client(reader, writer)
    try:
        await client.send(GET)
        return (await client.answer()).status
    finally:
        await client.close()


def test_a_unix_socket_is_served_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"

    async def scenario() -> None:
        app = App()
        async with listening(app, limits(), host=f"unix:{path}") as listener:
            assert listener.addresses() == [f"unix:{path}"]
            assert await fetch_unix(path) == 200
            assert app.over[0].request.client == "unix"
        assert not path.exists()

    run(scenario)


def test_a_stale_unix_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))

    async def scenario() -> None:
        async with listening(App(), limits(), host=f"unix:{path}"):
            assert await fetch_unix(path) == 200

    run(scenario)


def test_a_unix_socket_somebody_listens_at_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"

    async def scenario() -> None:
        async with listening(App(), limits(), host=f"unix:{path}"):
            with pytest.raises(StartError, match="in use"):
                await HttpListener(App(), limits(), host=f"unix:{path}").start()
            assert await fetch_unix(path) == 200

    run(scenario)


def test_the_socket_of_a_successor_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"

    async def scenario() -> None:
        async with listening(App(), limits(), host=f"unix:{path}") as first:
            path.unlink()
            async with listening(App(), limits(), host=f"unix:{path}"):
                first.abort()
                assert await fetch_unix(path) == 200

    run(scenario)


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("precious")

    async def scenario() -> None:
        with pytest.raises(StartError, match="no socket"):
            await HttpListener(App(), limits(), host=f"unix:{path}").start()
        with pytest.raises(StartError, match="cannot bind"):
            await HttpListener(App(), limits(), host=f"unix:{tmp_path}/missing/x.sock").start()
        with pytest.raises(StartError, match="cannot bind"):
            await HttpListener(App(), limits(), host=f"unix:{tmp_path}/{'x' * 200}").start()

    run(scenario)
    assert path.read_text() == "precious"


# ---------------------------------------------------------------------- drain and abort


def test_drain_closes_idle_connections_and_finishes_the_others() -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def later(exchange: Exchange) -> Response:
            if exchange.request.target == "/idle":
                return Response(200)
            await release.wait()
            return Response(200, (), exchange.request.target.encode())

        async with serving(App(later)) as served:
            fresh, idle, busy = [await served.connect() for _ in range(3)]
            half_head, half_body = await served.connect(), await served.connect()
            await idle.get("/idle")
            already = served.listener.stats.bytes_in
            starts = {
                busy: GET + b"GET /second HTTP/1.1\r\n" + HOST + b"\r\n",
                half_head: b"GET /half-head HTTP/1.1\r\n",
                half_body: b"PUT /half-body HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\na",
            }
            for client, start in starts.items():
                await client.send(start)
            sent = already + sum(map(len, starts.values()))
            await until(lambda: served.listener.stats.bytes_in == sent)
            host, port = served.address
            draining = asyncio.ensure_future(served.listener.drain())
            assert await fresh.ended() == b""
            assert await idle.ended() == b""
            with pytest.raises(ConnectionRefusedError):
                await fetch(host, port)
            assert not draining.done()
            await half_head.send(HOST + b"\r\n")
            await half_body.send(b"b")
            await served.app.until(lambda: len(served.app.asked) == 5)
            release.set()
            first, second = await busy.answer(), await busy.answer()
            assert (first.body, first.headers.get("connection")) == (b"/", None)
            assert (second.body, second.headers["connection"]) == (b"/second", "close")
            for client, target in ((half_head, b"/half-head"), (half_body, b"/half-body")):
                answer = await client.answer()
                assert (answer.body, answer.headers["connection"]) == (target, "close")
            for client in (busy, half_head, half_body):
                assert await client.ended() == b""
            await draining
            assert served.listener.connections == 0

    run(scenario)


def test_drain_waits_for_streams() -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def stream() -> object:
            yield b"begun"
            await release.wait()
            yield b"ended"

        app = App(lambda exchange: Response(200, stream=stream()))  # type: ignore[arg-type]
        async with serving(app) as served:
            client = await served.connect()
            await client.send(GET)
            await client.reader.readuntil(b"begun\r\n")
            draining = asyncio.ensure_future(served.listener.drain())
            await asyncio.sleep(0)
            assert not draining.done()
            release.set()
            await draining
            assert await client.ended() == b"5\r\nended\r\n0\r\n\r\n"

    run(scenario)


def test_drain_without_connections_returns_at_once() -> None:
    async def scenario() -> None:
        listener = HttpListener(App(), limits())
        await listener.drain()
        await listener.start()
        (address,) = listener.addresses()
        await listener.drain()
        await listener.drain()
        assert listener.connections == 0
        with pytest.raises(ConnectionRefusedError):
            await fetch("127.0.0.1", int(address.rpartition(":")[2]))

    run(scenario)


def test_abort_ends_everything_and_a_drain_that_waits() -> None:
    async def scenario() -> None:
        cancelled = asyncio.Event()

        async def never() -> Response:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

        async with serving(App(lambda exchange: never())) as served:
            client = await served.connect()
            await client.send(GET)
            await served.app.until(lambda: len(served.app.asked) == 1)
            draining = asyncio.ensure_future(served.listener.drain())
            await asyncio.sleep(0)
            served.listener.abort()
            await draining
            assert await client.ended() == b""
            async with asyncio.timeout(10):
                await cancelled.wait()
            assert served.app.over[0].error is not None

    run(scenario)


def test_a_cancelled_drain_can_be_repeated() -> None:
    async def scenario() -> None:
        later = Later(b"")
        async with serving(App(later)) as served:
            client = await served.connect()
            await client.send(GET)
            await served.app.until(lambda: len(served.app.asked) == 1)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(served.listener.drain(), 0.01)
            again = asyncio.ensure_future(served.listener.drain())
            later.release.set()
            assert (await client.answer()).status == 200
            await again

    run(scenario)


# ---------------------------------------------------------------------- files


def test_the_limit_of_open_files_is_raised_or_the_user_is_warned(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import resource

    state = {"limits": (1024, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda which: state["limits"])
    monkeypatch.setattr(resource, "setrlimit", lambda which, new: state.update(limits=new))
    allow_connections(500)
    assert state["limits"] == (1024, 4096)
    allow_connections(2000)
    assert state["limits"] == (2128, 4096)
    assert caplog.text == ""
    allow_connections(10_000)
    assert state["limits"] == (4096, 4096)
    assert "4096 open files" in caplog.text
    assert "ulimit -n" in caplog.text
