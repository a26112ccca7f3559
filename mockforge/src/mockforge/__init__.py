"""MockForge: mock servers for HTTP, WebSocket and gRPC in one process with a known memory ceiling.

A plugin author needs :data:`hookimpl` and the two pages :mod:`mockforge.hookspecs` (what is called
when) and :mod:`mockforge.contracts` (what the objects must do). A test author needs
:class:`mockforge.testing.MockServer`.
"""

from __future__ import annotations

import pluggy

hookimpl = pluggy.HookimplMarker("mockforge")
"""Marks a plugin's functions as hook implementations."""

__all__ = ["hookimpl"]
