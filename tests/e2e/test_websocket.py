"""``mockforge serve`` with WebSocket stubs, from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect, unix_connect

from tests.e2e.processes import Serving, serving

ECHO = [{"id": "echo", "websocket": {"path": "/echo", "script": [{"forever": ["expect", "echo"]}]}}]


def write(folder: Path, name: str, value: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def echo(url: str) -> str:
    with connect(f"{url}/echo", open_timeout=20) as client:
        client.send("hi")
        return str(client.recv(20))


def port(serving: Serving) -> int:
    return int(serving.ready["ws"].rpartition(":")[2])


@pytest.mark.shows("websocket.scripts", "--ws-script")
def test_a_script_is_given_as_a_flag(tmp_path: Path) -> None:
    write(tmp_path, "echo.json", ECHO)
    with serving(tmp_path, "--ws-script", "echo.json", "--ws-port", "0") as server:
        assert echo(server.ready["ws"]) == "hi"
        assert echo(server.url.replace("http", "ws")) == "hi"
        server.stop()


@pytest.mark.shows("websocket.mocks", "--mocks")
def test_a_folder_of_stubs_holds_those_of_all_protocols(tmp_path: Path) -> None:
    http = {"id": "one", "request": {"path": "/one"}, "response": {"text": "http"}}
    write(tmp_path, "mocks/echo.json", ECHO)
    write(tmp_path, "mocks/deep/one.json", http)
    with serving(tmp_path, "--mocks", "mocks", "--ws-port", "0") as server:
        assert echo(server.ready["ws"]) == "hi"
        assert server.fetch("/one").body == b"http"
        server.stop()


@pytest.mark.shows("websocket.port", "--ws-port", "MOCKFORGE_WS_PORT")
def test_the_port_is_chosen_by_flag_and_variable(tmp_path: Path) -> None:
    with serving(tmp_path, "--ws-port", "0") as server:
        free = port(server)
        server.stop()
    with serving(tmp_path, env={"MOCKFORGE_WS_PORT": str(free)}) as server:
        assert port(server) == free
        server.stop()
    with serving(tmp_path, "--ws-port", str(free), env={"MOCKFORGE_WS_PORT": "1"}) as server:
        assert port(server) == free
        server.stop()


@pytest.mark.shows("websocket.host")
def test_the_host_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "ws.sock"
    env = {"MOCKFORGE_WEBSOCKET__HOST": f"unix:{path}"}
    with serving(tmp_path, "--ws-port", "0", env=env) as server:
        assert server.ready["ws"] == f"unix:{path}"
        assert path.is_socket()
        server.stop()
    assert not path.exists()


@pytest.mark.shows("websocket.replay_file", "MOCKFORGE_WS_REPLAY_FILE")
def test_a_replay_file_is_named_by_the_variable(tmp_path: Path) -> None:
    (tmp_path / "chat.jsonl").write_text('{"ts": 0, "text": "HELLO", "waitFor": "^READY$"}')
    env = {"MOCKFORGE_WS_REPLAY_FILE": "chat.jsonl"}
    with serving(tmp_path, "--ws-port", "0", env=env) as server:
        with connect(server.ready["ws"] + "/ws", open_timeout=20) as client:
            client.send("READY")
            assert client.recv(20) == "HELLO"
        server.stop()


def test_a_reload_takes_on_new_stubs_and_a_broken_file_keeps_the_old(tmp_path: Path) -> None:
    file = write(tmp_path, "echo.json", ECHO)
    with serving(tmp_path, "--ws-script", "echo.json", "--ws-port", "0") as server:
        file.write_text("{")
        server.reload()
        assert "ws not reloaded" in server.message()
        assert echo(server.ready["ws"]) == "hi"
        hello = {"path": "/echo", "script": ["expect", {"send": "new"}]}
        write(tmp_path, "echo.json", {"id": "echo", "websocket": hello})
        server.reload()
        while echo(server.ready["ws"]) != "new":
            pass
        server.stop()


def test_http_alone_does_not_import_wsproto(tmp_path: Path) -> None:
    with serving(tmp_path, "--only", "http", env={"PYTHONPROFILEIMPORTTIME": "1"}) as server:
        assert set(server.ready) == {"event", "http"}
        errors = server.stop()
    imported = {line.rpartition("|")[2].strip() for line in errors.splitlines()}
    assert "httptools" in imported
    assert not {name for name in imported if name.startswith(("wsproto", "mockforge_ws"))}


def test_one_unix_socket_serves_http_and_websocket(tmp_path: Path) -> None:
    write(tmp_path, "echo.json", ECHO)
    host = f"unix:{tmp_path}/one.sock"
    with serving(tmp_path, "--host", host, "--ws-script", "echo.json") as server:
        assert server.ready["http"] == server.ready["ws"] == host
        with unix_connect(host.removeprefix("unix:"), "ws://mock/echo", open_timeout=20) as client:
            client.send("hi")
            assert client.recv(20) == "hi"
        assert server.fetch("/echo").status == 404
        server.stop()
