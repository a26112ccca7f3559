"""Passing connections on to another server (``websocket.proxy``)."""

from __future__ import annotations

from mockforge_ws.proxy.proxy import Proxy

__all__ = ["Proxy"]
