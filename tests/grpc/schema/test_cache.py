"""Compiled protos are kept and used again only where nothing has changed and nothing is damaged."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.cache_folder import CacheFolder
from mockforge_grpc.schema import ProtoError, Schema, load_schema
from mockforge_grpc.schema.compiler import Compiled, run
from mockforge_grpc.schema.compiling import compile_units
from mockforge_grpc.schema.index import FileEntry, Index
from mockforge_grpc.schema.layout import find, plan
from mockforge_grpc.schema.merging import SourceFile, SourceSet, merge
from mockforge_grpc.schema.pack import DamagedPackError, Pack, write_pack
from tests.grpc.schema.protos import GREETER, write

Loader = Callable[..., tuple[Schema, bool]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    """Loads with a cache; says whether the compiler had to run."""
    runs: list[int] = []

    def counted(*arguments: Any) -> Compiled:
        runs.append(1)
        return run(*arguments)

    monkeypatch.setattr("mockforge_grpc.schema.compiling.run", counted)

    def loader(*sources: Path, roots: tuple[Path, ...] = ()) -> tuple[Schema, bool]:
        before = len(runs)
        schema = load_schema(list(sources), roots, cache=tmp_path / "cache")
        return schema, len(runs) > before

    return loader


def settle(folder: Path) -> None:
    """Make the files look as if they had been written long ago."""
    old = time.time() - 100
    for path in folder.rglob("*"):
        os.utime(path, (old, old))


def packs(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "protos").glob("*.protos"))


def test_the_second_start_needs_no_compiler(tmp_path: Path, load: Loader) -> None:
    folder = write(tmp_path / "p", {"hello.proto": GREETER})
    settle(folder)
    first, compiled = load(folder)
    assert compiled
    second, compiled = load(folder)
    assert not compiled
    assert list(second.methods) == list(first.methods)
    assert second.methods["/hello.Greeter/Chat"].input.full_name == "hello.Request"
    place = second.place(second.methods["/hello.Greeter/Chat"].descriptor)
    assert (place.file, place.line) == (str(folder / "hello.proto"), 8)
    assert len(packs(tmp_path)) == 1
    first.close()
    second.close()


def test_touched_but_unchanged_files_need_no_compiler(tmp_path: Path, load: Loader) -> None:
    folder = write(tmp_path / "p", {"hello.proto": GREETER})
    load(folder)[0].close()
    settle(folder)
    schema, compiled = load(folder)
    assert not compiled
    schema.close()


@pytest.mark.parametrize(
    "change",
    [
        {"p/hello.proto": GREETER.replace("Collect", "Gather_")},  # of the same size
        {"p/other.proto": 'syntax = "proto3";'},
        {"root/lib.proto": 'syntax = "proto3"; package lib; message Changed {}'},
    ],
)
def test_every_change_is_seen(tmp_path: Path, load: Loader, change: dict[str, str]) -> None:
    write(
        tmp_path,
        {
            "p/hello.proto": 'syntax = "proto3"; import "lib.proto";' + GREETER.partition(";")[2],
            "root/lib.proto": 'syntax = "proto3"; package lib; message Lib {}',
        },
    )
    sources = (tmp_path / "p",)
    roots = (tmp_path / "root",)
    load(*sources, roots=roots)[0].close()
    load(*sources, roots=roots)[0].close()
    write(tmp_path, change)
    schema, compiled = load(*sources, roots=roots)
    assert compiled
    schema.close()


def test_a_file_that_would_be_imported_instead_is_seen(tmp_path: Path, load: Loader) -> None:
    write(
        tmp_path,
        {
            "p/a.proto": 'syntax = "proto3"; import "lib/x.proto"; message A {}',
            "late/lib/x.proto": 'syntax = "proto3"; message Late {}',
        },
    )
    roots = (tmp_path / "early", tmp_path / "late")
    roots[0].mkdir()
    load(tmp_path / "p", roots=roots)[0].close()
    write(roots[0], {"lib/x.proto": 'syntax = "proto3"; message Early {}'})
    schema, compiled = load(tmp_path / "p", roots=roots)
    assert compiled
    assert schema.message_type("Early") is not None
    schema.close()


def test_a_file_that_goes_is_seen(tmp_path: Path, load: Loader) -> None:
    folder = write(tmp_path / "p", {"hello.proto": GREETER, "b.proto": 'syntax = "proto3";'})
    load(folder)[0].close()
    (folder / "b.proto").unlink()
    schema, compiled = load(folder)
    assert compiled
    assert list(schema.files) == ["hello.proto"]
    schema.close()


def test_what_did_not_compile_is_not_kept(tmp_path: Path, load: Loader) -> None:
    folder = write(tmp_path / "p", {"hello.proto": "broken"})
    for _ in range(2):
        with pytest.raises(ProtoError):
            load(folder)
    assert packs(tmp_path) == []


def test_a_damaged_pack_is_made_anew(
    tmp_path: Path, load: Loader, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write(tmp_path / "p", {"hello.proto": GREETER})
    load(folder)[0].close()
    (pack,) = packs(tmp_path)
    whole = pack.read_bytes()
    for damaged in (b"", whole[:-1], whole[: len(whole) // 2], whole[:30] + b"\0" + whole[31:]):
        pack.write_bytes(damaged)
        schema, compiled = load(folder)
        assert compiled
        assert "damaged" in caplog.text
        caplog.clear()
        assert len(schema.methods) == 4
        assert schema.methods["/hello.Greeter/Chat"].input is not None
        schema.close()
        assert pack.read_bytes() != damaged


def test_a_pack_that_others_may_write_is_not_used(tmp_path: Path, load: Loader) -> None:
    folder = write(tmp_path / "p", {"hello.proto": GREETER})
    load(folder)[0].close()
    (pack,) = packs(tmp_path)
    pack.chmod(0o666)
    schema, compiled = load(folder)
    assert compiled
    schema.close()


def test_a_cache_that_cannot_be_used_is_no_obstacle(tmp_path: Path, load: Loader) -> None:
    (tmp_path / "cache").write_text("a file")
    schema, compiled = load(write(tmp_path / "p", {"hello.proto": GREETER}))
    assert compiled
    assert len(schema.methods) == 4
    schema.close()


def test_old_packs_go_when_there_are_too_many(
    tmp_path: Path, load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "mockforge_grpc.schema.loading.CacheFolder",
        lambda *arguments: CacheFolder(*arguments, max_bytes=4_000),
    )
    for number in range(6):
        folder = write(tmp_path / f"p{number}", {"hello.proto": GREETER})
        load(folder)[0].close()
    kept = packs(tmp_path)
    assert 0 < len(kept) < 6
    assert sum(path.stat().st_size for path in kept) <= 4_000


# ---------------------------------------------------------------- the pack itself


def packed(raw: list[bytes | memoryview], index: Index) -> bytes:
    file = io.BytesIO()
    write_pack(file, raw, index)
    return file.getvalue()


@pytest.fixture(scope="module")
def whole() -> bytes:
    from google.protobuf import struct_pb2, timestamp_pb2

    files = [
        SourceFile(each.DESCRIPTOR.name, each.DESCRIPTOR.serialized_pb, "here", given=True)
        for each in (struct_pb2, timestamp_pb2)
    ]
    raw, index, errors = merge([SourceSet("x", files)])
    assert errors == []
    return packed(raw, index)


@given(data=st.data())
def test_no_changed_byte_goes_unnoticed(whole: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    damaged = bytearray(whole)
    damaged[position] ^= 1 << bit
    try:
        pack = Pack(io.BytesIO(bytes(damaged)))
        for number in range(2):
            pack.descriptor(number)
            pack.source_info(number)
    except DamagedPackError:
        return
    pytest.fail(f"bit {bit} of byte {position}")


@given(st.binary(max_size=200))
def test_anything_else_is_no_pack(data: bytes) -> None:
    with pytest.raises(DamagedPackError):
        Pack(io.BytesIO(data))


def test_comments_have_their_own_checksum(tmp_path: Path) -> None:
    folder = write(tmp_path, {"hello.proto": "// Said.\n" + GREETER})
    set_ = compile_units(plan(find([folder]), (), ())).sets[0]
    raw, index, _ = merge([set_])
    data = packed(list(raw), index)
    entry: FileEntry = Pack(io.BytesIO(data)).index.files[0]
    assert entry.info_length > 100
    damaged = bytearray(data)
    damaged[entry.info_offset + 10] ^= 1
    pack = Pack(io.BytesIO(bytes(damaged)))
    assert pack.descriptor(0)
    with pytest.raises(DamagedPackError, match=r"comments of hello\.proto"):
        pack.source_info(0)
