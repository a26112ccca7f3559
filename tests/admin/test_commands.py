"""``mockforge logs`` and ``mockforge memory`` as processes against a running server."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from tests.admin.making import Admin, admin
from tests.kernel.cli.running import environment, mockforge
from tests.kernel.observe.waiting import wait_until

TOKEN = "correct horse battery staple"


def run(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return mockforge(folder, *arguments, cwd=folder, env=env)


@pytest.mark.shows(
    "mockforge logs", "mockforge logs --limit", "mockforge logs -n", "mockforge logs --url"
)
def test_the_newest_entries_are_printed_oldest_first(fresh: Admin, tmp_path: Path) -> None:
    fresh.ask("DELETE", "/logs").raise_for_status()
    for number in range(4):
        fresh.call(f"/pets/{number}")
    done = run(tmp_path, "logs", "-n", "2", "--url", fresh.address)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[3] for line in lines] == ["/pets/2", "/pets/3"]
    assert lines[0].split()[1:3] == ["200", "GET"]
    assert lines[0].endswith("operation:getPet")
    assert "\x1b" not in done.stdout
    assert run(tmp_path, "logs", "--limit", "1", "--url", fresh.address).stdout == lines[1] + "\n"


@pytest.mark.shows(
    "mockforge logs --protocol", "mockforge logs --method", "mockforge logs --path",
    "mockforge logs --status", "mockforge logs --source", "mockforge logs --text", "mockforge logs --json",
)  # fmt: skip
def test_entries_are_chosen_and_printed_as_json_lines(fresh: Admin, tmp_path: Path) -> None:
    fresh.ask("DELETE", "/logs").raise_for_status()
    fresh.call("/pets/1")
    fresh.call("/pets", "POST", json={"name": "Zebulon"})
    fresh.call("/nothing")

    def found(*filters: str) -> list[str]:
        done = run(tmp_path, "logs", "--json", "--url", fresh.address, *filters)
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["target"] for line in done.stdout.splitlines()]

    assert found() == ["/pets/1", "/pets", "/nothing"]
    assert found("--protocol", "grpc") == []
    assert found("--method", "POST") == ["/pets"]
    assert found("--path", "/pets/*") == ["/pets/1"]
    assert found("--status", "404") == ["/nothing"]
    assert found("--source", "none") == ["/nothing"]
    assert found("--text", "zebulon") == ["/pets"]
    wrong = run(tmp_path, "logs", "--status", "x", "--url", fresh.address)
    assert wrong.returncode == 2
    assert "'x' is not a status" in wrong.stderr


@contextmanager
def following(
    folder: Path, *arguments: str, stdout: int | IO[str] = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "mockforge", "logs", *arguments],
        cwd=folder,
        env=environment(folder, {"COLUMNS": "120", "TERM": "xterm"}),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.shows("mockforge logs --follow", "mockforge logs -f")
def test_entries_are_followed_until_the_server_ends(tmp_path: Path) -> None:
    with admin() as running:
        running.call("/pets/1")
        with following(tmp_path, "-f", "--path", "/pets/*", "--url", running.address) as child:
            assert child.stdout is not None
            assert "/pets/1" in child.stdout.readline()
            running.call("/nothing")
            running.call("/pets/2")
            assert "/pets/2" in child.stdout.readline()
            running.server.stop()
            assert child.stdout.readline() == ""
            assert child.wait(30) == 0
            assert child.stderr is not None
            assert "the server has ended" in child.stderr.read()
        running.server.start()


def test_in_a_terminal_colours_are_ours_and_nothing_that_was_logged_steers_it(
    tmp_path: Path,
) -> None:
    with admin() as running:
        hostile = {
            "id": "evil",
            "request": {"path": "/evil", "body": {"jsonPath": {"$.a": {"equals": "good"}}}},
            "response": {"status": 503, "text": "x"},
        }
        running.ask("POST", "/stubs", json=hostile).raise_for_status()
        ours, theirs = pty.openpty()
        try:
            with following(tmp_path, "--follow", "--url", running.address, stdout=theirs) as child:
                wait_until(lambda: _following(running))
                running.call("/evil", "POST", json={"a": "good"})
                running.call("/evil", "POST", json={"a": "\x1b]0;owned\x07\x1b[2J\u202e\x85 end"})
                shown = b""
                while b" end" not in shown:
                    shown += os.read(ours, 4096)
                child.kill()
        finally:
            os.close(ours)
            os.close(theirs)
    text = shown.decode()
    assert "\x1b[31m503\x1b[0m" in text
    assert "\x1b]" not in text
    assert "\x07" not in text
    assert "\x1b[2J" not in text
    assert "\u202e" not in text


def _following(running: Admin) -> bool:
    (server,) = (each for each in running.server.kernel.servers if each.name == "admin")
    return bool(server.tails)  # type: ignore[attr-defined]


@pytest.mark.shows(
    "mockforge memory",
    "mockforge memory --json",
    "mockforge memory --pss",
    "mockforge memory --url",
)
def test_memory_is_printed_as_a_table_and_as_json(shared: Admin, tmp_path: Path) -> None:
    table = run(tmp_path, "memory", "--url", shared.address)
    assert table.returncode == 0, table.stderr
    assert "journal" in table.stdout
    assert "unaccounted" in table.stdout.lower() or "rest" in table.stdout.lower()
    report = json.loads(run(tmp_path, "memory", "--json", "--pss", "--url", shared.address).stdout)
    assert report["pss"] > 0
    assert {"journal", "admin.history"} <= {row["name"] for row in report["components"]}


@pytest.mark.shows("mockforge logs --token", "mockforge memory --token")
def test_the_token_is_given_as_an_option_or_in_the_environment(tmp_path: Path) -> None:
    with admin(token=TOKEN) as running:
        for command in ("logs", "memory"):
            without = run(tmp_path, command, "--url", running.address)
            assert without.returncode == 2
            assert "MOCKFORGE_ADMIN__TOKEN" in without.stderr
            assert (
                run(tmp_path, command, "--url", running.address, "--token", TOKEN).returncode == 0
            )
            asked = run(tmp_path, command, "--url", running.address, MOCKFORGE_ADMIN__TOKEN=TOKEN)
            assert asked.returncode == 0, asked.stderr


def test_where_nothing_listens_it_says_what_to_do(shared: Admin, tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:9", "ftp://127.0.0.1", shared.server.url):
        done = run(tmp_path, "logs", "--url", url)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert httpx.get(shared.address + "/__mockforge/health/live", timeout=60).is_success
