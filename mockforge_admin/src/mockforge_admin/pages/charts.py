"""Charts of lines over time, drawn as SVG on the server: nothing to load, and readable without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

WIDTH: Final = 480
HEIGHT: Final = 120
_TOP: Final = 6


class Line(NamedTuple):
    """A line: its name, a value for each time (``None`` where there is none), and its kind (a CSS class)."""

    name: str
    values: Sequence[float | None]
    kind: str = ""


class Chart:
    """``lines`` over ``times`` (seconds since 1970); ``limit`` is drawn across."""

    def __init__(
        self,
        title: str,
        times: Sequence[float],
        lines: Sequence[Line],
        *,
        limit: float | None = None,
        digits: int = 0,
    ) -> None:
        self.title = title
        self.lines = lines
        self.limit = limit
        self.digits = digits
        self._times = times
        largest = max(
            [value for line in lines for value in line.values if value is not None], default=0.0
        )
        self.top = nice(max(largest, 0.0 if limit is None else limit))

    def path(self, line: Line) -> str:
        """The ``d`` of an SVG path; a gap where there is no value."""
        parts: list[str] = []
        drawing = False
        for position, value in enumerate(line.values):
            if value is None:
                drawing = False
                continue
            parts.append(f"{'L' if drawing else 'M'}{self._x(position):.1f} {self.y(value):.1f}")
            drawing = True
        return "".join(parts)

    def y(self, value: float) -> float:
        """Where ``value`` is drawn."""
        return HEIGHT - (HEIGHT - _TOP) * value / self.top

    def text(self, value: float | None) -> str:
        """How a value is written."""
        return "\u2013" if value is None else f"{value:,.{self.digits}f}"

    @staticmethod
    def scale(value: float) -> str:
        """How a value is written at the scale."""
        return f"{value:,.6g}"

    def latest(self, line: Line) -> str:
        """The newest value of a line."""
        return self.text(line.values[-1] if line.values else None)

    @property
    def begins(self) -> float | None:
        """The time at its left, in seconds since 1970."""
        return self._times[0] if self._times else None

    @property
    def ends(self) -> float | None:
        """The time at its right."""
        return self._times[-1] if self._times else None

    @property
    def half(self) -> float:
        """Half of what its top says."""
        return self.top / 2

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return WIDTH, HEIGHT

    def _x(self, position: int) -> float:
        return WIDTH * position / max(1, len(self._times) - 1)


def nice(value: float) -> float:
    """A round number that is not below ``value``, and above 0."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.1
    while scale > value:
        scale /= 10
    for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10):
        if factor * scale >= value:
            return factor * scale
    return 10 * scale
