"""The cache: used when it can be trusted, made anew when it cannot, and never in the way."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockforge.cache_folder import user_cache_folder
from mockforge.errors import DocumentError
from mockforge.findings import Finding
from mockforge_http.documents import Cache, Document, Limits, open_document
from mockforge_http.documents import cache as cache_module
from mockforge_http.documents import document as document_module
from mockforge_http.documents.prepare import Preparation

from .making import PET, api, write


class Preparations:
    """Counts how often documents are prepared."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0

        def prepare(*arguments: object) -> Preparation:
            self.count += 1
            return Preparation(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(document_module, "Preparation", prepare)


@pytest.fixture
def preparations(monkeypatch: pytest.MonkeyPatch) -> Preparations:
    return Preparations(monkeypatch)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    document = api(components={"schemas": {"Pet": {"$ref": "models/pet.json"}}})
    return write(tmp_path / "spec", {"api.json": document, "models/pet.json": PET})


def pack_of(cache: Cache) -> Path:
    (pack,) = cache.folder.glob("*.pack")
    return pack


def contents(document: Document) -> tuple[object, ...]:
    refs = document.operations()
    return (
        document.value(""),
        document.value("", "models/pet.json"),
        document.files,
        document.findings,
        document.servers_base_paths(),
        document.digest,
        refs,
        [document.operation(ref) for ref in refs],
    )


def settle(*paths: Path) -> None:
    """Make files look as if they had not been touched for a minute."""
    past = time.time() - 60
    for file in paths:
        os.utime(file, (past, past))


def test_the_second_opening_is_from_the_cache_and_the_same(
    path: Path, cache: Cache, preparations: Preparations
) -> None:
    with open_document(path) as plain:
        expected = contents(plain)
    for _ in range(3):
        with open_document(path, cache=cache) as document:
            assert contents(document) == expected
    assert preparations.count == 2
    assert [file.suffix for file in cache.folder.iterdir()] == [".pack"]


def test_the_cache_is_private(path: Path, cache: Cache) -> None:
    open_document(path, cache=cache).close()
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert pack_of(cache).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("changed", ["api.json", "models/pet.json"])
def test_a_changed_file_is_noticed(
    path: Path, cache: Cache, preparations: Preparations, changed: str
) -> None:
    with open_document(path, cache=cache) as document:
        before = document.digest
    file = path.parent / changed
    file.write_text(file.read_text().replace("object", "OBJECT").replace("Pets", "PETS"))
    with open_document(path, cache=cache) as document:
        assert document.digest != before
    assert preparations.count == 2


def test_a_change_that_keeps_size_and_time_is_noticed(
    path: Path, cache: Cache, preparations: Preparations
) -> None:
    file = path.parent / "models" / "pet.json"
    settle(file)
    status = file.stat()
    open_document(path, cache=cache).close()
    file.write_text(file.read_text().replace("object", "OBJECT"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.stat().st_mtime_ns == status.st_mtime_ns
    with open_document(path, cache=cache) as document:
        assert document.value("/type", "models/pet.json") == "OBJECT"
    assert preparations.count == 2


def test_a_file_only_touched_is_not_prepared_again(
    path: Path, cache: Cache, preparations: Preparations
) -> None:
    open_document(path, cache=cache).close()
    settle(path, path.parent / "models" / "pet.json")
    open_document(path, cache=cache).close()
    assert preparations.count == 1


def test_a_removed_file_is_noticed(path: Path, cache: Cache) -> None:
    open_document(path, cache=cache).close()
    (path.parent / "models" / "pet.json").unlink()
    with pytest.raises(DocumentError, match="leads to a file that does not exist"):
        open_document(path, cache=cache)


def test_other_limits_or_roots_do_not_share(
    path: Path, cache: Cache, preparations: Preparations, tmp_path: Path
) -> None:
    open_document(path, cache=cache).close()
    with pytest.raises(DocumentError):
        open_document(path, cache=cache, limits=Limits(files=1))
    with open_document(path, cache=cache, root=tmp_path) as document:
        assert document.base == "spec/api.json"
    assert preparations.count == 3


def test_a_document_with_errors_is_not_kept(tmp_path: Path, cache: Cache) -> None:
    path = write(tmp_path, {"a.json": api(components={})})
    with pytest.raises(DocumentError):
        open_document(path, cache=cache)
    assert list(cache.folder.iterdir()) == []


# -------------------------------------------------------------------- damage


def test_a_flipped_bit_anywhere_is_noticed(
    path: Path, cache: Cache, preparations: Preparations, caplog: pytest.LogCaptureFixture
) -> None:
    with open_document(path, cache=cache) as document:
        expected = contents(document)
    good = pack_of(cache).read_bytes()
    step = max(len(good) // 150, 1)
    places = [*range(64), *range(64, len(good), step), len(good) - 1]
    for count, place in enumerate(places, 2):
        damaged = bytearray(good)
        damaged[place] ^= 1 << (place % 8)
        pack_of(cache).write_bytes(damaged)
        with open_document(path, cache=cache) as document:
            assert contents(document) == expected
        assert preparations.count == count, f"bit flipped in byte {place}"
    assert "is damaged" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING


def test_a_truncated_or_longer_pack_is_noticed(
    path: Path, cache: Cache, preparations: Preparations
) -> None:
    open_document(path, cache=cache).close()
    good = pack_of(cache).read_bytes()
    for count, content in enumerate(
        [b"", good[:10], good[:64], good[:65], good[: len(good) // 2], good[:-1], good + b"x"], 2
    ):
        pack_of(cache).write_bytes(content)
        open_document(path, cache=cache).close()
        assert preparations.count == count
    assert pack_of(cache).read_bytes()[:16] == good[:16]


@pytest.mark.parametrize(
    ("what", "other"),
    [("FORMAT", 999), ("producer", lambda: "1999.1.0")],
    ids=["format", "package"],
)
@pytest.mark.parametrize("same_name", [False, True])
def test_a_pack_of_another_version_is_not_used(
    path: Path,
    cache: Cache,
    preparations: Preparations,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    other: object,
    same_name: bool,
) -> None:
    if same_name:  # what a pack says of itself counts, whatever it is called
        monkeypatch.setattr(document_module, "document_key", lambda *_: "name")
    open_document(path, cache=cache).close()
    monkeypatch.setattr(cache_module, what, other)
    open_document(path, cache=cache).close()
    assert preparations.count == 2


def test_a_pack_that_others_may_write_is_not_used(
    path: Path, cache: Cache, preparations: Preparations, caplog: pytest.LogCaptureFixture
) -> None:
    open_document(path, cache=cache).close()
    pack_of(cache).chmod(0o666)
    open_document(path, cache=cache).close()
    assert preparations.count == 2
    assert "not only yours to write" in caplog.text
    assert pack_of(cache).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_pack_of_another_user_is_not_used(
    path: Path, cache: Cache, preparations: Preparations
) -> None:
    open_document(path, cache=cache).close()
    os.chown(pack_of(cache), 12345, -1)
    open_document(path, cache=cache).close()
    assert preparations.count == 2


def test_a_pack_that_is_a_link_or_a_folder_is_not_used(
    path: Path, cache: Cache, preparations: Preparations, tmp_path: Path
) -> None:
    open_document(path, cache=cache).close()
    pack = pack_of(cache)
    pack.rename(tmp_path / "elsewhere")
    pack.symlink_to(tmp_path / "elsewhere")
    open_document(path, cache=cache).close()
    assert preparations.count == 2
    pack.unlink()
    pack.mkdir()
    with open_document(path, cache=cache) as document:
        assert document.title == "Pets"
    assert preparations.count == 3


# -------------------------------------------------------------------- folders that cannot be used


@pytest.mark.parametrize("obstacle", ["file", "shared", "link"])
def test_a_folder_that_cannot_be_used_means_no_cache(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, obstacle: str
) -> None:
    directory = tmp_path / "other"
    directory.mkdir()
    documents = directory / "documents"
    if obstacle == "file":
        documents.write_text("in the way")
    elif obstacle == "shared":
        documents.mkdir()
        documents.chmod(0o777)
    else:
        (tmp_path / "target").mkdir()
        documents.symlink_to(tmp_path / "target")
    with caplog.at_level(logging.INFO, "mockforge.cache"):
        for _ in range(2):
            with open_document(path, cache=Cache(directory)) as document:
                assert document.title == "Pets"
    assert "working without cache" in caplog.text
    assert not list(directory.glob("**/*.pack"))


def test_a_full_disk_means_no_cache(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with open_document(path, cache=cache) as document:
        assert document.title == "Pets"
        assert len(document.operations()) == 1
    assert list(cache.folder.iterdir()) == []


def test_without_any_disk_the_document_stays_in_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_document(path) as document:
        expected, on_disk = contents(document), document.memory_bytes()

    def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", no_space)
    with open_document(path) as document:
        assert contents(document) == expected
        assert document.memory_bytes() > on_disk + 500


# -------------------------------------------------------------------- size


def test_the_least_recently_used_go_first(tmp_path: Path, preparations: Preparations) -> None:
    padding = {"x-padding": "x" * 10_000}
    paths = [write(tmp_path, {f"{n}.json": api(**padding)}) for n in range(6)]
    cache = Cache(tmp_path / "cache", max_bytes=50_000)
    for n, path in enumerate(paths[:4]):
        open_document(path, cache=cache).close()
        newest = max(cache.folder.glob("*.pack"), key=lambda pack: pack.stat().st_mtime_ns)
        made = newest.stat().st_mtime
        os.utime(newest, (1000 + n, made))
    open_document(paths[0], cache=cache).close()  # used again: now the most recent
    open_document(paths[4], cache=cache).close()
    assert preparations.count == 5
    assert sum(pack.stat().st_size for pack in cache.folder.iterdir()) <= 50_000
    open_document(paths[0], cache=cache).close()
    assert preparations.count == 5
    open_document(paths[1], cache=cache).close()
    assert preparations.count == 6


def test_a_document_larger_than_the_cache_is_not_kept(path: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", max_bytes=100)
    with open_document(path, cache=cache) as document:
        assert document.title == "Pets"
    assert list(cache.folder.iterdir()) == []


def test_what_crashed_processes_left_behind_is_removed(path: Path, cache: Cache) -> None:
    cache.folder.mkdir(parents=True, mode=0o700)
    old, new = cache.folder / ".tmp-old", cache.folder / ".tmp-new"
    old.touch()
    new.touch()
    os.utime(old, (1, 1))
    open_document(path, cache=cache).close()
    assert not old.exists()
    assert new.exists()


# -------------------------------------------------------------------- results of checks


def test_results_of_checks_are_remembered_until_damaged(
    cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    findings = [Finding("document.spec", "wrong", file="a.yaml", line=3, column=1)]
    assert cache.recall("key") is None
    cache.remember("key", findings)
    assert cache.recall("key") == findings
    next(cache.folder.iterdir()).write_bytes(b"{")
    assert cache.recall("key") is None
    assert "is damaged" in caplog.text


# -------------------------------------------------------------------- processes

_OPEN_MANY = """
import sys
from pathlib import Path
from mockforge_http.documents import Cache, open_document
path, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.stdin.readline()
for n in range(30):
    with open_document(path, cache=Cache(folder)) as document:
        assert [ref.operation_id for ref in document.operations()] == ["listPets"]
        assert document.value("/components/schemas/S7/description") == "x" * 1000
    if n % 3 == 0:
        for pack in folder.glob("documents/*.pack"):
            pack.unlink(missing_ok=True)
print("fine")
"""


def test_processes_that_open_the_same_document_at_once(tmp_path: Path) -> None:
    schemas = {f"S{n}": {"description": "x" * 1000} for n in range(100)}
    path = write(tmp_path, {"a.json": api(components={"schemas": {"Pet": PET, **schemas}})})
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_MANY, str(path), str(tmp_path / "cache")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert output == "fine\n", errors
    assert not list((tmp_path / "cache" / "documents").glob(".tmp-*"))


def test_the_default_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache_folder() == tmp_path / "mockforge"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_cache_folder() == tmp_path / ".cache" / "mockforge"
    assert Cache.default().folder == tmp_path / ".cache" / "mockforge" / "documents"
