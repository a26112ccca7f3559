"""Names of the files that recordings are written to."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 80
"""Characters of a name besides what tells it from others."""
_ODD: Final = re.compile(r"[^A-Za-z0-9.]+")


def words(text: str) -> str:
    """``text`` as part of a name, of any length: letters and digits, with hyphens for what is between."""
    return _ODD.sub("-", text).strip("-.")


def path_words(path: str) -> str:
    """The same for a path, in lower case and cut at its end."""
    return words(path).lower()[:LONGEST].rstrip("-.")
