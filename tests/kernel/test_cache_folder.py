"""Files in the user's cache folder: whole or absent, private, and not without end."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from mockforge.cache_folder import CacheFolder


def put(cache: CacheFolder, name: str, data: bytes) -> None:
    with cache.writing(name) as file:
        assert file is not None
        file.write(data)
    file.close()


def get(cache: CacheFolder, name: str) -> bytes | None:
    file = cache.open(name)
    if file is None:
        return None
    with file:
        return file.read()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path / "a" / "b", ".x")
    assert get(cache, "one.x") is None
    put(cache, "one.x", b"1")
    assert get(cache, "one.x") == b"1"
    assert get(CacheFolder(tmp_path / "a" / "b", ".x"), "one.x") == b"1"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


def test_the_file_stays_open_for_reading(tmp_path: Path) -> None:
    with CacheFolder(tmp_path, ".x").writing("one.x") as file:
        assert file is not None
        file.write(b"1")
    with file:
        file.seek(0)
        assert file.read() == b"1"


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path, ".x")
    put(cache, "one.x", b"1")

    def fail() -> None:
        with cache.writing("one.x") as file:
            assert file is not None
            opened.append(file)
            file.write(b"2")
            raise RuntimeError

    opened: list[BinaryIO] = []
    with pytest.raises(RuntimeError):
        fail()
    assert opened[0].closed
    assert get(cache, "one.x") == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["one.x"]


def test_files_that_others_may_write_are_not_opened(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path / "c", ".x")
    put(cache, "one.x", b"1")
    (tmp_path / "c" / "one.x").chmod(0o622)
    assert get(cache, "one.x") is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path / "c", ".x")
    put(cache, "one.x", b"1")
    (tmp_path / "c" / "two.x").symlink_to(tmp_path / "c" / "one.x")
    assert get(cache, "two.x") is None


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path, ".x", max_bytes=30)
    for name in ("one.x", "two.x", "three.x"):
        put(cache, name, b"0123456789")
        os.utime(tmp_path / name, (1_000_000, 1_000_000))
    file = cache.open("one.x")
    assert file is not None
    with file:
        cache.touch(file)
    assert (tmp_path / "one.x").stat().st_mtime == 1_000_000
    put(cache, "four.x", b"0123456789")
    kept = {path.name for path in tmp_path.iterdir()}
    assert len(kept) == 3
    assert {"one.x", "four.x"} < kept


def test_a_file_beyond_the_limit_is_not_kept(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path, ".x", max_bytes=5)
    put(cache, "one.x", b"0123456789")
    assert list(tmp_path.iterdir()) == []


def test_what_crashed_writers_left_goes(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path, ".x")
    abandoned, fresh = tmp_path / ".tmp-old", tmp_path / ".tmp-new"
    abandoned.write_bytes(b"x")
    fresh.write_bytes(b"x")
    old = time.time() - 10_000
    os.utime(abandoned, (old, old))
    (tmp_path / "foreign").write_bytes(b"x")
    cache.trim()
    assert {path.name for path in tmp_path.iterdir()} == {".tmp-new", "foreign"}


def test_a_folder_that_cannot_be_used_means_no_cache(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("in the way")
    cache = CacheFolder(tmp_path / "c", ".x")
    with cache.writing("one.x") as file:
        assert file is None
    assert cache.open("one.x") is None
