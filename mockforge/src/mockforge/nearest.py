"""What a misspelt name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 200


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of the ``known`` names most like ``name``, or None if none is much like it, or if ``name`` is
    too long for one."""
    import difflib

    if len(name) > _LONGEST:  # whoever sends it is not to make anyone compare it
        return None

    candidates = sorted(set(known))
    folded = {candidate.lower(): candidate for candidate in candidates}
    if (exact := folded.get(name.lower())) is not None:
        return exact
    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    return found[0] if found else None
