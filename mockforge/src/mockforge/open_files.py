"""The limit of open files, which must allow as many connections as the settings do."""

from __future__ import annotations

import logging
from typing import Final

log = logging.getLogger("mockforge.sockets")

_OTHERS: Final = 128
"""Files that are open besides connections: libraries, logs, fixtures, the other servers' listeners."""


def allow_connections(connections: int, setting: str = "http.max_connections") -> None:
    """Raise the soft limit of open files, within the hard one, to hold ``connections``; warn where the
    hard limit is lower, because connections are then refused by the system and not by us. ``setting`` is what
    asked for so many."""
    try:
        import resource
    except ImportError:  # not a POSIX system: there is no such limit
        return
    wanted = connections + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):
        allowed = soft
    if allowed < wanted:
        log.warning(
            "the system allows %d open files, too few for %d connections: raise the limit (ulimit -n) "
            "or lower %s",
            allowed,
            connections,
            setting,
        )
