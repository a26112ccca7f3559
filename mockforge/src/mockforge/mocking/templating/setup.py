"""The templates of a protocol, made from the settings and with what plugins bring."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, WeakSet

from mockforge.config.core import CoreConfig
from mockforge.mocking.templating.engine import MOST_BYTES
from mockforge.mocking.templating.limits import TemplateLimits
from mockforge.mocking.templating.template import Templates

if TYPE_CHECKING:
    from mockforge.kernel import Kernel


_held: Final[WeakKeyDictionary[Kernel, WeakSet[Templates]]] = WeakKeyDictionary()


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
    made = Templates(
        limits=TemplateLimits(settings.fuel, int(settings.max_output), float(settings.max_time)),
        functions={
            **functions,
            **{each.name: each.function for each in brought if not each.filter},
        },
        filters={each.name: each.function for each in brought if each.filter},
        drawing={f"| {each.name}" if each.filter else each.name for each in brought if each.chance},
        fixture=fixture,
        env={name: os.environ.get(name) for name in settings.env},
        names=names,
    )
    _observe(kernel, made)
    return made


def _observe(kernel: Kernel, made: Templates) -> None:
    """Have what the engines of a kernel hold in its memory report, as long as they are in use."""
    held = _held.get(kernel)
    if held is None:
        held = _held[kernel] = WeakSet()
    held.add(made)
    kernel.memory.register(
        "templates", lambda: sum(each.bytes for each in held), lambda: MOST_BYTES * len(held)
    )


def builtin_names() -> tuple[frozenset[str], frozenset[str]]:
    """Names of the built-in functions (words that mean something else included) and filters."""
    from mockforge.mocking.templating.vocabulary import RESERVED

    words = Templates().vocabulary
    return frozenset((*words.functions, *words.families, *RESERVED)), frozenset(words.filters)
