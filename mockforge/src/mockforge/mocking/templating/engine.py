"""The engine with the programs it holds, and the rendering of one of them.

A compiled program takes 8 kB and more, a translation a few hundred bytes: so the engine holds a bounded
number of bytes of programs, those loaded last, and one that is gone is made again from its translation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.templating.limits import TemplateLimits

if TYPE_CHECKING:
    import minijinja

_PROGRAM_BYTES: Final = 10 * 1024
_CHARACTER_BYTES: Final = 16
"""What a program takes, and for each character of its translation, as measured."""
_TRIAL: Final = "trial"
_NO_TEMPLATES: Final = ("cycler", "debug", "dict", "joiner", "range")
"""Globals of the engine that make texts of any size, or show its inside."""


class Engine:
    """A minijinja environment. ``functions`` are all that programs call; ``evicted`` is told of each program
    that went to make room."""

    def __init__(
        self,
        limits: TemplateLimits,
        functions: Mapping[str, Callable[..., Any]],
        evicted: Callable[[], None],
    ) -> None:
        # Takes 2 MB, which a server without templates does without.
        from minijinja import Environment

        environment = Environment(
            debug=False,
            fuel=limits.fuel,
            undefined_behavior="chainable",
            keep_trailing_newline=True,
            pycompat=False,
        )
        for name in _NO_TEMPLATES:
            environment.remove_global(name)
        for name, function in functions.items():
            environment.add_global(name, function)
        self._environment: minijinja.Environment = environment
        self._limit = limits.cache
        self._evicted = evicted
        self._loaded: dict[str, int] = {}
        self._size = 0
        self._lock = Lock()
        self.run_program: Final = environment.render_template
        """Render a program by name; see :meth:`load`."""

    def check(self, text: str) -> None:
        """Whether the engine takes a translation: minijinja's TemplateError if not."""
        with self._lock:
            self._environment.add_template(_TRIAL, text)
            self._environment.remove_template(_TRIAL)

    def load(self, name: str, text: str) -> None:
        """Have a program under ``name``; others go if there are too many."""
        with self._lock:
            if name in self._loaded:
                return
            self._environment.add_template(name, text)
            self._loaded[name] = len(text)
            self._size += len(text)
            while self.bytes > self._limit and len(self._loaded) > 1:
                oldest = next(iter(self._loaded))
                self._size -= self._loaded.pop(oldest)
                self._environment.remove_template(oldest)
                self._evicted()

    def __len__(self) -> int:
        return len(self._loaded)

    @property
    def bytes(self) -> int:
        """What the programs take, roughly."""
        return _PROGRAM_BYTES * len(self._loaded) + _CHARACTER_BYTES * self._size
