"""What the templates of one running script see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import msgspec

from mockforge.mocking.scripts.errors import RunError

MAX_VARIABLES: Final = 64
MAX_VARIABLE_BYTES: Final = 64 * 1024
"""Most that all variables of one run hold, measured as JSON."""


class Scope:
    """``base`` is the context of the request that opened the stream, ``variables`` is what ``set`` kept,
    ``message`` the last one that was expected and came (as the protocol's templates are to see it;
    ``received`` is the same as its conditions see it), ``index`` the number of the innermost loop's turn,
    from 0. ``chance`` may be given as what makes it, for runs of which many draw nothing."""

    __slots__ = ("_chance", "_sizes", "base", "index", "message", "received", "variables")

    def __init__(self, base: Mapping[str, Any], chance: Random | Callable[[], Random]) -> None:
        self.base = base
        self._chance = chance
        self.variables: dict[str, Any] = {}
        self.message: Any = None
        self.received: Any = None
        self.index = 0
        self._sizes: dict[str, int] = {}

    @property
    def chance(self) -> Random:
        """What templates and delays draw from."""
        chance = self._chance
        if not isinstance(chance, Random):
            chance = self._chance = chance()
        return chance

    def context(self) -> dict[str, Any]:
        """Names for a template: those of ``base``, and ``vars``, ``message``, ``index``."""
        return {
            **self.base,
            "vars": self.variables,
            "message": self.message,
            "index": self.index,
        }

    def assign(self, name: str, value: Any) -> None:
        """Keep ``value``; RunError past :data:`MAX_VARIABLES` or :data:`MAX_VARIABLE_BYTES`."""
        try:
            size = len(msgspec.json.encode(value))
        except (TypeError, ValueError, RecursionError) as error:
            raise RunError(f"the variable {name} cannot be kept: {error}") from None
        sizes = {**self._sizes, name: size + len(name)}
        if len(sizes) > MAX_VARIABLES:
            raise RunError(f"more than {MAX_VARIABLES} variables")
        if sum(sizes.values()) > MAX_VARIABLE_BYTES:
            raise RunError(f"the variables hold more than {MAX_VARIABLE_BYTES} bytes")
        self._sizes = sizes
        self.variables[name] = value
