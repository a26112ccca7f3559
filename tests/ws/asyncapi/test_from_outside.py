"""``mockforge serve`` and ``mockforge lint`` with AsyncAPI documents, as processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.e2e.processes import Serving, serving
from tests.kernel.observe.waiting import wait_until
from tests.ws.asyncapi.making import document, sending, write

PETS = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/pets": {"get": {"responses": {"200": {"description": "all"}}}}},
}


def telling(value: Any) -> dict[str, Any]:
    return document({"tell": sending("a")}, {"a": {"examples": [{"payload": value}]}})


def heard(server: Serving) -> Any:
    with connect(server.ready["ws"] + "/room", open_timeout=20) as room:
        return json.loads(room.recv(20))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockforge", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.shows("websocket.documents", "--asyncapi", "DOCUMENT")
def test_documents_go_to_the_protocol_of_their_kind(tmp_path: Path) -> None:
    write(tmp_path, PETS, "pets.json")
    write(tmp_path, telling("one"), "room.json")
    with serving(tmp_path, "pets.json", "room.json", "--ws-port", "0") as server:
        assert heard(server) == "one"
        assert server.fetch("/pets").status == 200
        server.stop()
    with serving(tmp_path, "--asyncapi", "room.json", "--ws-port", "0") as server:
        assert heard(server) == "one"
        server.stop()


@pytest.mark.shows("websocket.mocks", "websocket.scripts")
def test_folders_of_stubs_may_hold_documents(tmp_path: Path) -> None:
    write(tmp_path, telling("one"), "mocks/deep/room.json")
    stub = {"id": "one", "request": {"path": "/one"}, "response": {"text": "http"}}
    write(tmp_path, stub, "mocks/one.json")
    with serving(tmp_path, "--mocks", "mocks", "--ws-port", "0") as server:
        assert heard(server) == "one"
        assert server.fetch("/one").body == b"http"
        server.stop()
    with serving(tmp_path, "--only", "http", "--mocks", "mocks") as server:
        assert server.fetch("/one").body == b"http"
        server.stop()
    with serving(tmp_path, "--ws-script", "mocks/deep/room.json", "--ws-port", "0") as server:
        assert heard(server) == "one"
        server.stop()


def test_a_document_of_a_protocol_that_is_left_out_is_refused(tmp_path: Path) -> None:
    write(tmp_path, PETS, "pets.json")
    write(tmp_path, telling("one"), "room.json")
    refused = run(tmp_path, "serve", "--only", "ws", "pets.json", "--ws-port", "0")
    assert refused.returncode == 2
    assert "documents are served by the plugin http" in refused.stderr
    refused = run(tmp_path, "serve", "--only", "http", "room.json", "--http-port", "0")
    assert refused.returncode == 3
    assert "it looks like an AsyncAPI document" in refused.stderr


def test_a_reload_takes_on_a_changed_document_and_a_broken_one_keeps_the_old(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, telling("one"), "room.json")
    with serving(tmp_path, "room.json", "--ws-port", "0") as server:
        path.write_text(json.dumps({**telling("two"), "operations": 5}))
        server.reload()
        assert "ws not reloaded" in server.message()
        assert heard(server) == "one"
        write(tmp_path, telling("two"), "room.json")
        server.reload()
        wait_until(lambda: heard(server) == "two")
        server.stop()


def test_files_that_a_document_refers_to_are_watched(tmp_path: Path) -> None:
    part = write(tmp_path, {"examples": [{"payload": "one"}]}, "parts/message.json")
    write(
        tmp_path,
        document({"tell": sending("a")}, {"a": {"$ref": "parts/message.json"}}),
        "room.json",
    )
    with serving(tmp_path, "room.json", "--ws-port", "0", "--watch") as server:
        assert heard(server) == "one"
        part.write_text(json.dumps({"examples": [{"payload": "two"}]}))
        wait_until(lambda: heard(server) == "two")
        server.stop()


def test_without_a_document_nothing_of_it_is_imported(tmp_path: Path) -> None:
    echo = [{"websocket": {"path": "/echo", "script": [{"forever": ["expect", "echo"]}]}}]
    write(tmp_path, echo, "echo.json")
    arguments = ("--only", "ws", "--ws-script", "echo.json", "--ws-port", "0")
    with serving(tmp_path, *arguments, env={"PYTHONPROFILEIMPORTTIME": "1"}) as server:
        errors = server.stop()
    imported = {line.rpartition("|")[2].strip() for line in errors.splitlines()}
    assert "wsproto" in imported
    heavy = ("jsonschema_rs", "mockforge_ws.asyncapi", "mimesis")
    assert not {name for name in imported if name.startswith(heavy)}


def test_lint_knows_documents(tmp_path: Path) -> None:
    write(tmp_path, telling("one"), "room.json")
    found = run(tmp_path, "lint", "room.json")
    assert (found.returncode, found.stdout) == (0, "")
    write(tmp_path, {**telling("one"), "operations": {"a": {"action": "send"}}}, "room.json")
    found = run(tmp_path, "lint", "room.json")
    assert found.returncode == 1
    assert found.stdout.splitlines()[0] == (
        "room.json:22:3 (operations.a): error: missing key 'channel' [asyncapi.missing]"
    )
    assert "1 checked: 1 errors, 0 warnings" in found.stderr


def test_lint_tells_how_to_convert_version_2(tmp_path: Path) -> None:
    write(tmp_path, "asyncapi: 2.6.0\n", "old.yaml")
    found = run(tmp_path, "lint", "old.yaml")
    assert found.returncode == 1
    assert "old.yaml:1:1" in found.stdout
    assert "convert it to 3.0" in found.stdout
