"""The entry point of the distribution: what WebSocket contributes to MockForge. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockforge import hookimpl
from mockforge.contracts import ConfigSection

if TYPE_CHECKING:
    from mockforge.contracts import ProtocolServer


@hookimpl
def mockforge_register_config() -> Iterable[ConfigSection]:
    """The section ``websocket``."""
    from mockforge_ws.config import WebSocketConfig

    return [ConfigSection("websocket", WebSocketConfig)]


@hookimpl
def mockforge_register_protocols() -> Iterable[type[ProtocolServer]]:
    """The WebSocket mock server."""
    from mockforge_ws.server import WebSocketServer

    return [WebSocketServer]
