"""What a client may make grow, and how long it may take. Filled from the settings by whoever starts an
engine."""

from __future__ import annotations

import msgspec


class GrpcLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes, times in seconds (0 is for ever or none)."""

    max_connections: int = 10_000
    """Open connections; further ones are closed (GOAWAY with ENHANCE_YOUR_CALM)."""
    max_concurrent_streams: int = 1000
    """Open calls of one connection; further ones are refused (REFUSED_STREAM)."""
    max_message: int = 4 * 1024**2
    """Largest message of a client, as sent and after decompression; then RESOURCE_EXHAUSTED."""
    max_metadata: int = 16 * 1024
    """Largest header list of a client as HTTP/2 counts it (32 more for each field); then
    RESOURCE_EXHAUSTED."""
    max_held: int = 256 * 1024**2
    """Bytes of messages held for all calls together: being received, waiting for a receiver, or unsent;
    the call that goes above it ends with RESOURCE_EXHAUSTED."""
    write_buffer: int = 64 * 1024
    """Unsent bytes of one call at which it is blocked, and of a connection at which no more is framed."""
    stream_window: int = 64 * 1024
    """Flow control window for each call: what a client may send before it is read."""
    connection_window: int = 1024**2
    """Flow control window for each connection."""
    max_resets: int = 200
    """Calls of one connection that the client may cancel in a second before it is closed
    (ENHANCE_YOUR_CALM)."""
    max_pings: int = 100
    """PING and SETTINGS frames of one connection in a second before it is closed (ENHANCE_YOUR_CALM)."""
    handshake: float = 10.0
    """For TLS and the client's connection preface; then the connection is cut."""
    idle: float = 3600.0
    """A connection without calls; then GOAWAY."""
    ping: float = 60.0
    """Between the pings that the server sends to a silent client."""
    pong: float = 20.0
    """For the answer to a ping; then the connection is cut."""
    compression_level: int = 6
    """Of gzip and deflate, 1 to 9."""

    @property
    def tick(self) -> float:
        """Seconds between two sweeps: a quarter of the shortest timeout, between 10 ms and 1 s."""
        times = (self.handshake, self.idle, self.ping, self.pong)
        return min(1.0, max(0.01, min(time for time in (*times, 4.0) if time > 0) / 4))
