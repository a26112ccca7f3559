"""Start, serve, drain, stop: and every way in which a server can fail at it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, TaskStatus

from mockforge import hookimpl
from mockforge.contracts import ProtocolServer
from mockforge.errors import ConfigError, DocumentError, ExitCode, Place, StartError
from mockforge.kernel import Kernel
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.observe.journal import get_global_logger
from tests.kernel.servers import (
    EchoServer,
    connect,
    echo_of,
    plugins_with,
    running,
    settings_of,
)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        with anyio.fail_after(30):
            await test()

    anyio.run(limited)


class Idle(ProtocolServer):
    """Starts, and does nothing until it is cancelled."""

    name = "idle"

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        task_status.started("idle://")
        await anyio.sleep_forever()

    async def drain(self) -> None:
        return None


def test_ready_is_called_when_every_server_accepts_connections() -> None:
    async def test() -> None:
        seen: list[dict[str, str]] = []
        kernel = Kernel(settings_of(), plugins_with(EchoServer, Idle))

        def ready(kernel: Kernel) -> None:
            seen.append(dict(kernel.addresses))
            kernel.stop()

        await kernel.run(ready)
        assert len(seen) == 1
        assert seen[0]["idle"] == "idle://"
        assert seen[0]["echo"].startswith("127.0.0.1:")

    run(test)


def test_a_server_may_listen_at_further_addresses_while_it_runs() -> None:
    class Twofold(Idle):
        def more_addresses(self) -> dict[str, str]:
            return {"secure": "idle+tls://"}

    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(Twofold))
        async with running(kernel):
            assert kernel.addresses == {"idle": "idle://", "secure": "idle+tls://"}
        assert kernel.addresses == {}

    run(test)


def test_a_server_gets_what_the_kernel_holds() -> None:
    async def test() -> None:
        settings = settings_of({"core.seed": 7, "core.max_request_logs": 3})
        async with running(Kernel(settings, plugins_with(EchoServer))) as kernel:
            assert echo_of(kernel).kernel is kernel
            assert kernel.seed == 7
            assert kernel.settings is settings
            assert kernel.journal is get_global_logger()
            for number in range(5):
                exchange = Exchange(Request("GET", f"/{number}", []))
                exchange.response = Response(200)
                kernel.journal.record(exchange)
            assert len(kernel.journal) == 3
            kernel.metrics.requests.observe("echo", "GET", "/x", 200, 5)
            assert "mockforge_requests_total" in kernel.metrics.render()
            assert any(part.name == "journal" for part in kernel.memory.report().components)
        assert get_global_logger() is None

    run(test)


def test_without_a_seed_each_start_has_the_same() -> None:
    async def test() -> None:
        one = Kernel(settings_of(), plugins_with(Idle))
        two = Kernel(settings_of(), plugins_with(Idle))
        assert one.seed == two.seed == 0

    run(test)


def test_open_connections_are_among_the_metrics() -> None:
    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer))
        async with running(kernel), await connect(kernel) as stream:
            await stream.send(b"x")
            await stream.receive()
            assert 'mockforge_connections_active{protocol="echo"} 1' in kernel.metrics.render()

    run(test)


def test_drain_lets_what_is_under_way_finish() -> None:
    async def test() -> None:
        async with anyio.create_task_group() as tasks:
            kernel = Kernel(settings_of(), plugins_with(EchoServer))
            up = anyio.Event()
            ended = anyio.Event()

            async def life() -> None:
                await kernel.run(lambda _: up.set())
                ended.set()

            tasks.start_soon(life)
            await up.wait()
            stream = await connect(kernel)
            await stream.send(b"one")
            assert await stream.receive() == b"one"
            kernel.stop()
            address = kernel.addresses["echo"]
            with anyio.fail_after(5):
                while True:  # until the listener is closed
                    try:
                        await (await connect(kernel)).aclose()
                    except OSError:
                        break
            await stream.send(b"two")
            assert await stream.receive() == b"two"
            assert not ended.is_set()
            await stream.aclose()
            await ended.wait()
            assert echo_of(kernel).drained.is_set()
            assert address not in kernel.addresses.values()

    run(test)


def test_drain_is_bounded_and_says_what_it_cut(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        settings = settings_of({"core.drain_timeout": 0.2})
        async with running(Kernel(settings, plugins_with(EchoServer))) as kernel:
            stream = await connect(kernel)
            await stream.send(b"x")
            await stream.receive()
            kernel.stop()
            with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                await stream.receive()
            await stream.aclose()

    run(test)
    assert "not drained within 0.2 s; 1 connections are cut" in caplog.text


class Failing(Idle):
    """Fails before it has started; what with is for the test to say."""

    name = "failing"
    error: Exception = ValueError("bug")

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        raise self.error


class FailingInside(Failing):
    error = DocumentError("broken", place=Place("a.yaml", 3), hint="mend it")

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        async with anyio.create_task_group():
            raise self.error


class FailingEarly(Failing):
    def __init__(self, kernel: Kernel) -> None:
        raise StartError("no root")


class NeverStarting(Failing):
    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        return None


@pytest.mark.parametrize(
    ("server", "message"),
    [
        (Failing, "the failing server cannot start: ValueError: bug"),
        (FailingInside, "a.yaml:3: broken"),
        (FailingEarly, "no root"),
        (NeverStarting, "the failing server cannot start: "),
    ],
)
def test_a_server_that_cannot_start_stops_those_that_have(
    server: type[ProtocolServer], message: str
) -> None:
    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer, server))
        with pytest.raises(StartError) as caught:
            await kernel.run(lambda _: pytest.fail("was ready"))
        assert str(caught.value).startswith(message)
        assert caught.value.exit_code is ExitCode.NOT_STARTED
        assert kernel.addresses == {}
        for started in kernel.servers:
            if isinstance(started, EchoServer) and server is not FailingEarly:
                assert started.drained.is_set()

    run(test)


def test_a_bug_at_start_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        with pytest.raises(StartError):
            await Kernel(settings_of(), plugins_with(Failing)).run()

    run(test)
    assert "ValueError: bug" in caplog.text
    assert "Traceback" in caplog.text


def test_a_taken_port_is_a_start_error_with_the_remedy() -> None:
    async def test() -> None:
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as taken:
            port = taken.extra_attributes[SocketAttribute.local_port]()

            class Binding(Failing):
                async def serve(self, *, task_status: TaskStatus[str]) -> None:
                    await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)

            with pytest.raises(StartError, match="in use") as caught:
                await Kernel(settings_of(), plugins_with(Binding)).run()
            assert "choose another" in (caught.value.hint or "")

    run(test)


class Crashing(Idle):
    name = "crashing"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.crash = anyio.Event()
        self.quietly = False

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        task_status.started("crashing://")
        await self.crash.wait()
        if not self.quietly:
            raise RuntimeError("boom")


@pytest.mark.parametrize("quietly", [True, False])
def test_a_server_that_ends_by_itself_ends_the_rest_as_a_failure(
    quietly: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer, Crashing))

        def ready(kernel: Kernel) -> None:
            crashing = kernel.servers[1]
            assert isinstance(crashing, Crashing)
            crashing.quietly = quietly
            crashing.crash.set()

        with pytest.raises(StartError) as caught:
            await kernel.run(ready)
        assert caught.value.exit_code is ExitCode.NOT_STARTED
        expected = "ended by itself" if quietly else "RuntimeError('boom')"
        assert expected in str(caught.value)
        assert echo_of(kernel).drained.is_set()

    run(test)
    assert ("Traceback" in caplog.text) is not quietly


def test_stopping_while_servers_start_ends_without_failure() -> None:
    class Slow(Idle):
        name = "slow"

        async def serve(self, *, task_status: TaskStatus[str]) -> None:
            self.kernel.stop()
            await anyio.sleep_forever()

    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer, Slow))
        await kernel.run(lambda _: pytest.fail("was ready"))
        assert echo_of(kernel).drained.is_set()

    run(test)


def test_a_server_that_fails_while_it_drains_is_not_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Fragile(Crashing):
        async def drain(self) -> None:
            self.crash.set()
            await anyio.sleep_forever()

    async def test() -> None:
        settings = settings_of({"core.drain_timeout": "1h"})
        kernel = Kernel(settings, plugins_with(Fragile))
        async with running(kernel):
            assert list(kernel.addresses) == [Fragile.name]
        assert kernel.addresses == {}

    run(test)
    assert "RuntimeError: boom" in caplog.text


def test_a_drain_that_raises_is_logged_and_does_not_keep_the_others_from_draining(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Stubborn(Idle):
        async def drain(self) -> None:
            raise ValueError("will not")

    async def test() -> None:
        async with running(Kernel(settings_of(), plugins_with(EchoServer, Stubborn))) as kernel:
            pass
        assert echo_of(kernel).drained.is_set()

    run(test)
    assert "ValueError: will not" in caplog.text


class Lifecycle:
    """Notes the order of events."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def mockforge_startup(self, kernel: Kernel) -> None:
        self.seen.append(f"startup with {len(kernel.servers)} servers")

    @hookimpl
    def mockforge_log_request(self, entry: Any) -> None:
        self.seen.append(f"log {entry.path}")

    @hookimpl
    async def mockforge_shutdown(self, kernel: Kernel) -> None:
        self.seen.append(f"shutdown with {len(kernel.addresses)} up")


