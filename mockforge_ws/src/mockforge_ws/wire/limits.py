"""What a client may make grow, and how long it may take: the wire's copy of the settings."""

from __future__ import annotations

import msgspec

from mockforge_ws.config import WebSocketConfig


class Limits(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds (0 is for ever); the meaning of each is described in
    :class:`~mockforge_ws.config.WebSocketConfig`."""

    max_connections: int
    max_head: int
    max_message: int
    max_frame: int
    max_inbox: int
    max_rate: int
    max_rooms: int
    write_buffer: int
    send_queue: int
    drop_oldest: bool
    max_held: int
    compression: bool
    compression_window: int
    handshake: float
    idle: float
    ping: float
    pong: float
    close: float

    @classmethod
    def of(cls, config: WebSocketConfig) -> Limits:
        """The limits that ``config`` states."""
        timeouts = config.timeouts
        return cls(
            max_connections=config.max_connections,
            max_head=int(config.max_head),
            max_message=int(config.max_message),
            max_frame=int(config.max_frame),
            max_inbox=config.max_inbox,
            max_rate=config.max_rate,
            max_rooms=config.max_rooms,
            write_buffer=int(config.write_buffer),
            send_queue=int(config.send_queue),
            drop_oldest=config.send_queue_full == "drop_oldest",
            max_held=int(config.max_held),
            compression=config.compression,
            compression_window=config.compression_window,
            handshake=float(timeouts.handshake),
            idle=float(timeouts.idle),
            ping=float(timeouts.ping),
            pong=float(timeouts.pong),
            close=float(timeouts.close),
        )

    @property
    def tick(self) -> float:
        """Seconds between two sweeps: a quarter of the shortest timeout, between 10 ms and 1 s."""
        times = (self.handshake, self.idle, self.ping, self.pong, self.close)
        return min(1.0, max(0.01, min(time for time in (*times, 4.0) if time > 0) / 4))
