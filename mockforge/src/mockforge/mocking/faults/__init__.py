"""What goes wrong on purpose: how long an answer is held back, and what is done to it on the wire.

A pure library for all protocols. :func:`compile_delay` and :func:`compile_fault` turn what a stub or a
setting says into values; protocols act on them. Nothing here waits, sends, or keeps the time.
"""

from __future__ import annotations

from mockforge.mocking.faults.delay import Delay, compile_delay
from mockforge.mocking.faults.fault import (
    Bandwidth,
    Dribble,
    Empty,
    Fault,
    Garbage,
    MalformedChunk,
    Reset,
    Truncate,
    compile_fault,
)
from mockforge.mocking.faults.spec import FaultError

__all__ = [
    "Bandwidth",
    "Delay",
    "Dribble",
    "Empty",
    "Fault",
    "FaultError",
    "Garbage",
    "MalformedChunk",
    "Reset",
    "Truncate",
    "compile_delay",
    "compile_fault",
]
