"""The transport's limits as the settings state them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge_grpc.transport.limits import GrpcLimits

if TYPE_CHECKING:
    from mockforge_grpc.config import GrpcConfig


def limits_of(config: GrpcConfig) -> GrpcLimits:
    """What ``config`` allows clients."""
    return GrpcLimits(
        max_connections=config.max_connections,
        max_concurrent_streams=config.max_concurrent_streams,
        max_message=int(config.max_message),
        max_metadata=int(config.max_metadata),
        max_held=int(config.max_held),
        write_buffer=int(config.write_buffer),
        max_resets=config.max_resets,
        handshake=float(config.timeouts.handshake),
        idle=float(config.timeouts.idle),
        ping=float(config.keepalive.ping_interval),
        pong=float(config.keepalive.ping_timeout),
        compression_level=config.compression_level,
    )
