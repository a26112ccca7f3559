"""The fast engine: gRPC framing on a sans-IO HTTP/2 session, in an ``asyncio.Protocol`` that answers inside
the read callback."""

from __future__ import annotations

from mockforge_grpc.transport.http2.engine import Http2Engine

__all__ = ["Http2Engine"]
