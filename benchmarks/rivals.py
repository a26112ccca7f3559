"""The servers that are measured: the floor, the mock server, and what else is installed."""

from __future__ import annotations

import os
import shlex
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.walk.serving import MOCKFORGE, ServerProcess, executable, free_port

from .load import cores

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"
_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location / {{ return 200 '{{"id":1,"name":"rex"}}'; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Rival:
    """A server to measure: its command (with ``{document}`` and ``{port}``) and target."""

    name: str
    command: str
    target: str
    document: Path | None = None
    port: int | None = None

    def start(self, environment: Mapping[str, str] | None = None) -> ServerProcess:
        """Run it on the server's core."""
        prefix, _ = cores()
        return ServerProcess(
            self.command, self.document, prefix=prefix, environment=environment, port=self.port
        )


def floor() -> Rival:
    """A bare parser on a bare loop."""
    command = f"{shlex.quote(sys.executable)} -P {HERE / 'floor.py'} --port {{port}}"
    return Rival("floor", command, "/pets/1")


def mock(name: str, document: Path, target: str, *options: str) -> Rival:
    """The mock server with its default settings."""
    return Rival(name, " ".join([MOCKFORGE, *options]), target, document)


def example() -> Rival:
    """The mock server answering with a declared example, one path parameter checked."""
    return mock("mockforge, example", DOCUMENTS / "example.yaml", "/pets/1")


def ten_fields() -> Rival:
    """The mock server answering ten fields made from a schema."""
    return mock("mockforge, ten fields", DOCUMENTS / "ten-fields.yaml", "/customers/1")


def nginx(folder: Path) -> Rival | None:
    """nginx with one worker and a constant answer, where it is installed."""
    found = executable("nginx") or next(
        (path for path in ("/usr/sbin/nginx",) if Path(path).exists()), None
    )
    if found is None:
        return None
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port))
    command = f"{found} -c {shlex.quote(str(config))} -p {shlex.quote(str(folder))}"
    return Rival("nginx, return 200", command, "/pets/1", port=port)


def prism() -> Rival | None:
    """Prism, from ``MOCKFORGE_PRISM`` or the path, where it is installed."""
    found = os.environ.get("MOCKFORGE_PRISM") or executable("prism")
    if found is None:
        return None
    command = f"{found} mock {{document}} -p {{port}} -h 127.0.0.1"
    return Rival("prism, example", command, "/pets/1", DOCUMENTS / "example.yaml")


def answers(url: str) -> bytes:
    """The body of one answer, which must be a success."""
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310  # loopback
        return bytes(response.read())
