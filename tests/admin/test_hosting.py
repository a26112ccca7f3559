"""The listener: nothing is loaded before it is needed, and what is open is bounded."""

from __future__ import annotations

import socket
import subprocess
import sys

import httpx
import pytest

from tests.admin.making import PETSTORE, admin

IDLE = """
import sys, httpx
from mockforge.testing import MockServer
with MockServer(sys.argv[1], only=("http", "admin")) as server:
    httpx.get(server.url + "/pets", timeout=60)
    heavy = ("quart", "hypercorn", "jinja2", "werkzeug", "prometheus_client")
    print([name for name in heavy if name in sys.modules])
    httpx.get(server.address("admin") + "/__mockforge/health", timeout=60).raise_for_status()
    print([name for name in heavy if name in sys.modules])
"""


def test_what_serves_is_imported_when_the_first_client_connects() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IDLE, str(PETSTORE)], capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after = done.stdout.splitlines()
    assert before == "[]"
    assert "quart" in after
    assert "prometheus_client" not in after


@pytest.mark.shows("admin.max_connections")
def test_connections_past_the_limit_are_closed() -> None:
    with admin(max_connections=2) as running:
        host, port = running.address.removeprefix("http://").split(":")
        head = f"GET /__mockforge/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        open_ones = []
        try:
            for _ in range(2):
                held = socket.create_connection((host, int(port)), timeout=60)
                open_ones.append(held)
                held.sendall(head)
                assert held.recv(12) == b"HTTP/1.1 200"
            with pytest.raises(httpx.TransportError):
                httpx.get(running.address + "/__mockforge/health", timeout=60)
            (listener,) = (each for each in running.server.kernel.servers if each.name == "admin")
            assert listener.connections() == 2
        finally:
            for held in open_ones:
                held.close()


@pytest.mark.shows("admin.max_body")
def test_bodies_past_the_limit_are_refused() -> None:
    with admin(max_body=1000) as running:
        small = running.ask("POST", "/stubs/check", content=b"# " + b"x" * 900)
        assert small.status_code == 200
        large = running.ask("POST", "/stubs/check", content=b"# " + b"x" * 1000)
        assert large.status_code == 413
        assert large.json()["detail"] == "The body is larger than admin.max_body."
