"""One rendering under way: its chance, its budget, and where it is. What functions of templates ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from random import Random
from time import perf_counter
from typing import Any

from mockforge.mocking.templating.limits import TemplateLimits


class RefusedError(Exception):
    """An operation of a template cannot be done; becomes a TemplateError with the place."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Run(threading.local):
    """What the rendering that this thread is in has left. Renderings do not nest."""

    chance: Random
    left: int = 0
    """Characters that may still be put out."""
    most: int = 0
    """Characters (or items) that a value may have."""
    deadline: float = 0.0
    time: float | None = None
    """Seconds since 1970 that ``now`` gives, once something asked for it."""
    at: int = -1
    """Number of the last tag with an operation that may fail."""

    def begin(self, limits: TemplateLimits, chance: Random) -> None:
        """Start a rendering."""
        self.chance = chance
        self.left = self.most = limits.max_output
        self.deadline = perf_counter() + limits.max_time
        self.time = None
        self.at = -1

    def spend(self, length: int) -> None:
        """So many characters are put out."""
        left = self.left - length
        if left < 0:
            raise self.too_large()
        self.left = left

    def fits(self, length: int) -> None:
        """A value of so many characters or items is about to be made."""
        if length > self.most:
            raise self.too_large()

    def now(self, clock: Callable[[], float]) -> float:
        """The time of ``clock`` when the rendering first asked for it."""
        time = self.time
        if time is None:
            time = self.time = clock()
        return time

    def in_time(self) -> None:
        """Fail if the time is over."""
        if perf_counter() > self.deadline:
            raise RefusedError(
                "the template takes too long", "make it do less, or raise core.templates.max_time"
            )

    def too_large(self) -> RefusedError:
        """What is put out, or made on the way, is larger than allowed."""
        return RefusedError(
            f"the template makes more than {self.most} characters",
            "make it do less, or raise core.templates.max_output",
        )


def size_of(value: Any, most: int) -> int:
    """Characters of text in a value, one more for each part; once more than ``most``, no further count."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, list | tuple | dict):
        return 1
    total = 0
    waiting: list[Any] = [value]
    while waiting and total <= most:
        each = waiting.pop()
        if isinstance(each, str):
            total += len(each)
        elif isinstance(each, Mapping):
            total += len(each)
            if total <= most:
                waiting.extend(each.keys())
                waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            total += len(each)
            if total <= most:
                waiting.extend(each)
    return total


def checked(run: Run, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, with what it returns held against the limit, and the time."""

    def call(*arguments: Any, **named: Any) -> Any:
        value = function(*arguments, **named)
        if value.__class__ is str:
            if len(value) > run.most:
                raise run.too_large()
        elif isinstance(value, list | tuple | dict) and size_of(value, run.most) > run.most:
            raise run.too_large()
        run.in_time()
        return value

    return call
