"""The engine on grpc.aio: generic handlers that pump into the callbacks. Importing it imports grpcio."""

from __future__ import annotations

from mockforge_grpc.transport.grpcio.engine import GrpcioEngine

__all__ = ["GrpcioEngine"]
