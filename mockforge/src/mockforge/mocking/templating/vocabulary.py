"""The words that templates may use: what is there is known when a template is compiled, so that a misspelt
name is found then, and not when a client asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

Function = Callable[..., Any]

RESERVED: Final = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "endif",
        "for",
        "endfor",
        "set",
        "endset",
        "with",
        "endwith",
        "filter",
        "endfilter",
        "macro",
        "endmacro",
        "do",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "recursive",
        "raw",
        "endraw",
        "loop",
        "env",
    ]
)
"""Names that mean something already."""


NATIVE: Final = frozenset(("namespace",))
"""Functions that are the engine's own."""


class Vocabulary:
    """``names`` are what contexts may hold (``request``); functions in a family are named with a dot
    (``rand.int``)."""

    def __init__(
        self,
        *,
        names: Collection[str],
        functions: Mapping[str, Function],
        filters: Mapping[str, Function],
        tests: Mapping[str, Function],
        env: Mapping[str, str | None],
    ) -> None:
        self.names = frozenset(names)
        self.functions = functions
        self.filters = filters
        self.tests = tests
        self.env = env
        self.families = frozenset(name.partition(".")[0] for name in functions if "." in name)


def global_name(function: str) -> str:
    """What a function is called in the engine."""
    return function if function in NATIVE else "__f_" + function.replace(".", "_0")
