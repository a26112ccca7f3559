"""Plugins: found by entry point, each loaded in isolation, called through a typed facade.

The command line makes a :class:`Selection` from flags and settings, :func:`load_plugins` turns it
into :class:`Plugins`, and everything else (kernel, settings, servers) only ever sees that facade.
"""

from __future__ import annotations

from mockforge.plugins.discovery import load_plugins
from mockforge.plugins.facade import Plugins
from mockforge.plugins.record import PluginInfo, Problem
from mockforge.plugins.selection import FIRST_PARTY, PROTOCOLS, Selection, pip_line

__all__ = [
    "FIRST_PARTY",
    "PROTOCOLS",
    "PluginInfo",
    "Plugins",
    "Problem",
    "Selection",
    "load_plugins",
    "pip_line",
]