def test_hooks_are_called_around_the_life_of_servers_and_loggers_see_all_before_shutdown() -> None:
    life = Lifecycle()

    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer, life=life))
        async with running(kernel):
            assert life.seen == ["startup with 0 servers"]
            exchange = Exchange(Request("GET", "/seen", []))
            exchange.response = Response(200)
            kernel.journal.record(exchange)

    run(test)
    assert life.seen == ["startup with 0 servers", "log /seen", "shutdown with 0 up"]


def test_shutdown_is_called_when_the_start_failed() -> None:
    life = Lifecycle()

    async def test() -> None:
        with pytest.raises(StartError):
            await Kernel(settings_of(), plugins_with(Failing, life=life)).run()

    run(test)
    assert life.seen == ["startup with 0 servers", "shutdown with 0 up"]


def test_shutdown_is_called_when_the_request_log_cannot_be_opened(tmp_path: Path) -> None:
    life = Lifecycle()

    async def test() -> None:
        settings = settings_of(
            {"core.log_file.path": str(tmp_path / "x"), "core.log_file.max_bytes": 1}
        )
        with pytest.raises(ConfigError, match="max_bytes"):
            await Kernel(settings, plugins_with(EchoServer, life=life)).run()

    run(test)
    assert life.seen == ["startup with 0 servers", "shutdown with 0 up"]
    assert get_global_logger() is None


