"""``--watch``: what counts as a change, and that none is missed."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from mockforge.errors import DocumentError
from mockforge.kernel import Kernel
from mockforge.kernel import watch as watch_module
from mockforge.kernel.watch import watch
from tests.kernel.servers import EchoServer, echo_of, plugins_with, running, settings_of, until


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        with anyio.fail_after(60):
            await test()

    anyio.run(limited)


class Watching:
    """``watch`` in a task, counting what it reports."""

    def __init__(self, paths: list[Path], poll_interval: float = 0.1) -> None:
        self.paths = paths
        self.poll_interval = poll_interval
        self.changes = 0
        self.during: Callable[[], None] | None = None
        self.looked = anyio.Event()

    def _paths(self) -> list[Path]:
        self.looked.set()
        return self.paths

    async def _changed(self) -> None:
        self.changes += 1
        if self.during is not None:
            during, self.during = self.during, None
            during()

    async def __aenter__(self) -> Watching:
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._run)
        await self.looked.wait()
        await self.look_again()
        return self

    async def _run(self) -> None:
        await watch(self._paths, self._changed, poll_interval=self.poll_interval)

    async def look_again(self) -> None:
        """Wait until the files were looked at twice more: what is there now has been seen."""
        for _ in range(2):
            self.looked = anyio.Event()
            await self.looked.wait()

    async def until(self, changes: int) -> int:
        """Wait until there were so many changes; a write may be seen as two. Their number."""
        await until(lambda: self.changes >= changes)
        return self.changes

    async def __aexit__(self, *error: Any) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(*error)


def test_writing_replacing_and_deleting_a_file_are_changes(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"

    async def test() -> None:
        file.write_text("1")
        async with Watching([file]) as watching:
            file.write_text("22")
            await watching.until(1)
            (tmp_path / "new").write_text("333")
            (tmp_path / "new").replace(file)  # as editors save
            await watching.until(2)
            file.unlink()
            await watching.until(3)
            file.write_text("4444")
            assert await watching.until(4) >= 4

    run(test)


def test_other_files_in_the_same_folder_are_no_change(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"

    async def test() -> None:
        file.write_text("1")
        async with Watching([file]) as watching:
            (tmp_path / "other.yaml").write_text("2")
            await watching.look_again()
            assert watching.changes == 0
            file.write_text("22")
            assert await watching.until(1) >= 1

    run(test)


def test_a_folder_is_watched_with_all_that_is_below_it_and_will_be(tmp_path: Path) -> None:
    async def test() -> None:
        async with Watching([tmp_path]) as watching:
            (tmp_path / "sub").mkdir()
            await watching.until(1)
            await watching.look_again()
            seen = watching.changes
            (tmp_path / "sub/x.json").write_text("{}")
            assert await watching.until(seen + 1) > seen >= 1

    run(test)


def test_a_link_that_is_pointed_elsewhere_is_a_change(tmp_path: Path) -> None:
    """As Kubernetes updates mounted configuration."""

    async def test() -> None:
        for name in ("v1", "v2"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "a.yaml").write_text(name)
        (tmp_path / "data").symlink_to("v1")
        (tmp_path / "a.yaml").symlink_to("data/a.yaml")
        async with Watching([tmp_path / "a.yaml"]) as watching:
            (tmp_path / "next").symlink_to("v2")
            (tmp_path / "next").replace(tmp_path / "data")
            assert await watching.until(1) >= 1

    run(test)


def test_a_change_during_a_reload_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"

    async def test() -> None:
        file.write_text("1")
        async with Watching([file]) as watching:

            def again() -> None:
                file.write_text("333")

            watching.during = again
            file.write_text("22")
            assert await watching.until(2) >= 2
            assert watching.during is None

    run(test)


def test_files_that_a_reload_brings_in_are_watched_from_then_on(tmp_path: Path) -> None:
    one, two = tmp_path / "one/a.yaml", tmp_path / "two/b.yaml"

    async def test() -> None:
        for file in (one, two):
            file.parent.mkdir()
            file.write_text("1")
        async with Watching([one]) as watching:
            watching.during = lambda: watching.paths.append(two)
            (tmp_path / "new").write_text("22")
            (tmp_path / "new").replace(one)  # in one step: one change
            await watching.until(1)
            await watching.look_again()
            assert watching.changes == 1  # becoming watched is no change
            two.write_text("22")
            assert await watching.until(2) >= 2

    run(test)


def test_without_notifications_files_are_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    refused: list[tuple[str, ...]] = []

    def refuse(*folders: str, **options: Any) -> Any:
        refused.append(folders)
        raise OSError("no watches left")

    monkeypatch.setattr(watchfiles, "awatch", refuse)
    file = tmp_path / "a.yaml"

    async def test() -> None:
        file.write_text("1")
        async with Watching([file], poll_interval=0.05) as watching:
            file.write_text("22")
            assert await watching.until(1) >= 1
            assert refused

    run(test)


def test_the_number_of_watched_files_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watch_module, "MAX_FILES", 5)
    for number in range(20):
        (tmp_path / f"{number}.json").write_text("")
    stamps = watch_module._stamps([tmp_path])
    assert len(stamps) == 5
    assert "more than 5 files" in caplog.text


def test_a_watching_kernel_reloads_and_keeps_serving_when_the_change_is_broken(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.yaml"

    class Reading(EchoServer):
        """Its input is a file whose content must be a number."""

        def __init__(self, kernel: Kernel) -> None:
            super().__init__(kernel)
            self.paths = [file]
            self.value = int(file.read_text())
            self.refused = 0

        async def reload(self) -> None:
            try:
                self.value = int(file.read_text())
            except ValueError as error:
                self.refused += 1
                raise DocumentError("not a number") from error

    async def test() -> None:
        file.write_text("1")
        kernel = Kernel(settings_of({"core.watch": True}), plugins_with(Reading))
        async with running(kernel):
            server = echo_of(kernel)
            assert isinstance(server, Reading)
            file.write_text("22")
            await until(lambda: server.value == 22)
            file.write_text("broken")
            await until(lambda: server.refused)
            assert server.value == 22
            file.write_text("4444")
            await until(lambda: server.value == 4444)

    run(test)


def test_the_settings_file_is_watched_too(tmp_path: Path) -> None:
    from mockforge.config import SettingsModel, load_settings

    file = tmp_path / "mockforge.yaml"
    file.write_text("core: {watch: true, max_request_logs: 2}\n")
    model = SettingsModel()

    async def test() -> None:
        kernel = Kernel(
            load_settings(model, file=file, environ={}),
            plugins_with(EchoServer),
            reread=lambda: load_settings(model, file=file, environ={}),
        )
        async with running(kernel):
            assert list(kernel.watched()) == [file]
            file.write_text("core: {watch: true, max_request_logs: 7}\n")
            await until(lambda: kernel.core.max_request_logs == 7)
            await until(lambda: echo_of(kernel).reloads)
            assert kernel.journal.stats().max_entries == 7

    run(test)


def test_an_unreadable_folder_is_looked_at_without_failing(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    stamps = watch_module._stamps([tmp_path, tmp_path / "missing.yaml"])
    assert stamps[os.fspath(tmp_path / "gone")] is None
    assert stamps[os.fspath(tmp_path / "missing.yaml")] is None
