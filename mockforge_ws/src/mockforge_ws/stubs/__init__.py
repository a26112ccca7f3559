"""Stubs with ``websocket:``: compiled, loaded, and asked which of them answers."""

from __future__ import annotations

from mockforge_ws.stubs.action import StubAction
from mockforge_ws.stubs.compiler import Kit, WebSocketStubCompiler
from mockforge_ws.stubs.loading import load

__all__ = ["Kit", "StubAction", "WebSocketStubCompiler", "load"]
