"""Calls in and out: framing, flow control, deadlines, compression, limits, TLS.

:mod:`.call` is what the application sees; :func:`make_engine` makes one of the two engines, which behave the
same. Nothing here knows schemas or stubs.
"""

from __future__ import annotations

from mockforge_grpc.transport.call import (
    CANCEL,
    Application,
    Call,
    EndedBy,
    Kind,
    Metadata,
    Receiver,
)
from mockforge_grpc.transport.engine import Engine, EngineName, engine_class, make_engine
from mockforge_grpc.transport.limits import GrpcLimits
from mockforge_grpc.transport.stats import TransportStats

__all__ = [
    "CANCEL",
    "Application",
    "Call",
    "EndedBy",
    "Engine",
    "EngineName",
    "GrpcLimits",
    "Kind",
    "Metadata",
    "Receiver",
    "TransportStats",
    "engine_class",
    "make_engine",
]
