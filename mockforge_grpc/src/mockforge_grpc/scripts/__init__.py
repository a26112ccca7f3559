"""Scripts on gRPC calls: what plays them, what they do and see. How they are written, stubs know."""

from __future__ import annotations

from mockforge_grpc.scripts.messages import Incoming
from mockforge_grpc.scripts.player import Player
from mockforge_grpc.scripts.scope import CallScope

__all__ = ["CallScope", "Incoming", "Player"]
