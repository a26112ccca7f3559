"""What the operating system says of the process, with and without /proc."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from mockforge.observe import process


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A platform without /proc."""
    return tmp_path / "proc" / "self"


def test_resident_memory_agrees_with_psutil() -> None:
    ours, theirs = process.resident_bytes(), psutil.Process().memory_info().rss
    assert ours == pytest.approx(theirs, rel=0.1)


def test_without_proc_the_peak_stands_in(elsewhere: Path) -> None:
    peak = process.resident_bytes(elsewhere)
    assert peak is not None
    assert peak >= psutil.Process().memory_info().rss * 0.5


def test_garbage_in_proc_is_not_believed(tmp_path: Path) -> None:
    for name in ("statm", "smaps_rollup", "stat"):
        (tmp_path / name).write_bytes(b"what\nPss: a lot\n")
    assert process.resident_bytes(tmp_path) == process.resident_bytes(tmp_path / "absent")
    assert process.proportional_bytes(tmp_path) is None
    assert process.started_at(tmp_path) == process._IMPORTED_AT


def test_descriptors_are_counted(tmp_path: Path) -> None:
    before = process.open_descriptors()
    assert before is not None
    assert before == psutil.Process().num_fds() - 1, "without the one that lists them"
    with (tmp_path / "open").open("w"):
        assert process.open_descriptors() == before + 1
    most = process.max_descriptors()
    assert most is None or most > before


def test_what_the_platform_does_not_tell_is_none(elsewhere: Path) -> None:
    assert process.open_descriptors(elsewhere) is None
    assert process.proportional_bytes(elsewhere) is None
    assert process.started_at(elsewhere) == process._IMPORTED_AT


def test_start_and_processor_time_agree_with_psutil() -> None:
    assert process.started_at() == pytest.approx(psutil.Process().create_time(), abs=2)
    before = process.cpu_seconds()
    end = time.process_time() + 0.02
    while time.process_time() < end:
        os.getpid()
    assert process.cpu_seconds() >= before + 0.02
