"""The sections ``core`` and ``logging``: what each setting does to a running mock."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockforge import hookimpl
from mockforge.observe.journal import JournalEntry
from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.e2e.raw import accepts, connected, get, post
from tests.e2e.slow import Gate
from tests.http.server.documents import content, document
from tests.http.server.documents import get as get_operation
from tests.kernel.observe.waiting import wait_until

DOCUMENT = document(
    {
        "/": {
            **get_operation(("200", content(text={"example": "answer"}))),
            "post": {"responses": {"204": {"description": "d"}}},
        },
        "/slow": get_operation(("200", content(text={"example": "answer"}))),
        # Nothing satisfies this, so answering fails, which is logged with its traceback.
        "/fails": get_operation(
            ("200", content(json={"schema": {"type": "integer", "minimum": 5, "maximum": 4}}))
        ),
    }
)


def server(*plugins: object, **settings: Any) -> MockServer:
    """A server with these settings of ``core``."""
    return MockServer(
        DOCUMENT,
        settings={f"core.{key}": value for key, value in settings.items()},
        plugins=plugins,
    )


def metric(running: MockServer, sample: str) -> float:
    lines = running.metrics.render().splitlines()
    return float(next(line for line in lines if line.startswith(f"{sample} ")).rpartition(" ")[2])


# ------------------------------------------------------------------ the journal


@pytest.mark.shows("core.max_request_log_bytes", "mockforge_journal_bytes")
def test_the_journal_holds_no_more_bytes_than_it_may() -> None:
    with server(max_request_log_bytes="20KB") as running, connected(running.url) as client:
        for _ in range(10):
            assert client.ask(post("/", b"x" * 4000)).status == 204
        assert 3 <= len(running.requests()) <= 5
        assert [entry.id for entry in running.requests()][-1] == 10
        assert 12_000 < metric(running, "mockforge_journal_bytes") <= 20_000


@pytest.mark.shows("core.max_logged_body")
def test_bodies_in_the_journal_are_cut() -> None:
    with server(max_logged_body=10) as running, connected(running.url) as client:
        client.ask(post("/", b"0123456789abc"))
        client.ask(get())
        posted, got = running.requests()
        assert (posted.request_body, posted.request_body_truncated) == ("0123456789", True)
        assert posted.request_size == 13
        assert (got.response_body, got.response_body_truncated) == ("answer", False)


@pytest.mark.shows("core.redact")
def test_values_of_named_headers_and_parameters_are_not_kept() -> None:
    with server(redact=["x-secret"]) as running, connected(running.url) as client:
        client.ask(get("/?X-Secret=1&a=2", extra=b"X-SECRET: 1\r\nAuthorization: 2\r\n"))
        (entry,) = running.requests()
        assert entry.query == "X-Secret=[redacted]&a=2"
        headers = dict(entry.request_headers)
        assert headers["X-SECRET"] == "[redacted]"
        assert headers["Authorization"] == "2"  # the list is replaced, not added to


@pytest.mark.shows("core.log_file.path", "core.log_file.max_bytes", "core.log_file.backups")
def test_the_journal_on_disk_is_a_bounded_number_of_bounded_files(tmp_path: Path) -> None:
    log_file = {"path": str(tmp_path / "logs/requests.jsonl"), "max_bytes": 5000, "backups": 2}
    with server(log_file=log_file) as running, connected(running.url) as client:
        for number in range(60):
            client.ask(get(f"/?{number}"))
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == [
        "requests.jsonl",
        "requests.jsonl.1",
        "requests.jsonl.2",
    ]
    assert all(3000 < file.stat().st_size <= 5000 for file in files[1:])
    last = json.loads(files[0].read_text().splitlines()[-1])
    assert (last["target"], last["status"]) == ("/?59", 200)


class Stuck:
    """A request logger that takes one entry and does not come back until it is let go."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.release = threading.Event()

    @hookimpl
    def mockforge_log_request(self, entry: JournalEntry) -> None:
        self.seen.append(entry.id)
        self.release.wait(20)


@pytest.mark.shows("core.log_queue", "mockforge_log_request", "mockforge_dropped_total")
def test_entries_that_wait_for_a_slow_logger_are_bounded_and_the_rest_counted() -> None:
    stuck = Stuck()
    with server(stuck, log_queue=3) as running, connected(running.url) as client:
        client.ask(get())
        wait_until(lambda: stuck.seen)
        for _ in range(10):
            client.ask(get())
        dropped = 'mockforge_dropped_total{component="journal.loggers"}'
        assert metric(running, dropped) == 7
        stuck.release.set()
    assert stuck.seen == [1, 9, 10, 11]  # the newest three waited


# ------------------------------------------------------------------ the end


@pytest.mark.shows("core.drain_timeout")
def test_what_is_under_way_may_finish_within_the_time(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    running = server(gate, drain_timeout="1h")
    running.start()
    url = running.url
    with connected(url) as client:
        client.send(get("/slow"))
        wait_until(lambda: gate.waiting == 1)
        stopping = threading.Thread(target=running.stop)
        stopping.start()
        wait_until(lambda: not accepts(url))
        gate.open()
        answer = client.answer()
        stopping.join()
        assert answer is not None
        assert answer.body == b"answer"

    gate = Gate()
    running = server(gate, drain_timeout="50ms")
    running.start()
    with connected(running.url) as client:
        client.send(get("/slow"))
        wait_until(lambda: gate.waiting == 1)
        running.stop()
        assert client.answer() is None
    assert "not drained within 0.05 s; 1 connections are cut" in caplog.text


# ------------------------------------------------------------------ messages


def messages(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text().splitlines():
        yield json.loads(line)


@pytest.mark.shows("logging.json", "logging.file")
def test_messages_can_be_json_and_go_to_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "mockforge.yaml").write_text("logging: {json: true, file: messages.log}\n")
    with serving(tmp_path, "openapi.json") as running:
        assert running.fetch("/fails").status == 500
        shown = json.loads(running.message())
        assert shown["message"] == "answering GET /fails failed"
        assert "Traceback" in shown["exception"]
        running.stop()
    assert list(messages(tmp_path / "messages.log")) == [shown]


@pytest.mark.shows("logging.max_file_size_mb", "logging.max_files")
def test_files_of_messages_are_bounded_in_number_and_size(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "mockforge.yaml").write_text(
        "logging: {file: logs/messages.log, max_file_size_mb: 1, max_files: 2}\n"
    )
    (tmp_path / "logs").mkdir()
    long = get(f"/fails?{'x' * 15_000}")
    with serving(tmp_path, "openapi.json") as running:
        assert running.child.stderr is not None
        reader = threading.Thread(target=running.child.stderr.read)
        reader.start()
        with connected(running.url) as client:
            for _ in range(180):
                assert client.ask(long).status == 500
        running.child.terminate()
        reader.join()
    files = {file.name: file.stat().st_size for file in (tmp_path / "logs").iterdir()}
    assert set(files) == {"messages.log", "messages.log.1"}
    assert all(900_000 < size <= 1024**2 for name, size in files.items() if name != "messages.log")
