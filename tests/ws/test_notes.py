"""What the journal, the metrics and the memory report know of connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockforge.observe.journal import JournalEntry
from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import ECHO, PATIENCE, client, mocking, script, value_of


def entries(server: MockServer, count: int) -> list[JournalEntry]:
    """The oldest ``count`` entries, once there are so many."""
    wait_until(lambda: len(server.journal) >= count)
    return server.journal.recent()[::-1]


def talk(server: MockServer, *messages: str | bytes) -> None:
    with client(server, "/echo?a=1") as talker:
        for message in messages:
            talker.send(message)
            assert talker.recv(PATIENCE) == message


def test_opening_messages_and_close_are_in_the_journal(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server:
        talk(server, "hello", b"\x00\xff")
        found = entries(server, 6)
        assert [entry.method for entry in found] == [
            "GET",
            "RECEIVE",
            "SEND",
            "RECEIVE",
            "SEND",
            "CLOSE",
        ]
        assert {entry.protocol for entry in found} == {"websocket"}
        assert {entry.source for entry in found} == {"stub:echo"}
        assert {entry.template for entry in found} == {"/echo"}
        assert {entry.target for entry in found} == {"/echo?a=1"}
        assert len({entry.client for entry in found}) == 1
        assert [entry.status for entry in found] == [101, None, 101, None, 101, 1000]
        assert (found[1].request_body, found[2].response_body) == ("hello", "hello")
        assert (found[3].request_body, found[3].request_body_base64) == ("AP8=", True)
        assert ("Upgrade", "websocket") in found[0].response_headers
        requests = value_of(server, "mockforge_requests_total", protocol="websocket", status="101")
        assert requests == 1


def test_messages_in_the_journal_are_cut(tmp_path: Path) -> None:
    file = tmp_path / "stubs.json"
    with mocking(tmp_path, ECHO):
        pass
    settings = {"websocket.scripts": [str(file)], "core.max_logged_body": 10}
    with MockServer(only=("ws",), settings=settings) as server:
        talk(server, "x" * 1000)
        _, received, sent, _ = entries(server, 4)
        assert (received.request_body, received.request_size) == ("x" * 10, 1000)
        assert (sent.response_body, sent.response_size) == ("x" * 10, 1000)
        assert received.request_body_truncated
        assert sent.response_body_truncated


def test_a_broadcast_is_noted_for_each_who_gets_it(tmp_path: Path) -> None:
    member = script({"join": "all"}, {"send": "in"}, {"expect": "end"}, path="/member")
    crier = script({"broadcast": {"room": "all", "send": "news"}}, path="/crier")
    with mocking(tmp_path, member, crier) as server:
        with client(server, "/member") as listener:
            assert listener.recv(PATIENCE) == "in"
            with client(server, "/crier"):
                assert listener.recv(PATIENCE) == "news"
        found = [entry for entry in entries(server, 6) if entry.method == "SEND"]
        assert [(entry.path, entry.response_body) for entry in found] == [
            ("/member", "in"),
            ("/member", "news"),
        ]
        assert value_of(server, "mockforge_ws_messages_total", direction="out") == 2


@pytest.mark.shows("websocket.log_messages")
def test_messages_may_be_left_out_of_the_journal(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, log_messages=False) as server:
        talk(server, "a", "b")
        assert [entry.method for entry in entries(server, 2)] == ["GET", "CLOSE"]


def test_memory_is_reported(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server:

        def held(name: str) -> int:
            rows = server.kernel.memory.report().components
            return next(row.bytes or 0 for row in rows if row.name == name)

        assert held("ws.stubs") > 0
        with client(server, "/echo"):
            assert held("ws.connections") > 1000
        wait_until(lambda: held("ws.connections") == 0)
