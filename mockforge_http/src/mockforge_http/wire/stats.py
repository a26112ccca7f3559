"""Counters of the wire: plain integers, read by the metrics page and the dashboard."""

from __future__ import annotations


class WireStats:
    """What happened since the start of a listener.

    ``accepted`` and ``refused`` (over ``max_connections``) count connections, ``timed_out`` those
    ended by a deadline; ``bytes_in`` and ``bytes_out`` are payload bytes of the sockets, heads and
    framing included. ``errors`` counts what was refused, by the ``code`` of its problem document;
    there are about thirty codes, all written in this package. ``faults`` counts what was done to answers,
    by the name of the fault.
    """

    __slots__ = ("accepted", "bytes_in", "bytes_out", "errors", "faults", "refused", "timed_out")

    def __init__(self) -> None:
        self.accepted = 0
        self.refused = 0
        self.timed_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.errors: dict[str, int] = {}
        self.faults: dict[str, int] = {}

    def count_error(self, code: str) -> None:
        """One more of ``code``."""
        self.errors[code] = self.errors.get(code, 0) + 1

    def count_fault(self, name: str) -> None:
        """One more of ``name``."""
        self.faults[name] = self.faults.get(name, 0) + 1
