"""Documents for tests, and servers of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from mockforge.findings import Finding
from mockforge.testing import MockServer
from mockforge_ws.asyncapi.lint import lint_document
from mockforge_ws.server import WebSocketServer
from tests.ws.making import PATIENCE

EXAMPLE = Path(__file__).parents[3] / "examples" / "chat" / "chat-asyncapi.yaml"

ROOM = {"$ref": "#/channels/room"}


def message(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/room/messages/{name}"}


def document(
    operations: Mapping[str, Any] | None = None,
    messages: Mapping[str, Any] | None = None,
    channel: Mapping[str, Any] | None = None,
    **root: Any,
) -> dict[str, Any]:
    """A document with one channel, ``room`` at ``/room``."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Room", "version": "1"},
        "channels": {"room": {"address": "/room", "messages": messages or {}, **(channel or {})}},
        "operations": operations or {},
        **root,
    }


def receiving(*names: str, replies: tuple[str, ...] = ()) -> dict[str, Any]:
    """An operation that receives these messages of the channel, and is answered with those."""
    operation = {
        "action": "receive",
        "channel": ROOM,
        "messages": [message(each) for each in names],
    }
    if replies:
        operation["reply"] = {"channel": ROOM, "messages": [message(each) for each in replies]}
    return operation


def sending(*names: str) -> dict[str, Any]:
    """An operation that sends these messages of the channel."""
    return {"action": "send", "channel": ROOM, "messages": [message(each) for each in names]}


def echoing(payload: Any, **more: Any) -> dict[str, Any]:
    """A document whose channel takes messages with such payloads and answers ``{"ok": true}``."""
    return document(
        {"ask": receiving("question", replies=("answer",))},
        {
            "question": {"payload": payload, **more},
            "answer": {"examples": [{"payload": {"ok": True}}]},
        },
    )


@contextmanager
def serving(
    folder: Path, value: Any, *, only: tuple[str, ...] = ("ws",), **settings: Any
) -> Iterator[MockServer]:
    """A server of a document; ``settings`` are those of ``websocket``, dots as two underscores."""
    path = write(folder, value)
    given = {f"websocket.{key.replace('__', '.')}": each for key, each in settings.items()}
    with MockServer(path, only=only, settings=given) as server:
        yield server


def write(folder: Path, value: Any, name: str = "document.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1))
    return path


def received(connection: ClientConnection) -> Any:
    """The next message, read as JSON."""
    return json.loads(connection.recv(PATIENCE))


def ask(connection: ClientConnection, value: Any) -> Any:
    """Send ``value`` as JSON; the next message."""
    connection.send(json.dumps(value))
    return received(connection)


def closed(connection: ClientConnection) -> tuple[int, str]:
    """Code and reason of the close that comes, after whatever messages."""
    with pytest.raises(ConnectionClosed) as caught:
        _drain(connection)
    close = caught.value.rcvd
    assert close is not None
    return close.code, close.reason


def _drain(connection: ClientConnection) -> None:
    while True:
        connection.recv(PATIENCE)


def ws_of(server: MockServer) -> WebSocketServer:
    """The WebSocket server of a mock."""
    (found,) = (each for each in server.kernel.servers if isinstance(each, WebSocketServer))
    return found


def lint(folder: Path, value: Any, name: str = "document.json") -> list[Finding]:
    return list(lint_document(write(folder, value, name)))


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """Severity and code of each, the latter without its family."""
    return [(each.severity, each.code.removeprefix("asyncapi.")) for each in findings]
