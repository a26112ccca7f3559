"""Open connections of all servers, seen as one list."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from mockforge.contracts import ConnectionInfo, ProtocolServer, Target
from mockforge.errors import MockForgeError, PluginError
from mockforge.kernel.connections import OpenConnections


class Room(ProtocolServer):
    """Has connections with these ids."""

    name: ClassVar[str] = "room"

    def __init__(self, *ids: int) -> None:
        self.ids = list(ids)
        self.said: list[tuple[Target, Any]] = []

    async def serve(self, *, task_status: Any) -> None:
        task_status.started("")

    async def drain(self) -> None:
        """There is nothing to wait for."""

    def connection_infos(self, limit: int, after: int = 0) -> list[ConnectionInfo]:
        return [
            ConnectionInfo(id=each, protocol=self.name, client="", state="open", opened_ns=0)
            for each in self.ids
            if each > after
        ][:limit]

    def close_connection(
        self, connection_id: int, code: int | None = None, reason: str = ""
    ) -> bool:
        if connection_id not in self.ids:
            return False
        self.ids.remove(connection_id)
        return True

    def push(self, target: Target, message: Any) -> int:
        self.said.append((target, message))
        return len(self.ids)


class Other(Room):
    name: ClassVar[str] = "other"


class Quiet(Room):
    """Says nothing of its connections, and takes no messages."""

    name: ClassVar[str] = "quiet"
    connection_infos = ProtocolServer.connection_infos
    close_connection = ProtocolServer.close_connection
    push = ProtocolServer.push


def ids(found: list[ConnectionInfo]) -> list[int]:
    return [info.id for info in found]


def test_connections_of_all_servers_come_by_id_in_pages() -> None:
    servers = (Room(1, 4, 5, 9), Quiet(8), Other(2, 3, 7))
    connections = OpenConnections(lambda: servers)
    assert ids(connections.infos()) == [1, 2, 3, 4, 5, 7, 9]
    assert ids(connections.infos(3)) == [1, 2, 3]
    assert ids(connections.infos(3, after=3)) == [4, 5, 7]
    assert ids(connections.infos(3, after=7)) == [9]
    assert ids(connections.infos(protocol="other")) == [2, 3, 7]
    assert connections.infos(protocol="none") == []


def test_one_is_closed_by_the_server_that_has_it() -> None:
    servers = (Room(1), Quiet(8), Other(2))
    connections = OpenConnections(lambda: servers)
    assert connections.close(2)
    assert not connections.close(2)
    assert not connections.close(8)
    assert ids(connections.infos()) == [1]


def test_a_push_goes_to_the_server_that_is_named() -> None:
    room = Room(1, 2)
    servers = (room, Quiet(8))
    connections = OpenConnections(lambda: servers)
    target = Target("path", "/")
    assert connections.push("room", target, {"a": 1}) == 2
    assert room.said == [(target, {"a": 1})]
    with pytest.raises(MockForgeError, match="the quiet server takes no messages"):
        connections.push("quiet", target, "a")
    with pytest.raises(MockForgeError, match="no none server runs"):
        connections.push("none", target, "a")


def test_a_server_with_no_way_to_compile_messages_says_so() -> None:
    with pytest.raises(PluginError, match="the quiet server takes no messages") as refused:
        Quiet.compile_message("a", (), lambda *_: lambda _: "", lambda *_: lambda _: "")
    assert "compile_message" in (refused.value.hint or "")
