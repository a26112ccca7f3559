"""Calls passed on to another server (``grpc.proxy``). grpcio is imported when the first call is."""

from __future__ import annotations

from mockforge_grpc.proxy.passing import OUTCOMES, Proxy

__all__ = ["OUTCOMES", "Proxy"]
