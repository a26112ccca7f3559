"""Calls that are answered otherwise, and why."""

from __future__ import annotations

OTHERWISE = {
    "tasktracker/case_effects_times.gctf": "the last call finds no stub, as it should; it expects the very "
    "words of GripMock's message about that",
}
"""By path below the folder."""
