"""A server process: started from a command line, waited for, measured, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, perf_counter
from typing import Self
from urllib.parse import urlsplit

import psutil

MOCKFORGE = "mockforge serve {document} --spec-root {root} --only http --http-port {port} --json"
"""The command of the server that the walk is for. It does not follow references out of the folder of
a document unless it is told how far they may go."""


class NotStartedError(Exception):
    """The server ended, or was not ready in time; the message holds the end of what it said."""


def executable(name: str) -> str | None:
    """Where a command is: on the path, or beside the interpreter that runs this."""
    beside = Path(sys.executable).parent
    return shutil.which(name, path=f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A running server; a context manager that stops it and its children.

    ``command`` may hold ``{document}``, ``{port}`` and ``{root}``, the folder that the files of the
    document lie in (its own folder unless given). With ``--json`` in it, the server is ready
    when it prints its ready line (``{"event": "ready", "http": ...}``); otherwise, when the port
    accepts connections. ``prefix`` goes before the command (``taskset -c 0``).
    """

    def __init__(
        self,
        command: str,
        document: Path | None = None,
        *,
        root: Path | None = None,
        prefix: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        timeout: float = 120.0,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        folder = root or (document.parent if document is not None else Path())
        values = {"document": str(document or ""), "port": str(self.port), "root": str(folder)}
        words = [word.format(**values) if "{" in word else word for word in shlex.split(command)]
        words[0] = executable(words[0]) or words[0]
        self._announces = "--json" in words
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by stop
        self._ready = threading.Event()
        started = perf_counter()
        try:
            self.process = subprocess.Popen(
                [*prefix, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise NotStartedError(f"{words[0]}: {error.strerror}") from None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait(monotonic() + timeout)
        except NotStartedError:
            self.stop()
            raise
        self.ready_seconds = perf_counter() - started

    def _read(self) -> None:
        """Take what the server prints, so that it never waits for a reader."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not self._ready.is_set() and line.startswith(b"{"):
                with contextlib.suppress(ValueError, KeyError):
                    message = json.loads(line)
                    if message["event"] == "ready":
                        self.port = urlsplit(message["http"]).port or self.port
                        self._ready.set()

    def _wait(self, until: float) -> None:
        while monotonic() < until:
            if self.process.poll() is not None:
                raise NotStartedError(f"exited with {self.process.returncode}: {self.said()}")
            if self._announces:
                if self._ready.wait(0.02):
                    return
            elif _accepts(self.port):
                return
            else:
                self._ready.wait(0.02)
        raise NotStartedError(f"not ready in time: {self.said()}")

    def said(self, most: int = 600) -> str:
        """The end of what the server wrote to its standard error."""
        end = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, end - most))
        return " ".join(self._log.read().decode("utf-8", "replace").split())

    def rss(self) -> int:
        """Resident bytes of the process and its children."""
        try:
            process = psutil.Process(self.process.pid)
            family = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        total = 0
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += int(one.memory_info().rss)
        return total

    def stop(self) -> None:
        """End the process group, gently first."""
        for signal_number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal_number)
            try:
                self.process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # children that outlived it
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
