"""Values that settings are written in: byte sizes (``16MiB``) and durations (``500ms``)."""

from __future__ import annotations

import re
from typing import Final, Self

_SIZE: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)\s*$", re.IGNORECASE)
_SIZE_UNITS: Final = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_SIZE_UNITS_BINARY: Final = {"ki": 1024, "mi": 1024**2, "gi": 1024**3, "ti": 1024**4}
_DURATION: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|m|h)?\s*$", re.IGNORECASE)
_DURATION_UNITS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class ByteSize(int):
    """A number of bytes, written as a number or as ``8KiB``, ``64MB``, ``1.5GiB``."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a size; ValueError says which spellings are understood."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        if isinstance(value, str) and (match := _SIZE.match(value)):
            unit = match[2].lower().removesuffix("b")
            scale = _SIZE_UNITS.get(unit) or _SIZE_UNITS_BINARY[unit]
            return cls(float(match[1]) * scale)
        raise ValueError(f"expected a size such as 8KiB, 16MiB or 1048576, got {value!r}")

    def __str__(self) -> str:
        for unit, scale in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
            if self >= scale and self % scale == 0:
                return f"{int(self) // scale}{unit}"
        return str(int(self))


class Duration(float):
    """A time span in seconds, written as a number of seconds or as ``500ms``, ``5s``, ``2m``."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a duration; ValueError says which spellings are understood."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
            return cls(value)
        if isinstance(value, str) and (match := _DURATION.match(value)):
            return cls(float(match[1]) * _DURATION_UNITS[(match[2] or "s").lower()])
        raise ValueError(f"expected a duration such as 500ms, 5s or 2m, got {value!r}")

    def __str__(self) -> str:
        for unit, scale in (("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 1e-3)):
            whole = float(self) / scale
            if whole >= 1 and whole == int(whole):
                return f"{int(whole)}{unit}"
        return f"{float(self):g}s"
