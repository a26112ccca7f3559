"""Go's layouts of dates (package time) as directives of ``strftime``."""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = {
    "RFC3339": "%Y-%m-%dT%H:%M:%SZ",
    "RFC3339Nano": "iso",
    "DateOnly": "date",
    "DateTime": "%Y-%m-%d %H:%M:%S",
    "TimeOnly": "%H:%M:%S",
    "RFC1123": "http",
}
_PARTS: Final = {
    "2006": "%Y", "January": "%B", "Jan": "%b", "Monday": "%A", "Mon": "%a", "01": "%m", "02": "%d",
    "15": "%H", "03": "%I", "04": "%M", "05": "%S", "06": "%y", "PM": "%p", "MST": "UTC", "Z07:00": "Z",
    "-07:00": "+00:00", "-0700": "+0000", "%": "%%",
}  # fmt: skip
_PART: Final = re.compile(
    "|".join(re.escape(part) for part in sorted(_PARTS, key=len, reverse=True))
)


def strftime(layout: str) -> str:
    """``2006-01-02`` as ``%Y-%m-%d``."""
    named = _NAMED.get(layout.rpartition(".")[2])
    return named or _PART.sub(lambda match: _PARTS[match[0]], layout)
