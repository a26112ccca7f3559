"""Who is where: the connections of each path, and the members of each room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockforge_ws.wire.connection import Connection

Key = tuple[str, str]


class Groups:
    """A connection belongs to its path from :meth:`arrived` on, and to the rooms that it joined, at most
    ``max_rooms``, until it :meth:`left`."""

    __slots__ = ("_members", "_rooms", "max_rooms")

    def __init__(self, max_rooms: int) -> None:
        self.max_rooms = max_rooms
        self._members: dict[Key, dict[Connection, None]] = {}
        self._rooms: dict[Connection, set[str]] = {}

    def __len__(self) -> int:
        """Paths and rooms that somebody is in."""
        return len(self._members)

    def arrived(self, connection: Connection) -> None:
        """``connection`` is one of those to its path."""
        self._add(("path", connection.path), connection)

    def join(self, room: str, connection: Connection) -> bool:
        """Make ``connection`` a member of ``room``; whether it may be."""
        rooms = self._rooms.setdefault(connection, set())
        if room not in rooms:
            if len(rooms) >= self.max_rooms:
                return False
            rooms.add(room)
            self._add(("room", room), connection)
        return True

    def leave(self, room: str, connection: Connection) -> None:
        """Let ``connection`` be a member no more, if it was one."""
        rooms = self._rooms.get(connection)
        if rooms is not None and room in rooms:
            rooms.discard(room)
            self._remove(("room", room), connection)

    def left(self, connection: Connection) -> None:
        """``connection`` is gone."""
        self._remove(("path", connection.path), connection)
        for room in self._rooms.pop(connection, ()):
            self._remove(("room", room), connection)

    def members(self, kind: str, name: str) -> Iterable[Connection]:
        """The connections of a ``path`` or ``room``, in the order in which they came."""
        return tuple(self._members.get((kind, name), ()))

    def rooms(self, connection: Connection) -> tuple[str, ...]:
        """Those that ``connection`` is in, by name."""
        return tuple(sorted(self._rooms.get(connection, ())))

    def _add(self, key: Key, connection: Connection) -> None:
        self._members.setdefault(key, {})[connection] = None

    def _remove(self, key: Key, connection: Connection) -> None:
        members = self._members.get(key)
        if members is not None:
            members.pop(connection, None)
            if not members:
                del self._members[key]
