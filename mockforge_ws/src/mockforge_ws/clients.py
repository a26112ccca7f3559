"""Open connections as others see them: listed, spoken to and closed from outside their scripts."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import TYPE_CHECKING, Any, Final

from mockforge.contracts import ConnectionInfo, Target
from mockforge.errors import MockForgeError
from mockforge.mocking.scripts import CompileValue, Made, Scope, ScriptError
from mockforge_ws.notes import PROTOCOL
from mockforge_ws.scripts import WebSocketVocabulary
from mockforge_ws.scripts.vocabulary import may_be_sent
from mockforge_ws.wire import Data

if TYPE_CHECKING:
    from mockforge_ws.wire import Connection, WebSocketListener

MAX_REASON: Final = 123
"""Octets of the reason of a close (RFC 6455 section 5.5)."""
NORMAL: Final = 1000


class Clients:
    """Those of ``listener``."""

    def __init__(self, listener: WebSocketListener) -> None:
        self._listener = listener

    def infos(self, limit: int, after: int) -> list[ConnectionInfo]:
        """See :meth:`~mockforge.contracts.ProtocolServer.connection_infos`."""
        found: list[ConnectionInfo] = []
        for connection in self._listener.open():
            if len(found) >= limit:
                break
            if connection.id > after:
                found.append(_info(connection))
        return found

    def close(self, connection_id: int, code: int | None, reason: str) -> bool:
        """See :meth:`~mockforge.contracts.ProtocolServer.close_connection`."""
        if code is not None and not may_be_sent(code):
            raise MockForgeError(
                f"{code} is no close code that may be sent",
                hint="1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455 section 7.4)",
            )
        if len(reason.encode("utf-8", "replace")) > MAX_REASON:
            raise MockForgeError(f"the reason of a close has at most {MAX_REASON} octets")
        connection = self._listener.connection(connection_id)
        if connection is None:
            return False
        connection.close(NORMAL if code is None else code, reason)
        return True

    def push(self, target: Target, message: Any) -> int:
        """See :meth:`~mockforge.contracts.ProtocolServer.push`."""
        data = message_of(message)
        reached = 0
        for connection in self._members(target):
            if connection.is_open:
                connection.push(data)
                reached += 1
        return reached

    def _members(self, target: Target) -> Iterable[Connection]:
        if target.kind == "connection":
            one = self._listener.connection(int(target.name))
            return () if one is None else (one,)
        return self._listener.members(target.kind, str(target.name))


def compile_message(
    spec: Any,
    path: tuple[str | int, ...],
    compile_value: CompileValue,
    compile_text: CompileValue,
) -> Made:
    """See :meth:`~mockforge.contracts.ProtocolServer.compile_message`."""
    if spec is None:
        raise ScriptError("there is nothing to send", path)
    return WebSocketVocabulary(compile_value, compile_text, {}).data(spec, path)


def message_of(spec: Any) -> Data:
    """The message that ``spec`` says. MockForgeError: it is none."""
    if isinstance(spec, str | bytes):
        return spec
    made: Data = compile_message(spec, (), _as_it_stands, _as_it_stands)(Scope({}, Random()))  # noqa: S311 - nothing is drawn
    return made


def _as_it_stands(value: Any, _: tuple[str | int, ...]) -> Made:
    return lambda _: value


def _info(connection: Connection) -> ConnectionInfo:
    opened = connection.opened
    return ConnectionInfo(
        id=connection.id,
        protocol=PROTOCOL,
        client=opened.request.client,
        state=connection.state,
        opened_ns=opened.received_ns,
        path=connection.path,
        source=opened.source,
        received_messages=connection.received_messages,
        received_bytes=connection.received_bytes,
        sent_messages=connection.sent_messages,
        sent_bytes=connection.sent_bytes,
        queued_bytes=connection.unread_bytes,
        rooms=connection.groups.rooms(connection),
    )
