"""Where generated answers get their values: one value, or the items of a sequence."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockforge.mocking.data import Generator
    from mockforge_http.operations.echo import EchoedParameters

_ITEMS = 3


class OneValue:
    """One value of a schema, with path parameters seen in it (``echo``, if there are any)."""

    __slots__ = ("_echo", "_generator", "_random")

    def __init__(self, generator: Generator, random: Random, echo: EchoedParameters | None) -> None:
        self._generator = generator
        self._random = random
        self._echo = echo

    def make(self, seed: int, values: tuple[str, ...]) -> Any:
        """The value for a seed and the path parameters."""
        self._random.seed(seed)
        echo = self._echo
        if echo is None:
            return self._generator.generate(self._random)
        if not echo.independent:
            return self._generator.generate(self._random, echo.overrides(values))
        value = self._generator.generate(self._random)
        if isinstance(value, dict):
            for name, wanted in echo.overrides(values).items():
                if name in value:
                    value[name] = wanted
        return value

    def footprint(self) -> int:
        """Bytes of the compiled schema."""
        return self._generator.footprint()


class Items:
    """Some items of a sequential media type."""

    __slots__ = ("_generator", "_random")

    def __init__(self, generator: Generator, random: Random) -> None:
        self._generator = generator
        self._random = random

    def make(self, seed: int, values: tuple[str, ...]) -> Any:
        """The items for a seed."""
        self._random.seed(seed)
        return [self._generator.generate(self._random) for _ in range(_ITEMS)]

    def footprint(self) -> int:
        """Bytes of the compiled schema of an item."""
        return self._generator.footprint()
