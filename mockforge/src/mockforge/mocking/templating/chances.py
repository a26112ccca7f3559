"""``uuid``, ``randInt``, ``rand.*``: chance in templates, all of it drawn from that of the rendering."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any, Final

from mockforge.mocking.templating.helpers import length_of, real_number, whole_number
from mockforge.mocking.templating.moments import Moment, moment_of
from mockforge.mocking.templating.operators import kind_of
from mockforge.mocking.templating.runtime import RefusedError, Run

_ALPHABETS: Final = {
    "alphanumeric": string.ascii_letters + string.digits,
    "letters": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digits": string.digits,
    "hex": "0123456789abcdef",
}
_LONGEST: Final = 100_000
_BITS: Final = 1 << 64


class Chances:
    """The functions of one :class:`Run`."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def table(self) -> dict[str, Callable[..., Any]]:
        """The functions by name."""
        return {
            "uuid": self.uuid,
            "randInt": self.int_,
            "rand.uuid": self.uuid,
            "rand.int": self.int_,
            "rand.float": self.float_,
            "rand.bool": self.bool_,
            "rand.choice": self.choice,
            "rand.shuffle": self.shuffle,
            "rand.string": self.string,
            "rand.hex": self.hex,
            "rand.date": self.date,
        }

    def uuid(self) -> str:
        """Version 4 (RFC 9562 section 5.4)."""
        digits = f"{self._run.chance.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )

    def int_(self, low: Any = None, high: Any = None) -> int:
        """From ``low`` to ``high``, both included; with one number, from 0 to it."""
        one = 100 if low is None else whole_number(low, "the lowest")
        other = 0 if high is None else whole_number(high, "the highest")
        first, last = min(one, other), max(one, other)
        if last - first >= _BITS or abs(first) > _BITS // 2 or abs(last) > _BITS // 2:
            raise RefusedError("the range is too wide", "numbers have at most 64 bits")
        return self._run.chance.randint(first, last)

    def float_(self, low: Any = 0, high: Any = 1, digits: Any = None) -> float:
        """From ``low`` up to ``high``, rounded to ``digits`` if they are given."""
        first, last = real_number(low, "the lowest"), real_number(high, "the highest")
        value = first + (last - first) * self._run.chance.random()
        return value if digits is None else round(value, length_of(digits, "digits", 15))

    def bool_(self, probability: Any = 0.5) -> bool:
        """True with this probability."""
        return self._run.chance.random() < real_number(probability, "the probability")

    def choice(self, *items: Any) -> Any:
        """One of the arguments, or of the one list."""
        values = items[0] if len(items) == 1 else items
        if isinstance(values, dict):
            values = list(values)
        if not isinstance(values, list | tuple | str):
            raise RefusedError(f"rand.choice draws from a list, not from {kind_of(values)}")
        if not values:
            raise RefusedError("there is nothing to choose from")
        return values[int(self._run.chance.random() * len(values))]

    def shuffle(self, values: Any) -> list[Any]:
        """The list in another order."""
        if not isinstance(values, list | tuple):
            raise RefusedError(f"rand.shuffle takes a list, not {kind_of(values)}")
        self._run.fits(len(values))
        shuffled = list(values)
        self._run.chance.shuffle(shuffled)
        return shuffled

    def string(self, length: Any = 16, alphabet: Any = "alphanumeric") -> str:
        """Characters of an alphabet: its name, or the characters."""
        chars = _ALPHABETS.get(str(alphabet), str(alphabet))
        if not chars:
            raise RefusedError("the alphabet is empty")
        number = length_of(length, "the length", _LONGEST)
        self._run.fits(number)
        random, size = self._run.chance.random, len(chars)
        return "".join([chars[int(random() * size)] for _ in range(number)])

    def hex(self, length: Any = 16) -> str:
        """Hexadecimal digits."""
        return self.string(length, "hex")

    def date(self, start: Any = None, end: Any = None) -> Moment:
        """A time between two, to the second; by default in five years from 2020."""
        first = moment_of("2020-01-01" if start is None else start)
        last = first.shifted("5y", 1) if end is None else moment_of(end)
        return first.shifted(float(int(last.since(first) * self._run.chance.random())), 1)
