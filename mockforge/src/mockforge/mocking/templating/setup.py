"""The templates of a protocol, made from the settings and with what plugins bring."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, WeakSet

from mockforge.config.core import CoreConfig
from mockforge.mocking.templating.limits import TemplateLimits
from mockforge.mocking.templating.template import Templates

if TYPE_CHECKING:
    from mockforge.kernel import Kernel


class _Held:
    """What the engines of a kernel hold, as long as they are in use, and how many programs they let go."""

    def __init__(self, kernel: Kernel) -> None:
        self.templates: WeakSet[Templates] = WeakSet()
        self._evicted = 0
        kernel.memory.register(
            "templates",
            lambda: sum(each.bytes for each in self.templates),
            lambda: sum(each.limits.cache for each in self.templates),
        )
        kernel.metrics.read("mockforge_dropped_total", lambda: self._evicted, component="templates")

    def note_evicted(self) -> None:
        """A program was let go to make room."""
        self._evicted += 1


_held: Final[WeakKeyDictionary[Kernel, _Held]] = WeakKeyDictionary()


def make_templates(
    kernel: Kernel,
    *,
    names: Iterable[str] = ("request", "state"),
    functions: Mapping[str, Callable[..., Any]] = {},
    fixture: Callable[[str], Any] | None = None,
) -> Templates:
    """What compiles templates under the settings ``core.templates``, with the functions of plugins and those
    given here. Called again at each reload. ``names`` are what contexts may hold."""
    settings = kernel.settings.section("core", CoreConfig).templates
    known_functions, known_filters = builtin_names()
    brought = kernel.plugins.template_functions(
        {*known_functions, *functions, *names}, known_filters
    )
    held = _held.get(kernel)
    if held is None:
        held = _held[kernel] = _Held(kernel)
    made = Templates(
        limits=TemplateLimits(
            settings.fuel,
            int(settings.max_output),
            float(settings.max_time),
            int(settings.cache),
        ),
        functions={
            **functions,
            **{each.name: each.function for each in brought if not each.filter},
        },
        filters={each.name: each.function for each in brought if each.filter},
        drawing={f"| {each.name}" if each.filter else each.name for each in brought if each.chance},
        fixture=fixture,
        env={name: os.environ.get(name) for name in settings.env},
        names=names,
        evicted=held.note_evicted,
    )
    held.templates.add(made)
    return made


def builtin_names() -> tuple[frozenset[str], frozenset[str]]:
    """Names of the built-in functions (words that mean something else included) and filters."""
    from mockforge.mocking.templating.vocabulary import RESERVED

    words = Templates().vocabulary
    return frozenset((*words.functions, *words.families, *RESERVED)), frozenset(words.filters)
