"""Conversations that were recorded, and the same conversations without the server they were held with."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection
from websockets.typing import Subprotocol

from mockforge import hookimpl
from mockforge.contracts import Recording
from mockforge.errors import MockForgeError
from mockforge.mocking.recording.secrets import Secrets
from mockforge.plugins import Selection, load_plugins
from mockforge.structured import read_structured
from mockforge.testing import MockServer
from mockforge_ws.recording.definition import conversation_definition
from mockforge_ws.recording.folder import ConversationFolder
from mockforge_ws.recording.transcript import Closed, Opening, Recorded, Said
from tests.e2e.processes import serving
from tests.kernel.cli.running import mockforge
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import PATIENCE, client, value_of
from tests.ws.upstream import Upstream, passing, upstream

RECORDED = "mockforge_ws_recorded_total"
CHAT = [Subprotocol("chat")]
Heard = list[Any]


def chat(connection: ServerConnection) -> None:
    """Greets, echoes whatever comes in two kinds, and closes when it is told to."""
    connection.send("hello {{ you }}")
    for message in connection:
        if message == "bye":
            connection.close(4001, "so {% long %}")
            return
        connection.send(message)
        connection.send(json.dumps({"got": len(message), "in": [None, "ü"]}, separators=(",", ":")))


SPOKEN: tuple[str | bytes, ...] = (
    "hi",
    b"\x00\xff",
    '{"type": "join", "at": [1.5]}',
    "two\nlines\r\n\t ",
    "",
    "{not json",
    "x" * 70_000,
    b"y" * 70_000,
)


def talk(url: str, *messages: str | bytes, end: str | None = "bye") -> Heard:
    """Everything that is heard when ``messages`` are said one after the other."""
    with connect(url, subprotocols=CHAT, compression=None) as talker:
        heard: Heard = [talker.subprotocol, talker.recv(PATIENCE)]
        for message in messages:
            talker.send(message)
            heard += [talker.recv(PATIENCE), talker.recv(PATIENCE)]
        if end is not None:
            talker.send(end)
            with pytest.raises(ConnectionClosed):
                talker.recv(PATIENCE)
            return [*heard, talker.close_code, talker.close_reason]
    return [*heard, talker.close_code]


@contextmanager
def recording(server: Upstream, folder: Path, **settings: Any) -> Iterator[MockServer]:
    own = {f"record__{key}": value for key, value in settings.items()}
    with passing(server.url, record__to=str(folder), **own) as mock:
        yield mock


def replaying(folder: Path) -> MockServer:
    return MockServer(only=("ws",), settings={"websocket.mocks": [str(folder)]})


def stubs_in(folder: Path) -> list[dict[str, Any]]:
    return [read_structured(path).value for path in sorted(folder.glob("*.yaml"))]


@pytest.mark.shows("mockforge record", "mockforge record --upstream", "mockforge record -o")
def test_a_recorded_conversation_is_the_same_without_the_server(tmp_path: Path) -> None:
    with upstream(chat, subprotocols=CHAT) as server:
        arguments = ("--upstream", server.url, "-o", "recorded", "--ws-port", "0")
        with serving(tmp_path, *arguments, command="record") as mock:
            url = f"{mock.ready['ws']}/room/red?name=rex"
            live = talk(url, *SPOKEN), talk(url, "left", end=None)
            errors = mock.stop()
        assert list(mock.ready) == ["event", "ws"]
        assert "recorded in recorded: 2 recorded" in errors
    with replaying(tmp_path / "recorded") as played:
        url = played.address("ws") + "/room/red?name=rex"
        assert (talk(url, *SPOKEN), talk(url, "left", end=None)) == live
        with pytest.raises(InvalidStatus, match="404"), client(played, "/room/red?name=max"):
            pass


@pytest.mark.shows("websocket.record.to", "--record")
def test_serve_records_what_it_passes_on(tmp_path: Path) -> None:
    with upstream(chat, subprotocols=CHAT) as server:
        given = ("--only", "ws", "--ws-port", "0", "--ws-proxy", server.url, "--record", "stubs")
        env = {"MOCKFORGE_HTTP_PORT": ""}
        with serving(tmp_path, *given, env=env) as mock:
            talk(mock.ready["ws"], end=None)
            mock.stop()
    (file,) = (tmp_path / "stubs").glob("*.yaml")
    assert f"id: {file.stem}" in file.read_text()


def test_times_are_kept_and_do_not_drift(tmp_path: Path) -> None:
    opening = Opening("/x", "", (), None, ())
    messages = [Said(0.0104 * number, False, str(number)) for number in range(5)]
    messages.append(Said(0.5, True, "now"))
    messages.append(Said(0.75, False, "late"))
    made, _ = conversation_definition(
        Recorded(opening, messages, Closed(0.8, 1006, "")), Secrets(())
    )
    assert made["script"] == [
        {"send": "0"},
        {"send": "1", "after": "10ms"},
        {"send": "2", "after": "11ms"},
        {"send": "3", "after": "10ms"},
        {"send": "4", "after": "11ms"},
        {"expect": {"text": {"equals": "now"}}},
        {"send": "late", "after": "250ms"},
        {"disconnect": None, "after": "50ms"},
    ]


def test_a_server_that_breaks_off_does_so_when_it_is_played(tmp_path: Path) -> None:
    def cut(connection: ServerConnection) -> None:
        connection.send("last words")
        connection.socket.shutdown(socket.SHUT_RDWR)

    with (
        upstream(cut) as server,
        recording(server, tmp_path) as mock,
        client(mock, "/x") as talker,
    ):
        assert list(talker.recv_streaming()) == ["last words"]
        with pytest.raises(ConnectionClosed):
            talker.recv(PATIENCE)
    with replaying(tmp_path) as mock, client(mock, "/x") as talker:
        assert talker.recv(PATIENCE) == "last words"
        with pytest.raises(ConnectionClosed):
            talker.recv(PATIENCE)
        assert talker.close_code == 1006


@pytest.mark.shows("mockforge_ws_recorded_total")
def test_conversations_are_written_once_and_played_in_their_order(tmp_path: Path) -> None:
    with upstream(chat, subprotocols=CHAT) as server, recording(server, tmp_path) as mock:
        url = mock.address("ws") + "/room"
        for said in ("a", "a", "b", "a", "c", "c"):
            talk(url, said)
            wanted = len(server.opened)
            wait_until(
                lambda wanted=wanted: (  # type: ignore[misc] # the type of a default
                    sum(
                        value_of(mock, RECORDED, outcome=outcome)
                        for outcome in ("recorded", "repeated")
                    )
                    == wanted
                )
            )
        assert value_of(mock, RECORDED, outcome="recorded") == 3
    stubs = stubs_in(tmp_path)
    stubs.sort(key=lambda stub: stub.get("priority", 5))
    assert [(stub.get("priority"), stub.get("times")) for stub in stubs] == [
        (None, 2),
        (6, 1),
        (7, None),
    ]
    with replaying(tmp_path) as mock:
        for said in ("a", "a", "b", "c", "c", "c"):
            assert talk(mock.address("ws") + "/room", said)[2] == said
    # A second recording replaces the first.
    with upstream(chat, subprotocols=CHAT) as server, recording(server, tmp_path) as mock:
        talk(mock.address("ws") + "/room", "z")
    assert [stub["id"] for stub in stubs_in(tmp_path)] == [stubs[0]["id"]]


@pytest.mark.shows("websocket.record.match_headers")
def test_secrets_are_not_written(tmp_path: Path) -> None:
    def answer(connection: ServerConnection, _: object, response: Any) -> Any:
        response.headers["Set-Cookie"] = "sid=s3cret; Path=/"
        response.headers["X-Room"] = "red"
        return response

    def login(connection: ServerConnection) -> None:
        connection.send(connection.recv())
        connection.send('{"token":"s3cret","user":"rex"}')

    own: dict[str, Any] = {
        "core.redact": ["token", "X-Key"],
        "websocket.record.match_headers": ["Accept-Language", "Authorization", "X-Key"],
        "websocket.record.to": str(tmp_path),
    }
    with upstream(login, process_response=answer) as server:
        own["websocket.proxy.upstream"] = server.url
        with (
            MockServer(only=("ws",), settings=own) as mock,
            client(
                mock,
                "/x?token=s3cret&page=2",
                additional_headers={
                    "Authorization": "Bearer s3cret",
                    "X-Key": "s3cret",
                    "Accept-Language": "ga",
                },
            ) as talker,
        ):
            talker.send('{"token": "s3cret", "user": "rex"}')
            assert "s3cret" in str(talker.recv(PATIENCE))
            assert "s3cret" in str(talker.recv(PATIENCE))
    (file,) = tmp_path.glob("*.yaml")
    assert "s3cret" not in file.read_text()
    websocket = stubs_in(tmp_path)[0]["websocket"]
    assert websocket["query"] == {"page": "2"}
    assert websocket["headers"] == {"Accept-Language": "ga"}
    assert websocket["answerHeaders"] == {"set-cookie": "sid=redacted; Path=/", "x-room": "red"}
    assert websocket["script"][0] == {"expect": {"text": {"json": {"user": "rex"}}}}
    with (
        replaying(tmp_path) as mock,
        client(mock, "/x?page=2", additional_headers={"Accept-Language": "ga"}) as talker,
    ):
        talker.send('{"user": "rex"}')
        assert "rex" in str(talker.recv(PATIENCE))


# ------------------------------------------------------------------ limits


def flood(connection: ServerConnection) -> None:
    for number in range(10):
        connection.send(f"{number}" * 1000)
    connection.recv()


def hear(mock: MockServer) -> None:
    with client(mock, "/x") as talker:
        for _ in range(10):
            talker.recv(PATIENCE)


@pytest.mark.shows("websocket.record.max_messages", "websocket.record.max_conversation")
@pytest.mark.parametrize("limit", [{"max_messages": 3}, {"max_conversation": "6KiB"}])
def test_the_beginning_of_a_long_conversation_is_recorded(
    limit: dict[str, Any], tmp_path: Path
) -> None:
    with upstream(flood) as server, recording(server, tmp_path, **limit) as mock:
        hear(mock)
        assert value_of(mock, "mockforge_dropped_total", component="ws.record") == 7
        wait_until(lambda: value_of(mock, RECORDED, outcome="recorded") == 1)
    script = stubs_in(tmp_path)[0]["websocket"]["script"]
    assert len(script) == 4
    assert script[-1] == {"forever": ["expect"]}


@pytest.mark.shows("websocket.record.max_bytes")
def test_what_does_not_fit_into_memory_is_left_out(tmp_path: Path) -> None:
    with upstream(flood) as server, recording(server, tmp_path, max_bytes="5KiB") as mock:
        hear(mock)
        assert value_of(mock, "mockforge_dropped_total", component="ws.record") == 10
        assert value_of(mock, RECORDED, outcome="dropped") == 1
        held = value_of(mock, "mockforge_memory_bytes", component="ws.record")
        assert held == 0
    assert stubs_in(tmp_path) == []


@pytest.mark.shows("websocket.record.max_stubs")
def test_more_conversations_than_may_be_are_left_out(tmp_path: Path) -> None:
    with (
        upstream(chat, subprotocols=CHAT) as server,
        recording(server, tmp_path, max_stubs=2) as mock,
    ):
        for path in ("/a", "/b", "/c", "/a"):
            talk(mock.address("ws") + path)
        wait_until(lambda: value_of(mock, RECORDED, outcome="repeated") == 1)
        assert value_of(mock, RECORDED, outcome="left_out") == 1
    assert [stub["websocket"]["path"] for stub in stubs_in(tmp_path)] == ["/a", "/b"]


def test_a_file_that_was_taken_away_is_no_obstacle(tmp_path: Path) -> None:
    folder = ConversationFolder(tmp_path, 10, Secrets(()))

    def conversation(said: str) -> Recorded:
        opening = Opening("/{x}", "a=1&a=2", (), None, ())
        return Recorded(opening, [Said(0, False, said)], None)

    assert folder.add(conversation("one")) == "recorded"
    for path in tmp_path.glob("*.yaml"):
        path.unlink()
    assert folder.add(conversation("two")) == "recorded"
    assert folder.add(conversation("two")) == "repeated"
    (stub,) = stubs_in(tmp_path)
    assert stub["websocket"]["path"] == {"equals": "/{x}"}
    assert stub["websocket"]["query"] == {"a": "1"}
    assert folder.held == 1000


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mock = passing("ws://x", record__to=str(tmp_path / "file" / "below"))
    with pytest.raises(MockForgeError, match="cannot be made") as caught:
        mock.start()
    assert "websocket.record.to" in str(caught.value.hint)


# ------------------------------------------------------------------ the command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ftp://x",), "expected the URL of a server"),
        (("ws://",), "such as ws://localhost:9000"),
        (("ws://x", "--without", "ws"), "recorded by the plugin ws, which is left out"),
        ((), "Missing option '--upstream'"),
    ],
)
def test_record_says_what_it_can_record(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    given = ("--upstream", *arguments) if arguments else ()
    done = mockforge(tmp_path, "record", *given, cwd=tmp_path)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


@pytest.mark.shows("mockforge_register_recordings")
def test_a_plugin_says_how_other_schemes_are_recorded() -> None:
    class Plugin:
        @hookimpl
        def mockforge_register_recordings(self) -> list[Recording]:
            return [
                Recording(
                    ("gopher", "ws"), "gopher", lambda url, folder: {"gopher.to": str(folder)}
                )
            ]

    plugins = load_plugins(Selection(), extra={"zz": Plugin()})
    found = plugins.recordings()
    assert found["gopher"].settings("gopher://x", Path("to")) == {"gopher.to": "to"}
    assert found["ws"].protocol == "ws"  # the first one keeps it
    row = plugins.get("zz")
    assert row is not None
    assert "scheme ws is taken already" in row.problems[0].message
