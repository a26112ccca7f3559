"""The compiler runs in a child process, is found where it is, and may fail in any way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockforge.errors import Place
from mockforge_grpc.schema import ProtoError, compiler, diagnostics, load_schema
from mockforge_grpc.schema.compiler import Compiled, find_compiler
from mockforge_grpc.schema.compiling import bundled_roots
from mockforge_grpc.schema.layout import Unit
from tests.grpc.schema.protos import EDITION, EDITION_2024, GREETER, KINDS, OLD, write


@pytest.fixture(autouse=True)
def _found_anew() -> Iterator[None]:
    find_compiler.cache_clear()
    bundled_roots.cache_clear()
    yield
    find_compiler.cache_clear()
    bundled_roots.cache_clear()


def candidates(monkeypatch: pytest.MonkeyPatch, *commands: tuple[str, ...]) -> None:
    monkeypatch.setattr(compiler, "_candidates", lambda: iter([(each, None) for each in commands]))


def script(folder: Path, *lines: str) -> tuple[str, ...]:
    """A compiler that runs ``lines`` of Python instead of compiling."""
    path = folder / "fake.py"
    head = ("import sys", "if '--version' in sys.argv: print('fake 1'); raise SystemExit")
    path.write_text("\n".join([*head, *lines]))
    return (sys.executable, str(path))


def test_the_packaged_compiler_is_the_first(tmp_path: Path) -> None:
    found = find_compiler()
    assert found.version.startswith("libprotoc ")
    assert found.include is not None
    assert (found.include / "google/protobuf/timestamp.proto").is_file()
    assert find_compiler() is found


def test_grpcio_tools_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
    monkeypatch.setattr(compiler, "PACKAGE", "no-such-package")
    found = find_compiler()
    assert found.command == (sys.executable, "-m", "grpc_tools.protoc")
    assert found.include == Path(tools.__file__).parent / "_proto"
    schema = load_schema([write(tmp_path, {"kinds.proto": KINDS, "hello.proto": GREETER})])
    assert len(schema.methods) == 4
    schema.close()
    write(tmp_path, {"bad.proto": "message"})
    with pytest.raises(ProtoError) as caught:
        load_schema([tmp_path])
    assert caught.value.place is not None
    assert caught.value.place.file == str(tmp_path / "bad.proto")


def test_a_compiler_that_does_not_run_here_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "protoc"
    foreign.write_bytes(b"\x7fELF of another system")
    foreign.chmod(0o755)
    candidates(monkeypatch, (str(foreign),), (str(tmp_path / "nope"),), script(tmp_path))
    assert find_compiler().version == "fake 1"


def test_without_a_compiler_the_remedies_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates(monkeypatch, (str(tmp_path / "nope"),))
    with pytest.raises(ProtoError, match="no protobuf compiler runs here") as caught:
        load_schema([write(tmp_path / "p", {"hello.proto": GREETER})])
    hint = str(caught.value.hint)
    assert "pip install grpcio-tools" in hint
    assert "musl" in hint
    assert "descriptor sets" in hint


def test_descriptor_sets_need_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.protobuf import struct_pb2
    from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

    file = FileDescriptorProto.FromString(struct_pb2.DESCRIPTOR.serialized_pb)
    path = tmp_path / "x.pb"
    path.write_bytes(FileDescriptorSet(file=[file]).SerializeToString())
    candidates(monkeypatch)
    schema = load_schema([path])
    assert schema.message_type("google.protobuf.Struct") is not None
    schema.close()


def test_no_source_at_all_is_an_empty_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates(monkeypatch)
    schema = load_schema([])
    assert schema.summary == "0 services, 0 methods in 0 files"
    assert schema.service("grpc.health.v1.Health") is not None
    assert schema.nearest_method("a.B/C") is None
    schema.close()


def test_a_compiler_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    candidates(monkeypatch, script(tmp_path, "import threading; threading.Event().wait()"))
    monkeypatch.setattr(compiler, "TIMEOUT", 0.5)
    with pytest.raises(ProtoError, match="took more than"):
        load_schema([write(tmp_path / "p", {"hello.proto": GREETER})])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_compiler_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    candidates(monkeypatch, script(tmp_path, "import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(ProtoError, match="ended by signal 9"):
        load_schema([write(tmp_path / "p", {"hello.proto": GREETER})])


def test_a_compiler_that_fails_without_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates(monkeypatch, script(tmp_path, "sys.exit('out of paper')"))
    with pytest.raises(ProtoError, match="the protobuf compiler failed: out of paper"):
        load_schema([write(tmp_path / "p", {"hello.proto": GREETER})])


def test_what_a_compiler_says_is_read_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates(monkeypatch, script(tmp_path, "sys.exit('x' * 100)"))
    monkeypatch.setattr(compiler, "_MOST_OUTPUT", 10)
    with pytest.raises(ProtoError, match=r"failed: x{10}$"):
        load_schema([write(tmp_path / "p", {"hello.proto": GREETER})])


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    load_schema([write(tmp_path / "p", {"hello.proto": GREETER})]).close()
    write(tmp_path / "p", {"bad.proto": "message"})
    with pytest.raises(ProtoError):
        load_schema([tmp_path / "p"])
    assert list(scratch.iterdir()) == []


def test_every_syntax(tmp_path: Path) -> None:
    files = {"a.proto": KINDS, "b.proto": OLD, "c.proto": EDITION, "d.proto": EDITION_2024}
    schema = load_schema([write(tmp_path, files)])
    for name in ("kinds.Known", "old.Outer", "modern.Thing", "newest.Thing"):
        assert schema.message_type(name) is not None
    schema.close()


# ---------------------------------------------------------------- reading what it says


def said(text: str, *paths: str, ok: bool = False) -> diagnostics.Said:
    unit = Unit((Path("root"),), tuple(paths), tuple(Path("root", each) for each in paths))
    return diagnostics.read(Compiled(ok, text, ("/abs/root",)), unit, ())


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ('a.proto:3:4: Expected ";".', Place("root/a.proto", 3, 4), 'Expected ";"'),
        ("/abs/root/a.proto:3:4: Oh.", Place("root/a.proto", 3, 4), "Oh"),
        ("a.proto:7: Oh.", Place("root/a.proto", 7), "Oh"),
        ("a.proto: Oh.", Place("root/a.proto"), "Oh"),
        ("/abs/root/lib/b.proto:1:1: Oh.", Place("root/lib/b.proto", 1, 1), "Oh"),
        ("a.proto: File not found.", Place("root/a.proto"), "cannot be read"),
    ],
)
def test_a_line_of_the_compiler(line: str, place: Place, message: str) -> None:
    (error,) = said(line, "a.proto").errors
    assert (error.place, error.message) == (place, message)


def test_a_line_that_is_repeated_is_one_error() -> None:
    assert len(said("a.proto:1:1: Oh.\na.proto:1:1: Oh.\n", "a.proto").errors) == 1


def test_warnings_about_files_of_others_are_not_passed_on() -> None:
    text = (
        "lib.proto:1:1: warning: Import x.proto is unused.\na.proto:2:1: warning: Something odd.\n"
    )
    found = said(text, "a.proto", ok=True).findings
    assert [(each.code, each.file, each.line, each.severity) for each in found] == [
        ("proto.warning", "root/a.proto", 2, "warning")
    ]


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [("\tx", 9, 2), ("ab\tx", 9, 4), ("\t\tx", 17, 3), ("  x", 3, 3), ("\tx", 99, 99)],
)
def test_columns_count_a_tab_as_one(tmp_path: Path, line: str, column: int, expected: int) -> None:
    path = tmp_path / "a.proto"
    path.write_text(f"first\n{line}\n")
    unit = Unit((tmp_path,), ("a.proto",), (path,))
    run = Compiled(False, f"a.proto:2:{column}: Oh.", (str(tmp_path),))
    (error,) = diagnostics.read(run, unit, ()).errors
    assert error.place == Place(str(path), 2, expected)
