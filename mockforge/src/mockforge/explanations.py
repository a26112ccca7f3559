"""Why a request got no answer: the one shape that the 404, the journal and the Python API speak.

It is made where stubs are selected (``mockforge.mocking.stubs``), kept with the exchange, and read by
whoever wants to know what was expected.
"""

from __future__ import annotations

from typing import Final

import msgspec

MAX_TEXT: Final = 200
"""Characters of an expected or actual value."""
MAX_CRITERIA: Final = 20
"""Criteria listed for one stub."""
MAX_NEAR: Final = 3
"""Stubs listed for one request."""


class CriterionResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """One criterion of a stub against one request: ``name`` (``method``, ``path``, ``headers.X-Trace``),
    what was ``expected`` and what came (``actual``; ``absent`` if nothing did), both as text for a person,
    and how far apart they are: ``distance`` 0 (matches) to 1."""

    name: str
    expected: str
    actual: str
    matched: bool = False
    distance: float = 1.0


class NearMiss(msgspec.Struct, frozen=True):
    """A stub that almost matched. ``score`` is 0 to 1 (1: it matches all but for ``note``, say because its
    ``times`` are used up). ``criteria`` holds those that did not match first."""

    stub: str
    place: str
    """``file:line:column``; empty for a stub that did not come from a file."""
    score: float
    criteria: tuple[CriterionResult, ...]
    note: str = ""
    """What besides the criteria stood in the way: its scenario, its ``times``."""


class Explanation(msgspec.Struct, frozen=True):
    """Why nothing answered ``request`` (``GET /pets/1``): the stubs that came nearest, best first, and
    the nearest ``operations`` of documents."""

    request: str
    near: tuple[NearMiss, ...] = ()
    operations: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The explanation for a person, a line each."""
        if not self.near and not self.operations:
            return [f"nothing is near {self.request}"]
        lines = [f"nothing matched {self.request}"]
        for miss in self.near:
            where = f" ({miss.place})" if miss.place else ""
            lines.append(f"  stub {miss.stub}{where}, {miss.score:.0%} alike")
            if miss.note:
                lines.append(f"    {miss.note}")
            lines += [
                f"    {result.name}: expected {result.expected}, got {result.actual}"
                for result in miss.criteria
                if not result.matched
            ]
        lines += [f"  operation {operation}" for operation in self.operations]
        return lines


def cut(text: str, most: int = MAX_TEXT) -> str:
    """``text``, or its beginning with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"
