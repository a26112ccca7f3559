"""The entry point of the distribution: what WebSocket contributes to MockForge. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockforge import hookimpl
from mockforge.contracts import ConfigSection, Recording

if TYPE_CHECKING:
    from mockforge.contracts import ProtocolServer
    from mockforge.findings import Finding


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


@hookimpl
def mockforge_register_recordings() -> Iterable[Recording]:
    """Servers that speak WebSocket."""
    return [Recording(("ws", "wss"), "ws", _recording)]


@hookimpl
def mockforge_register_lint_kinds() -> Iterable[str]:
    """Stubs, replay files and AsyncAPI documents."""
    return ["WebSocket stubs", "replay files (.jsonl)", "AsyncAPI documents (3.0, 3.1)"]


@hookimpl
def mockforge_lint_file(path: Path) -> Iterable[Finding] | None:
    """Checks stubs with ``websocket``, replay files and AsyncAPI documents."""
    from mockforge_ws.lint import lint_file

    return lint_file(path)


def _recording(url: str, folder: Path) -> Mapping[str, Any]:
    from mockforge_ws.config_proxy import Upstream

    return {
        "websocket.proxy.upstream": str(Upstream.parse(url)),
        "websocket.proxy.when": "always",
        "websocket.record.to": str(folder),
    }
