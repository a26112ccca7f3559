"""A kernel as a process: what each signal does."""

from __future__ import annotations

import gc
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockforge.kernel import process

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def started(*servers: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.kernel.kernel.process_main", *servers],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def connection(child: subprocess.Popen[str]) -> socket.socket:
    host, port = line(child).rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_drains_and_exits_with_0(number: signal.Signals) -> None:
    with started("echo") as child, connection(child) as client:
        client.sendall(b"one")
        assert client.recv(10) == b"one"
        child.send_signal(number)
        client.sendall(b"two")
        assert client.recv(10) == b"two"
        assert child.poll() is None  # it waits for the connection
        client.close()
        assert line(child) == "drained"
        assert child.wait(20) == 0


def test_a_second_signal_exits_at_once() -> None:
    with started("echo") as child, connection(child) as client:
        client.sendall(b"one")
        assert client.recv(10) == b"one"
        child.send_signal(signal.SIGTERM)
        while True:  # until it drains: the listener is closed
            client.sendall(b"x")
            assert client.recv(10) == b"x"
            if not _accepts(client.getpeername()):
                break
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 128 + signal.SIGINT


def _accepts(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=20):
            return True
    except OSError:
        return False


def test_two_signals_end_a_process_that_is_busy_loading() -> None:
    with started("busy") as child:
        assert line(child) == "busy"
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGTERM)
        # Whichever of the two is handled second.
        assert child.wait(20) in {128 + signal.SIGINT, 128 + signal.SIGTERM}


def test_hangup_reloads_and_goes_on_serving() -> None:
    with started("echo", stderr=subprocess.DEVNULL) as child, connection(child) as client:
        for _ in range(2):
            child.send_signal(signal.SIGHUP)
            assert line(child) == "reloaded"
        client.sendall(b"one")
        assert client.recv(10) == b"one"


def test_closing_the_terminal_ends_the_process() -> None:
    ours, theirs = pty.openpty()
    with started("echo", stderr=theirs, stdin=theirs, start_new_session=True) as child:
        os.close(theirs)
        with connection(child):
            pass
        os.close(ours)
        child.send_signal(signal.SIGHUP)
        assert line(child) == "drained"
        assert child.wait(20) == 0


def test_settling_keeps_what_is_there_out_of_later_collections() -> None:
    try:
        process.settle_collector()
        assert gc.get_freeze_count() > 10_000
        # What a reload threw away is found although it was frozen.
        cycle: list[Any] = []
        cycle.append(cycle)
        marker = _Marker()
        cycle.append(marker)
        process.settle_collector()
        del cycle, marker
        process.settle_collector()
        assert _Marker.gone
    finally:
        gc.unfreeze()


class _Marker:
    gone = False

    def __del__(self) -> None:
        _Marker.gone = True
