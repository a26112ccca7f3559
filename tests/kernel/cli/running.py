"""Running ``mockforge`` in a process of its own, with made-up plugins on its path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]

ECHO_PLUGIN = """
from mockforge.contracts import ConfigSection
import msgspec
from typing import Annotated

class EchoConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    word: Annotated[str, msgspec.Meta(description="A word", extra={"flag": "--echo-word"})] = "hi"

@hookimpl
def mockforge_register_config():
    return [ConfigSection("echo", EchoConfig)]

@hookimpl
def mockforge_register_protocols():
    from tests.kernel.servers import EchoServer
    return [EchoServer]
"""


def environment(site: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this process, with ``site`` and the tests importable. WebSocket and the admin take
    any free port: tests run at the same time."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MOCKFORGE_")}
    path = f"{site}{os.pathsep}{ROOT}"
    ports = {f"MOCKFORGE_{name}_PORT": "0" for name in ("WS", "GRPC", "ADMIN")}
    return {**kept, **ports, "PYTHONPATH": path, **(extra or {})}


def mockforge(
    site: Path, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    return subprocess.run(
        [sys.executable, "-m", "mockforge", *arguments],
        cwd=cwd,
        env=environment(site, env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


@contextmanager
def serving(
    site: Path,
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    command: str = "serve",
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """``mockforge serve --json`` (or another command that serves), ready; with what the ready line says."""
    with subprocess.Popen(
        [sys.executable, "-m", "mockforge", command, "--json", *arguments],
        cwd=cwd,
        env=environment(site, env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            if not line:
                assert child.stderr is not None
                raise AssertionError(f"not ready: {child.stderr.read()}")
            yield child, json.loads(line)
        finally:
            child.kill()
