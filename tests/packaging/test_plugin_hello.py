"""A plugin by others, as a distribution of its own: installed, used over sockets, and left out."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.packaging.venv import Venv

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"example": [{"id": 1}]}},
                    }
                }
            }
        }
    },
}


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Venv:
    venv = Venv(tmp_path_factory.mktemp("hello") / "venv")
    venv.install("mockforge", "mockforge_http", "examples/plugin-hello")
    return venv


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT))
    (folder / "fixtures/GET").mkdir(parents=True)
    (folder / "fixtures/GET/limits.ini").write_text("[daily]\nrequests = 10\n")
    (folder / "mockforge.yaml").write_text(
        """
        core: {log_file: {path: journal.jsonl}}
        http: {port: 0, specs: [openapi.json], fixtures: fixtures, cache: false}
        hello: {port: 0, greeting: good day, log: requests.log}
        """
    )
    return folder


@contextmanager
def serving(venv: Venv, project: Path, *arguments: str) -> Iterator[tuple[dict[str, str], Any]]:
    """The installed command, ready; drained when the block is left."""
    with subprocess.Popen(
        [str(venv.bin / "mockforge"), "serve", "--json", *arguments],
        cwd=project,
        env=venv.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert line, child.communicate()
            yield json.loads(line), child
            child.send_signal(signal.SIGTERM)
            _, errors = child.communicate(timeout=30)
            assert (child.returncode, errors) == (0, "")
        finally:
            child.kill()


def send_line(address: str, line: bytes) -> bytes:
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(line)
        return client.makefile("rb").readline()


def test_it_is_listed_with_its_distribution_and_hooks(venv: Venv) -> None:
    done = venv.run("-m", "mockforge", "plugins", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["plugins"]}
    assert set(rows) == {"hello", "http"}
    hello = rows["hello"]
    assert (hello["state"], hello["distribution"], hello["version"]) == (
        "loaded",
        "mockforge-hello",
        "0.1.0",
    )
    assert "mockforge_transform_response" in hello["hooks"]


@pytest.mark.shows(
    "mockforge_register_config",
    "mockforge_register_protocols",
    "mockforge_register_fixture_loaders",
    "mockforge_startup",
    "mockforge_shutdown",
    "mockforge_transform_response",
    "mockforge_log_request",
)
def test_every_extension_works_over_sockets(venv: Venv, project: Path) -> None:
    with serving(venv, project) as (ready, _):
        assert set(ready) == {"event", "http", "hello"}

        answer = httpx.get(ready["http"] + "/pets")
        assert answer.json() == [{"id": 1}]
        assert answer.headers["X-Hello"] == "good day"  # the response transformer

        answer = httpx.get(ready["http"] + "/limits")
        assert answer.json() == {"daily": {"requests": "10"}}  # the fixture loader

        assert send_line(ready["hello"], b"echo this\n") == b"echo this\n"  # the protocol

    # All was drained: loggers have seen everything, and the journal has it.
    logged = (project / "requests.log").read_text().splitlines()
    assert logged == ["http GET /pets 200", "http GET /limits 200", "hello LINE / 200"]
    entries = [json.loads(line) for line in (project / "journal.jsonl").read_text().splitlines()]
    assert [(entry["protocol"], entry["status"]) for entry in entries] == [
        ("http", 200),
        ("http", 200),
        ("hello", 200),
    ]
    assert entries[-1]["request_body"] == "echo this"


def test_its_flags_are_options_of_serve(venv: Venv, project: Path) -> None:
    with serving(venv, project, "--only", "http", "--hello-greeting", "moin") as (ready, _):
        assert set(ready) == {"event", "http"}
        assert httpx.get(ready["http"] + "/pets").headers["X-Hello"] == "moin"
    done = venv.run("-m", "mockforge", "serve", "--hello-port", "70000", cwd=project)
    assert done.returncode == 2
    assert "--hello-port" in done.stderr


def test_its_server_runs_alone(venv: Venv, project: Path) -> None:
    with serving(venv, project, "--only", "hello") as (ready, _):
        assert set(ready) == {"event", "hello"}
        assert send_line(ready["hello"], b"alone\n") == b"alone\n"


def test_its_server_drains_while_a_client_is_connected(venv: Venv, project: Path) -> None:
    with serving(venv, project, "--only", "hello") as (ready, child):
        host, port = ready["hello"].rsplit(":", 1)
        client = socket.create_connection((host, int(port)), timeout=20)
        client.sendall(b"one\n")
        assert client.makefile("rb").readline() == b"one\n"
        child.send_signal(signal.SIGTERM)
        assert client.recv(10) == b""
        client.close()
        assert child.wait(20) == 0


@pytest.mark.shows("--without", "--only")
def test_left_out_it_is_not_imported(venv: Venv, project: Path) -> None:
    def imported(*arguments: str) -> set[str]:
        """Modules imported by a serve that stops as soon as it is ready."""
        code = """
            import sys, os, signal
            from mockforge.cli import ready, run
            ready.print_ready = lambda kernel: os.kill(os.getpid(), signal.SIGTERM)
            assert run(["serve", "--json", *sys.argv[1:]]) == 0
            print(*(name for name in sys.modules if name.startswith("mockforge_")))
        """
        lines = [line.strip() for line in code.strip().splitlines()]
        done = venv.run("-c", "\n".join(lines), *arguments, cwd=project)
        assert done.returncode == 0, done.stderr
        return {name.partition(".")[0] for name in done.stdout.split()}

    assert imported() == {"mockforge_hello", "mockforge_http"}
    assert imported("--without", "hello") == {"mockforge_http"}
    assert imported("--only", "hello") == {"mockforge_hello"}


def test_a_failing_start_of_the_plugin_leaves_the_host_running(venv: Venv, project: Path) -> None:
    """Its log file is a folder here, so ``mockforge_startup`` raises."""
    with subprocess.Popen(
        [str(venv.bin / "mockforge"), "serve", "--json", "--hello-log", "."],
        cwd=project,
        env=venv.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        assert set(ready) == {"event", "http"}  # what did not start up serves nothing
        assert "X-Hello" not in httpx.get(ready["http"] + "/pets").headers
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=30)
        assert child.returncode == 0
        assert "plugin hello: mockforge_startup raised" in errors
        assert "IsADirectoryError" in errors
