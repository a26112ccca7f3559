"""Replay files: what they play, when, and what is said of those that are wrong."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.ws.making import PATIENCE, client

CHAT = r"""
{"ts":0,"dir":"out","text":"HELLO {{uuid}}","waitFor":"^CLIENT_READY$"}
{"ts":10,"dir":"out","text":"{\"type\":\"welcome\",\"at\":\"{{now+1m}}\"}"}
{"ts":15,"dir":"in","text":"ignored"}
{"ts":20,"dir":"out","text":"{\"data\":{{randInt 1 100}}}","waitFor":"ACK"}
{"ts":20,"dir":"out","binary":"AP8="}
{"ts":20,"dir":"out","text":"paid","waitFor":"$.order.status"}
{"ts":30,"dir":"out","close":4000}
"""


def replaying(tmp_path: Path, lines: str) -> MockServer:
    file = tmp_path / "chat.jsonl"
    file.write_text(lines)
    return MockServer(only=("ws",), settings={"websocket.replay_file": str(file)})


def test_a_file_of_the_known_format_is_played_at_ws(tmp_path: Path) -> None:
    with replaying(tmp_path, CHAT) as server, client(server, "/ws") as player:
        player.send("CLIENT_READY or not")
        player.send("CLIENT_READY")
        assert re.fullmatch(r"HELLO [0-9a-f-]{36}", str(player.recv(PATIENCE)))
        assert re.fullmatch(r'{"type":"welcome","at":"\d{4}-.*"}', str(player.recv(PATIENCE)))
        player.send("an ACK in the middle")
        assert re.fullmatch(r'{"data":\d+}', str(player.recv(PATIENCE)))
        assert player.recv(PATIENCE) == b"\x00\xff"
        player.send('{"order": {}}')
        player.send('{"order": {"status": null}}')
        assert player.recv(PATIENCE) == "paid"
        with pytest.raises(ConnectionClosed) as closed:
            player.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4000
        entry = server.journal.recent(1)[0]
        assert (entry.method, entry.status, entry.source) == ("CLOSE", 4000, "stub:replay")


def test_after_the_last_line_the_connection_is_closed(tmp_path: Path) -> None:
    with replaying(tmp_path, '{"ts": 0, "text": "a"}') as server, client(server, "/ws") as player:
        assert player.recv(PATIENCE) == "a"
        with pytest.raises(ConnectionClosed) as closed:
            player.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


def test_lines_come_when_they_are_due_and_do_not_drift(tmp_path: Path) -> None:
    lines = "\n".join(f'{{"ts": {20 * number}, "text": "{number}"}}' for number in range(20))
    with replaying(tmp_path, lines) as server, client(server, "/ws") as player:
        begun = time.monotonic()
        for number in range(20):
            assert player.recv(PATIENCE) == str(number)
        # It opened a little before this clock began.
        assert time.monotonic() - begun >= 0.38 - 0.1


def test_a_stub_may_name_a_replay_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_text('{"ts": 0, "text": "{{ request.path.name }}"}')
    stubs = tmp_path / "stubs.yaml"
    stubs.write_text("{id: feed, websocket: {path: '/feed/{name}', replay: feed.jsonl}}")
    with (
        MockServer(only=("ws",), settings={"websocket.scripts": [str(stubs)]}) as server,
        client(server, "/feed/abc") as player,
    ):
        assert player.recv(PATIENCE) == "abc"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no JSON"),
        ("[]", "expected an object"),
        ('{"ts": 0}', "one of `text`, `binary` and `close`"),
        ('{"ts": -1, "text": ""}', "`ts` is a number"),
        ('{"ts": 0, "text": 1}', "`text` is a text"),
        ('{"ts": 0, "dir": "up", "text": ""}', "`dir` is"),
        ('{"ts": 0, "text": "", "waitFor": "("}', "`(` is no regular expression"),
        ('{"ts": 0, "binary": "?"}', "no base64"),
        ('{"ts": 0, "close": 1006}', "no close code"),
        ('{"ts": 0, "txt": ""}', "unknown key 'txt'"),
        ('{"ts": 0, "text": "{{ nope }}"}', "nope"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with (
        pytest.raises(MockForgeError) as error,
        replaying(tmp_path, '{"ts": 0, "text": "a"}\n' + line),
    ):
        pass
    assert message in str(error.value)
    assert "chat.jsonl:2" in str(error.value)


def test_an_empty_file_and_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MockForgeError, match="nothing to replay"), replaying(tmp_path, "\n\n"):
        pass
    with pytest.raises(MockForgeError, match="no such file"):
        MockServer(
            only=("ws",), settings={"websocket.replay_file": str(tmp_path / "none.jsonl")}
        ).start()