def test_a_plugin_whose_startup_fails_leaves_the_host_running(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        @hookimpl
        def mockforge_startup(self) -> None:
            raise OSError("no disk")

    async def test() -> None:
        async with running(Kernel(settings_of(), plugins_with(EchoServer, broken=Broken()))) as k:
            row = k.plugins.get("broken")
            assert row is not None
            assert row.state == "failed"

    with caplog.at_level(logging.ERROR):
        run(test)
    assert "no disk" in caplog.text


def test_the_request_log_file_is_written_and_complete_at_the_end(tmp_path: Any) -> None:
    path = tmp_path / "requests.jsonl"

    async def test() -> None:
        settings = settings_of({"core.log_file.path": str(path)})
        async with running(Kernel(settings, plugins_with(EchoServer))) as kernel:
            for number in range(20):
                exchange = Exchange(Request("GET", f"/{number}", []))
                exchange.response = Response(200)
                kernel.journal.record(exchange)
            assert len(kernel.journal) == 20

    run(test)
    assert len(path.read_text().splitlines()) == 20


def test_bytes_that_plugins_report_are_in_the_memory_report_and_the_metrics() -> None:
    class Holding:
        @hookimpl
        def mockforge_report_memory(self) -> dict[str, int]:
            return {"holding.cache": 12345}

    async def test() -> None:
        plugins = plugins_with(EchoServer, holding=Holding())
        async with running(Kernel(settings_of(), plugins)) as kernel:
            held = {part.name: part.bytes for part in kernel.memory.report().components}
            assert held["holding.cache"] == 12345
            line = 'mockforge_memory_bytes{component="holding.cache"} 12345'
            assert line in kernel.metrics.render()

    run(test)
