"""The bridge on a running server: who answers first, what is noted, what a reload changes, what it costs."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import httpx
import pytest
import trustme

from mockforge.testing import MockServer
from mockforge_grpc.bridge.call import BridgeCall
from tests.grpc.bridge.making import PROTO, rpc
from tests.grpc.bridge.serving import serving, until
from tests.grpc.bridge.test_web import frame, frames, trailers


def fetch(
    server: MockServer,
    target: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    request = Request(server.url + target, body, headers or {}, method=method)
    try:
        with urlopen(request, timeout=20) as answer:
            fields = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status, fields, answer.read()
    except HTTPError as error:
        with error:
            fields = {name.lower(): value for name, value in error.headers.items()}
            return error.code, fields, error.read()


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/v1/shelves/1/books/2": {
            "get": {
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {"application/json": {"example": {"from": "document"}}},
                    }
                }
            }
        }
    },
}


@pytest.mark.shows("grpc.http_bridge.enabled")
def test_services_answer_on_the_http_port_unless_that_is_turned_off() -> None:
    with serving() as server:
        status, _, body = fetch(server, "/v1/book/shelves%2F1%2Fbooks%2F2")
        assert (status, json.loads(body)["displayName"]) == (200, "Emma of ")
    with serving(grpc__http_bridge__enabled=False) as server:
        assert fetch(server, "/v1/book/x")[0] == 404
        assert fetch(server, "/openapi.json")[0] == 404


@pytest.mark.shows("grpc.http_bridge.prefix")
@pytest.mark.parametrize("prefix", ["/grpc", "grpc/"])
def test_a_prefix_stands_before_all_paths(prefix: str) -> None:
    with serving(grpc__http_bridge__prefix=prefix) as server:
        assert fetch(server, "/grpc/v1/book/gone")[0] == 404
        assert json.loads(fetch(server, "/grpc/v1/book/gone")[2])["code"] == 5
        assert fetch(server, "/grpc" + rpc("Search"), "POST", b"{}")[0] == 200
        document = json.loads(fetch(server, "/grpc/openapi.json")[2])
        assert document["servers"] == [{"url": "/grpc"}]
        for other in ("/v1/book/gone", rpc("Search"), "/openapi.json", "/grpcx", "/grpc"):
            assert b"urn:mockforge" in fetch(server, other)[2]


def test_a_rule_for_every_path_takes_those_below_the_prefix_alone(tmp_path: Path) -> None:
    file = tmp_path / "all.proto"
    file.write_text(
        'syntax = "proto3";\npackage a;\nimport "google/api/annotations.proto";\n'
        "message M { string name = 1; }\n"
        'service S { rpc A(M) returns (M) { option (google.api.http) = {get: "/{name=**}"}; } }\n'
    )
    with serving(protos=[str(file)], mocks=[], grpc__http_bridge__prefix="/p") as server:
        assert [fetch(server, path)[0] for path in ("/p/", "/p/a/b")] == [200, 200]
        assert [fetch(server, path)[0] for path in ("/", "/p", "/px", "/a/b")] == [404] * 4


@pytest.mark.shows("grpc.http_bridge.defaults")
def test_answers_can_have_fields_with_their_default() -> None:
    target = "/v1/book/shelves%2F1%2Fbooks%2F2"
    with serving() as server:
        assert "pages" not in json.loads(fetch(server, target)[2])
    with serving(grpc__http_bridge__defaults=True) as server:
        assert json.loads(fetch(server, target)[2])["pages"] == "0"


def test_stubs_and_documents_of_http_go_before_services() -> None:
    with serving(DOCUMENT) as server:
        assert json.loads(fetch(server, "/v1/shelves/1/books/2")[2]) == {"from": "document"}
        assert json.loads(fetch(server, "/v1/shelves/1/books/2:nothing")[2])["name"]
        server.stub("GET", "/v1/book/x", json={"from": "stub"})
        assert json.loads(fetch(server, "/v1/book/x")[2]) == {"from": "stub"}


def test_stubs_of_grpc_are_seen_at_once_and_both_protocols_note_the_call() -> None:
    with serving() as server:
        server.stub(
            {
                "id": "new",
                "grpc": {"method": "library.v1.Library/MoveBook"},
                "response": {"message": {"name": "{{ request.other_shelf }}"}},
            }
        )
        answered = fetch(server, "/v1/shelves/1/books/2:move", "POST", b'{"otherShelf": "9"}')
        assert json.loads(answered[2]) == {"name": "9"}
        entries = {entry.protocol: entry for entry in server.requests()}
        assert set(entries) == {"http", "grpc"}
        assert entries["http"].source == "grpc:library.v1.Library/MoveBook"
        assert entries["http"].template == "/v1/{name=shelves/*/books/*}:move"
        assert entries["grpc"].source == "stub:new"
        assert entries["grpc"].target == rpc("MoveBook")
        assert 'path="/v1/{name=shelves/*/books/*}:move"' in server.metrics.render()


def test_a_browser_may_ask_from_another_origin() -> None:
    headers = {
        "Origin": "http://page.test",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-grpc-web,x-user",
    }
    with serving() as server:
        status, fields, _ = fetch(server, rpc("GetBook"), "OPTIONS", headers=headers)
        assert status == 204
        assert fields["access-control-allow-origin"] == "http://page.test"
        assert fields["access-control-allow-headers"] == "content-type,x-grpc-web,x-user"
        headers = {"Origin": "http://page.test", "Content-Type": "application/grpc-web"}
        body = frame(b"\x0a\x04gone")
        _, fields, answer = fetch(server, rpc("GetBook"), "POST", body, headers)
        assert fields["access-control-allow-origin"] == "http://page.test"
        assert trailers(frames(answer)[-1][1])["grpc-status"] == "5"


def test_built_in_services_answer_too() -> None:
    with serving() as server:
        answered = fetch(server, "/grpc.health.v1.Health/Check", "POST", b"{}")
        assert json.loads(answered[2]) == {"status": "SERVING"}


def test_a_reload_brings_new_methods_and_rules(tmp_path: Path) -> None:
    text = PROTO.read_text()
    file = tmp_path / "library.proto"
    file.write_text(text)
    with serving(protos=[str(file)]) as server:
        assert fetch(server, "/v2/found")[0] == 404
        assert "/v2/found" not in json.loads(fetch(server, "/openapi.json")[2])["paths"]
        declared = "rpc Search(ListBooksRequest) returns (ListBooksResponse)"
        rule = '{\n option (google.api.http) = {get: "/v2/found"};\n}'
        changed = text.replace(f"{declared};", f"{declared} {rule}")
        assert changed != text
        file.write_text(changed)
        server.reload()
        assert fetch(server, "/v2/found")[0] == 200
        assert "/v2/found" in json.loads(fetch(server, "/openapi.json")[2])["paths"]


def test_the_document_is_valid_and_lint_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    with serving() as server:
        _, fields, body = fetch(server, "/openapi.json")
        assert fields["content-type"] == "application/json"
        assert fetch(server, "/openapi.json", "HEAD")[2] == b""
    file = tmp_path / "openapi.json"
    file.write_bytes(body)
    command = [sys.executable, "-m", "mockforge", "lint", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in done.stdout


def test_the_document_can_be_served_in_turn(tmp_path: Path) -> None:
    with serving() as server:
        body = fetch(server, "/openapi.json")[2]
    file = tmp_path / "openapi.json"
    file.write_bytes(body)
    with MockServer(str(file), only=["http"]) as server:
        assert fetch(server, "/v1/shelves/1/books")[0] == 200
        assert (
            fetch(server, rpc("Search"), "POST", b"{}", {"Content-Type": "application/json"})[0]
            == 200
        )


def test_what_the_bridge_holds_is_in_the_memory_report() -> None:
    with serving() as server:
        before = _held(server)
        fetch(server, "/openapi.json")
        assert _held(server) > before + 1000


def _held(server: MockServer) -> int:
    (found,) = [
        each for each in server.kernel.memory.components() if each.name == "grpc.http_bridge"
    ]
    assert found.bytes is not None
    return found.bytes


ENDLESS = {
    "id": "endless",
    "grpc": {
        "method": "library.v1.Library/WatchBooks",
        "request": {"json": {"parent": "shelves/9"}},
    },
    "response": {"script": [{"forever": [{"send": {"name": "x" * 2000}}]}]},
}


def _open_stream(server: MockServer) -> socket.socket:
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    client = socket.create_connection((host, int(port)), timeout=20)
    client.sendall(b"GET /v1/shelves/9/books:watch HTTP/1.1\r\nHost: h\r\n\r\n")
    return client


def _sent(server: MockServer) -> list[Any]:
    return [entry for entry in server.requests() if entry.protocol == "grpc"]


def test_a_client_that_stalls_holds_the_script_up_and_one_that_leaves_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queued: list[int] = []
    send = BridgeCall.send

    def noting(call: BridgeCall, message: bytes) -> None:
        send(call, message)
        queued.append(call.queued)

    monkeypatch.setattr(BridgeCall, "send", noting)
    with serving() as server:
        server.stub(ENDLESS)
        with _open_stream(server) as client:
            received = 0
            while received < 1_000_000:
                received += len(client.recv(65536))
            # Nobody reads now, and the script would send without end.
            until(lambda: queued[-1] >= 64 * 1024)
            assert _sent(server) == []
        until(lambda: len(_sent(server)) == 1)
        (entry,) = _sent(server)
        assert entry.status == 1
    assert len(queued) * 2000 >= 1_000_000
    assert max(queued) < 64 * 1024 + 3000


def test_a_deadline_ends_a_call_on_the_wire() -> None:
    with serving() as server:
        headers = {"Grpc-Timeout": "100m"}
        status, _, body = fetch(server, "/v1/book/slow", headers=headers)
        assert (status, json.loads(body)["code"]) == (504, 4)


def test_http_alone_imports_nothing_of_grpc(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mockforge.testing import MockServer\n"
        "from urllib.request import urlopen\n"
        "from urllib.error import HTTPError\n"
        "with MockServer(only=['http']) as server:\n"
        "    try: urlopen(server.url + '/a.B/C', b'{}')\n"
        "    except HTTPError as error: error.close(); print(error.code)\n"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('grpc', 'google', 'ngh2', 'mockforge_grpc')])\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert done.stdout.split("\n")[:2] == ["404", "[]"], done.stdout + done.stderr


def test_the_bridge_never_imports_grpc() -> None:
    program = (
        "import sys, mockforge_grpc.bridge.front, mockforge_grpc.bridge.openapi\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'grpc'])\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_plugin_and_the_responder_import_nothing_heavy() -> None:
    program = (
        "import sys, mockforge_grpc.plugin, mockforge_grpc.bridge.responder\n"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('grpc', 'google', 'ngh2', 'h2')])\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("fault", ["reset", "truncate", "garbage"])
def test_faults_of_stubs_cut_the_connection(fault: str) -> None:
    with serving() as server:
        server.stub(
            {
                "grpc": {"method": "library.v1.Library/MoveBook"},
                "response": {"message": {}, "fault": fault},
            }
        )
        with pytest.raises(OSError, match=r"reset|closed"):
            fetch(server, "/v1/shelves/1/books/2:move", "POST", b"{}")
        assert fetch(server, "/v1/book/gone")[0] == 404


def test_a_dribbled_message_arrives_whole() -> None:
    with serving() as server:
        server.stub(
            {
                "grpc": {"method": "library.v1.Library/MoveBook"},
                "response": {
                    "message": {"name": "slowly"},
                    "fault": {"dribble": {"chunks": 4, "over": "40ms"}},
                },
            }
        )
        answered = fetch(server, "/v1/shelves/1/books/2:move", "POST", b"{}")
        assert json.loads(answered[2]) == {"name": "slowly"}


def test_http_2_over_tls_is_answered_too(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        str(tmp_path / "both.pem")
    )
    tls = {"cert": str(tmp_path / "both.pem"), "key": str(tmp_path / "both.pem"), "port": 0}
    context = ssl.create_default_context()
    authority.configure_trust(context)
    settings = {f"http__tls__{name}": value for name, value in tls.items()}
    with serving(**settings) as server, httpx.Client(http2=True, verify=context) as client:
        url = server.address("https")
        answered = client.get(f"{url}/v1/shelves/1/books/2", headers={"x-user": "rex"})
        assert answered.http_version == "HTTP/2"
        assert answered.json()["displayName"] == "Emma of rex"
        body = frame(b"\x0a\x06stream")
        headers = {"content-type": "application/connect+proto"}
        answered = client.post(url + rpc("WatchBooks"), content=body, headers=headers)
        assert [flags for flags, _ in frames(answered.content)] == [0, 0, 0, 2]
