"""What the operating system says of this process: memory, processor time, file descriptors.

Read from ``/proc`` where there is one, else through the standard library's ``resource``. Every
function gives ``None`` where the platform does not tell.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc/self")
_IMPORTED_AT: Final = time.time()


def resident_bytes(proc: Path = _PROC) -> int | None:
    """Resident memory (RSS). Without ``/proc`` the highest so far, which is what ``getrusage``
    knows."""
    try:
        pages = int((proc / "statm").read_bytes().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return _peak_resident_bytes()


def proportional_bytes(proc: Path = _PROC) -> int | None:
    """RSS with shared pages divided among the processes that share them (PSS). The kernel walks all
    pages for it, which takes a millisecond for 100 MB: not to be read often."""
    try:
        for line in (proc / "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def cpu_seconds() -> float:
    """Processor time used, user and system."""
    return time.process_time()


def open_descriptors(proc: Path = _PROC) -> int | None:
    """Open file descriptors."""
    try:
        return len(os.listdir(proc / "fd")) - 1  # noqa: PTH208 - names only; one is the listing's own
    except OSError:
        return None


def max_descriptors() -> int | None:
    """The soft limit of open file descriptors; ``None`` also where there is none."""
    try:
        import resource
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def started_at(proc: Path = _PROC) -> float:
    """When the process started, in seconds since 1970; without ``/proc``, when this module was
    loaded."""
    try:
        # The name in parentheses may hold anything; field 22 is counted from behind it (proc(5)).
        fields = (proc / "stat").read_bytes().rpartition(b")")[2].split()
        ticks = int(fields[19])
        for line in (proc.parent / "stat").read_bytes().splitlines():
            if line.startswith(b"btime "):
                return int(line.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        pass
    return _IMPORTED_AT


def _peak_resident_bytes() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
