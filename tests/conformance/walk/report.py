"""What the walk prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["valid", "listed", "failed"]
_WIDEST = 400


@dataclass(slots=True)
class Totals:
    """Operations counted by outcome."""

    valid: int = 0
    listed: int = 0
    failed: int = 0

    @property
    def operations(self) -> int:
        """All of them."""
        return self.valid + self.listed + self.failed

    def add(self, other: Totals) -> None:
        """Count another's operations too."""
        self.valid += other.valid
        self.listed += other.listed
        self.failed += other.failed

    def __str__(self) -> str:
        return (
            f"operations {self.operations}, valid {self.valid}, "
            f"listed {self.listed}, failed {self.failed}"
        )


class Report:
    """Prints a line for each operation that is not valid, and one for each document."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.total = Totals()
        self.broken = False
        """A document could not be served to its end, whether or not it has operations."""
        self.quiet = quiet
        """Leave out the lines of listed operations."""

    def operation(self, document: str, label: str, outcome: Outcome, why: str = "") -> None:
        """An operation's outcome; ``why`` for those that are not valid."""
        if outcome == "failed" or (outcome == "listed" and not self.quiet):
            line = " ".join(f"{outcome.upper()} {document} {label}: {why}".split())
            print(line if len(line) <= _WIDEST else line[: _WIDEST - 3] + "...", flush=True)

    def document(
        self, document: str, totals: Totals, ready: float, slowest: float, rss: int
    ) -> None:
        """A document's summary: seconds until ready, slowest first answer, memory at the end."""
        self.total.add(totals)
        print(
            f"{document}: {totals}, ready {ready:.2f} s, "
            f"slowest first answer {slowest * 1000:.1f} ms, RSS {rss / 1e6:.1f} MB",
            flush=True,
        )

    def close(self) -> int:
        """The last line; returns the exit code."""
        print(self.total, flush=True)
        return 1 if self.total.failed or self.broken else 0
