"""The journal on disk: complete lines, bounded, and back after trouble."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from mockforge.errors import ConfigError
from mockforge.observe.journal import Journal, JournalEntry, JsonLinesSink, LogDispatcher, sink
from tests.kernel.observe.exchanges import exchange
from tests.kernel.observe.waiting import wait_until


def entry(number: int = 1, body: bytes = b"") -> JournalEntry:
    journal = Journal(max_body=1_000_000)
    journal.record(exchange(target=f"/{number}", body=body))
    return journal.recent()[0]


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_entry_is_a_line_of_json_at_the_end_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "log.jsonl"
    log = JsonLinesSink(path)
    log(entry(1))
    log.close()
    log(entry(2, body=b"new\nline"))
    log.close()
    assert [line["target"] for line in lines(path)] == ["/1", "/2"]
    assert lines(path)[1]["request_body"] == "new\nline"
    assert log.written == 2


def test_files_rotate_and_the_disk_they_use_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = JsonLinesSink(path, max_bytes=5000, backups=2)
    for number in range(200):
        log(entry(number, body=b"x" * (number * 7 % 1500)))
        held = [file.stat().st_size for file in tmp_path.iterdir()]
        assert max(held) <= 5000
        assert len(held) <= 3
    log.close()
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["log.jsonl", "log.jsonl.1", "log.jsonl.2"]
    kept = [
        int(str(line["target"])[1:]) for name in reversed(names) for line in lines(tmp_path / name)
    ]
    assert kept == list(range(kept[0], 200)), "the newest are kept, none missing between"


def test_without_backups_the_file_begins_anew(tmp_path: Path) -> None:
    log = JsonLinesSink(tmp_path / "log.jsonl", max_bytes=4096, backups=0)
    for number in range(50):
        log(entry(number))
    log.close()
    assert [file.name for file in tmp_path.iterdir()] == ["log.jsonl"]
    assert lines(tmp_path / "log.jsonl")[-1]["target"] == "/49"


def test_a_line_over_the_limit_goes_without_its_bodies(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = JsonLinesSink(path, max_bytes=4096)
    log(entry(1, body=b"x" * 10_000))
    log.close()
    assert path.stat().st_size <= 4096
    line = lines(path)[0]
    assert line["request_body"] == ""
    assert line["request_body_truncated"] is True
    assert line["stripped"] is True
    assert log.shortened == 1


def test_a_file_rotated_from_outside_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = JsonLinesSink(path)
    log(entry(1))
    path.rename(tmp_path / "moved")
    log(entry(2))
    path.unlink()
    log(entry(3))
    path.write_bytes(b"")
    log(entry(4))
    log.close()
    assert [line["target"] for line in lines(tmp_path / "moved")] == ["/1"]
    assert [line["target"] for line in lines(path)] == ["/4"]


def test_a_folder_that_disappears_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "log.jsonl"
    log = JsonLinesSink(path)
    log(entry(1))
    shutil.rmtree(path.parent)
    log(entry(2))
    log.close()
    assert [line["target"] for line in lines(path)] == ["/2"]


def test_an_unwritable_path_is_counted_and_reported_and_serving_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "logs"
    blocked.write_text("a file where the folder should be")
    journal = Journal()
    log = JsonLinesSink(blocked / "log.jsonl")
    dispatcher = LogDispatcher(journal, [log])
    for number in range(3):
        journal.record(exchange(target=f"/{number}"))
    wait_until(lambda: dispatcher.stats().failures == {log.name: 3})
    assert caplog.text.count("request logger log file") == 1
    assert str(blocked) in caplog.text
    blocked.unlink()
    journal.record(exchange(target="/back"))
    assert dispatcher.close()
    log.close()
    assert [line["target"] for line in lines(log.path)] == ["/back"]
    assert journal.count() == 4


def test_no_part_of_a_line_stays_behind_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.jsonl"
    log = JsonLinesSink(path)
    log(entry(1))

    def half(descriptor: int, line: bytes) -> None:
        os.write(descriptor, line[: len(line) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(sink, "_write", half)
        with pytest.raises(OSError, match="No space left"):
            log(entry(2))
    log(entry(3))
    log.close()
    assert [line["target"] for line in lines(path)] == ["/1", "/3"]
    assert log.written == 2


def test_an_existing_file_is_continued_and_counts_towards_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"old":1}\n' * 450)
    log = JsonLinesSink(path, max_bytes=4800)
    log(entry(1))
    log.close()
    assert (tmp_path / "log.jsonl.1").stat().st_size == 4500
    assert len(lines(path)) == 1


def test_limits_that_cannot_work_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="max_bytes of the log file is 100"):
        JsonLinesSink(tmp_path / "log", max_bytes=100)
    with pytest.raises(ConfigError, match="backups of the log file is -1"):
        JsonLinesSink(tmp_path / "log", backups=-1)


def test_the_file_is_not_for_everyone_to_read(tmp_path: Path) -> None:
    log = JsonLinesSink(tmp_path / "log.jsonl")
    log(entry())
    log.close()
    assert not (tmp_path / "log.jsonl").stat().st_mode & 0o007
