"""What a client may make grow, and how long it may take: the wire's copy of the settings."""

from __future__ import annotations

import msgspec

from mockforge_http.config import HttpConfig


class Limits(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds; the meaning of each is described in
    :class:`~mockforge_http.config.HttpConfig`."""

    max_connections: int
    max_request_line: int
    max_head: int
    max_body: int
    max_bodies: int
    max_pipelined: int
    write_buffer: int
    head_timeout: float
    body_timeout: float
    idle_timeout: float
    write_timeout: float

    @classmethod
    def of(cls, config: HttpConfig) -> Limits:
        """The limits that ``config`` states."""
        timeouts = config.timeouts
        return cls(
            max_connections=config.max_connections,
            max_request_line=int(config.max_request_line),
            max_head=int(config.max_head),
            max_body=int(config.max_body),
            max_bodies=int(config.max_bodies),
            max_pipelined=config.max_pipelined,
            write_buffer=int(config.write_buffer),
            head_timeout=float(timeouts.head),
            body_timeout=float(timeouts.body),
            idle_timeout=float(timeouts.idle),
            write_timeout=float(timeouts.write),
        )

    @property
    def tick(self) -> float:
        """Seconds between two sweeps: a quarter of the shortest timeout, between 10 ms and 1 s."""
        shortest = min(self.head_timeout, self.body_timeout, self.idle_timeout, self.write_timeout)
        return min(1.0, max(0.01, shortest / 4))
