"""What is known of each plugin: its state, why, which hooks it implements, what it did wrong.

``mockforge plugins``, the admin interface and the start-up summary show these rows.
"""

from __future__ import annotations

import logging
import sysconfig
import traceback
from pathlib import Path
from typing import Final, Literal

import msgspec

State = Literal["loaded", "blocked", "failed"]

MAX_PROBLEMS: Final = 8
"""Distinct problems kept of one plugin; further ones are only counted."""

_KERNEL: Final = str(Path(__file__).parent.parent)
_log = logging.getLogger("mockforge.plugins")
# Commands that set no logging up show rows instead of tracebacks.
logging.getLogger("mockforge").addHandler(logging.NullHandler())


class Problem(msgspec.Struct):
    """One way in which a hook failed, and how often it did."""

    hook: str
    message: str
    count: int = 1


class PluginInfo(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One row of ``mockforge plugins``."""

    name: str
    state: State
    distribution: str | None = None
    version: str | None = None
    reason: str | None = None
    """Why it is blocked or failed, with the place in its code."""
    hooks: tuple[str, ...] = ()
    failures: int = 0
    """How often one of its hooks raised."""
    problems: list[Problem] = msgspec.field(default_factory=list)
    """The first few distinct ones."""

    def note(self, hook: str, error: BaseException, *, quiet: bool = False) -> str:
        """Record that ``hook`` raised ``error``; returns the one-line description.

        Unless ``quiet`` (the caller reports it), a distinct problem is logged with its traceback
        once, and again without it each time its count gets another digit: a transformer that fails
        on every request must not flood the log.
        """
        message = describe_error(error)
        self.failures += 1
        known = next((p for p in self.problems if (p.hook, p.message) == (hook, message)), None)
        if known is not None:
            known.count += 1
            if not quiet and str(known.count).rstrip("0") == "1":
                _log.error(
                    "plugin %s: %s raised %d times: %s", self.name, hook, known.count, message
                )
        elif len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(hook, message))
            if not quiet:
                _log.error("plugin %s: %s raised", self.name, hook, exc_info=error)
        return f"plugin {self.name}: {hook} raised {message}"

    def fail(self, reason: str) -> None:
        """The plugin takes no further part."""
        self.state = "failed"
        self.reason = reason


def describe_error(error: BaseException) -> str:
    """``ValueError: no such table (hello/plugin.py:12)``: type, first line, innermost place."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    if isinstance(error, SyntaxError):
        file, line = error.filename, error.lineno
    else:
        file, line = _own_place(error)
    if not file:
        return text
    return f"{text} ({short_path(file)}:{line})"


def _own_place(error: BaseException) -> tuple[str | None, int | None]:
    """The innermost frame that is neither the standard library's nor the kernel's."""
    stdlib = sysconfig.get_path("stdlib")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = frame.filename
        foreign = file.startswith(("<", _KERNEL)) or (
            file.startswith(stdlib) and "site-packages" not in file
        )
        if not foreign:
            return file, frame.lineno
    return None, None


def short_path(file: str) -> str:
    """The last two parts of a path: enough to find the place, and the same on every machine."""
    return "/".join(file.replace("\\", "/").split("/")[-2:])
