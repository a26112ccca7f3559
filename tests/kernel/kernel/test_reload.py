"""Reload: all is read again, what cannot be read keeps its last good state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from mockforge import hookimpl
from mockforge.config import ConfigErrors, SettingsModel, load_settings
from mockforge.errors import ConfigError, DocumentError
from mockforge.kernel import Kernel
from mockforge.mocking.exchange import Exchange, Request, Response
from tests.kernel.servers import EchoServer, echo_of, plugins_with, running, settings_of, until


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        with anyio.fail_after(30):
            await test()

    anyio.run(limited)


def record(kernel: Kernel, path: str = "/") -> None:
    exchange = Exchange(Request("GET", path, []))
    exchange.response = Response(200)
    kernel.journal.record(exchange)


def test_reload_asks_every_server_and_settles() -> None:
    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer))
        settled: list[int] = []
        kernel.settled = lambda: settled.append(1)
        async with running(kernel):
            assert len(settled) == 1
            assert await kernel.reload() == []
            assert echo_of(kernel).reloads == 1
            assert len(settled) == 2

    run(test)


def test_a_server_that_refuses_keeps_its_state_and_the_others_reload(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Second(EchoServer):
        name = "second"

    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer, Second))
        async with running(kernel):
            first, second = kernel.servers
            assert isinstance(first, EchoServer)
            assert isinstance(second, EchoServer)
            error = DocumentError("broken", hint="mend it")
            first.fail_reload = error
            assert await kernel.reload() == [error]
            first.fail_reload = ValueError("a bug")
            (problem,) = await kernel.reload()
            assert "ValueError('a bug')" in problem.message
            assert (first.reloads, second.reloads) == (0, 2)

    run(test)
    assert "echo not reloaded, the last good state stays: broken (mend it)" in caplog.text


def test_changed_settings_are_taken_on_and_broken_ones_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "mockforge.yaml"
    model = SettingsModel()

    def read() -> Any:
        return load_settings(model, file=file, environ={})

    async def test() -> None:
        file.write_text("core: {max_request_logs: 2}\n")
        kernel = Kernel(read(), plugins_with(EchoServer), reread=read)
        async with running(kernel):
            for _ in range(5):
                record(kernel)
            assert len(kernel.journal) == 2
            file.write_text("core: {max_request_logs: 4}\n")
            assert await kernel.reload() == []
            for _ in range(5):
                record(kernel)
            assert len(kernel.journal) == 4
            good = kernel.settings

            file.write_text("core: {max_request_logs: many, nonsense: 1}\n")
            (problem,) = await kernel.reload()
            assert isinstance(problem, ConfigErrors)
            assert kernel.settings is good
            assert echo_of(kernel).reloads == 1  # nothing is half taken on

    run(test)
    assert "settings not reloaded, the last good state stays" in caplog.text


def test_the_seed_outlives_a_reload() -> None:
    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer), reread=settings_of)
        async with running(kernel):
            seed = kernel.seed
            await kernel.reload()
            assert kernel.seed == seed

    run(test)


def test_the_request_log_file_may_change_at_a_reload(tmp_path: Path) -> None:
    flags = {"core.log_file.path": str(tmp_path / "one.jsonl")}

    async def test() -> None:
        kernel = Kernel(
            settings_of(flags), plugins_with(EchoServer), reread=lambda: settings_of(flags)
        )
        async with running(kernel):
            record(kernel, "/first")
            await until((tmp_path / "one.jsonl").exists)
            flags["core.log_file.path"] = str(tmp_path / "two.jsonl")
            assert await kernel.reload() == []
            record(kernel, "/second")

    run(test)
    assert "/first" in (tmp_path / "one.jsonl").read_text()
    assert "/second" in (tmp_path / "two.jsonl").read_text()


def test_request_loggers_are_resolved_again_at_a_reload() -> None:
    class Logger:
        def __init__(self) -> None:
            self.paths: list[str] = []

        @hookimpl
        def mockforge_log_request(self, entry: Any) -> None:
            self.paths.append(entry.path)

    logger = Logger()

    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer, logger=logger))
        async with running(kernel):
            record(kernel, "/before")
            assert await kernel.reload() == []
            record(kernel, "/after")

    run(test)
    assert logger.paths == ["/before", "/after"]


def test_a_request_for_a_reload_is_served() -> None:
    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer))
        async with running(kernel):
            kernel.request_reload()
            await until(lambda: echo_of(kernel).reloads == 1)
            kernel.request_reload()
            await until(lambda: echo_of(kernel).reloads == 2)
            assert await kernel.reload() == []
            assert echo_of(kernel).reloads == 3, "each request is served once"

    run(test)


def test_a_reload_that_fails_in_settings_is_a_config_error() -> None:
    def refuse() -> Any:
        raise ConfigError("gone")

    async def test() -> None:
        kernel = Kernel(settings_of(), plugins_with(EchoServer), reread=refuse)
        async with running(kernel):
            (problem,) = await kernel.reload()
            assert str(problem) == "gone"

    run(test)


def test_a_log_file_that_cannot_be_leaves_settings_and_log_as_they_were(tmp_path: Path) -> None:
    good = {"core.log_file.path": str(tmp_path / "one.jsonl")}
    flags = dict(good)

    async def test() -> None:
        kernel = Kernel(
            settings_of(flags), plugins_with(EchoServer), reread=lambda: settings_of(flags)
        )
        async with running(kernel):
            before = kernel.settings
            flags["core.log_file.max_bytes"] = "1"
            (problem,) = await kernel.reload()
            assert "max_bytes" in str(problem)
            assert kernel.settings is before
            record(kernel, "/still")

    run(test)
    assert "/still" in (tmp_path / "one.jsonl").read_text()
