"""Values that settings are written in: byte sizes (``16MiB``) and durations (``500ms``).

A type of one's own works in any section: a class with a classmethod ``parse`` that takes what the
file says and raises ValueError (the message names the spellings that are understood), and a
classmethod ``json_schema`` that describes the same spellings to editors. Where the value has keys, the
error may be a MockForgeError too, with the key path below the setting as its ``path``. ``str()`` of it is a
spelling that ``parse`` takes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final, Self

_SIZE: Final = (
    r"\s*([0-9]{1,18})\s*[bB]?\s*|\s*([0-9]{1,18}(?:\.[0-9]+)?)\s*([kKmMgGtT][iI]?)[bB]?\s*"
)
_SIZE_PATTERN: Final = re.compile(_SIZE)
_SIZE_UNITS: Final = {
    "k": 1000,
    "m": 1000**2,
    "g": 1000**3,
    "t": 1000**4,
    "ki": 1024,
    "mi": 1024**2,
    "gi": 1024**3,
    "ti": 1024**4,
}
_SIZE_NAMES: Final = (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))

_DURATION: Final = r"\s*([0-9]{1,20}(?:\.[0-9]+)?)\s*([uU][sS]|[mM][sS]|[sS]|[mM]|[hH])?\s*"
_DURATION_PATTERN: Final = re.compile(_DURATION)
_DURATION_UNITS: Final = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
}
_LONGEST: Final = 1e12


class ByteSize(int):
    """A number of bytes, written as a number or as ``8KiB``, ``64MB``, ``1.5GiB``.

    Units ending in ``iB`` are powers of 1024, the others powers of 1000; the ``B`` may be left out,
    case does not matter. A fraction of a byte is cut off.
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a size; ValueError says which spellings are understood."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        if isinstance(value, str) and (match := _SIZE_PATTERN.fullmatch(value)):
            if match[1]:
                return cls(match[1])
            return cls(int(Decimal(match[2]) * _SIZE_UNITS[match[3].lower()]))
        raise ValueError(f"expected a size such as 8KiB, 16MiB or 1048576, got {value!r}")

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What :meth:`parse` takes, as JSON Schema."""
        return {"anyOf": [{"type": "integer", "minimum": 0}, _matching(_SIZE)]}

    def __str__(self) -> str:
        for unit, scale in _SIZE_NAMES:
            if self >= scale and self % scale == 0:
                return f"{int(self) // scale}{unit}"
        return str(int(self))


class Duration(float):
    """A time span in seconds, written as a number of seconds or as ``100us``, ``500ms``, ``5s``,
    ``2m``, ``1.5h``."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a duration; ValueError says which spellings are understood."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LONGEST:
            return cls(value)
        if isinstance(value, str) and (match := _DURATION_PATTERN.fullmatch(value)):
            return cls(Decimal(match[1]) * _DURATION_UNITS[(match[2] or "s").lower()])
        raise ValueError(f"expected a duration such as 500ms, 5s or 2m, got {value!r}")

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What :meth:`parse` takes, as JSON Schema."""
        number = {"type": "number", "minimum": 0, "exclusiveMaximum": _LONGEST}
        return {"anyOf": [number, _matching(_DURATION)]}

    def __str__(self) -> str:
        exact = Decimal(repr(float(self)))
        for unit, scale in _DURATION_UNITS.items():
            whole = exact / scale
            if whole >= 1 and whole == whole.to_integral_value():
                return f"{int(whole)}{unit}"
        return f"{exact:f}s" if exact else "0s"


def _matching(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}
