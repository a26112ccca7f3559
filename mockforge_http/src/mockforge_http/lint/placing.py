"""Findings on their way out: bounded, told once, and with line and column.

Positions are found by reading the file again, which for a large one takes as long as many checks. So
findings are placed in batches, and a batch grows with what placing costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Final

from mockforge.findings import Finding
from mockforge_http.documents import Limits
from mockforge_http.documents.report import place

_SHARE: Final = 4
"""Of the time between two batches, one part in this many may go into placing."""
_FIRST: Final = 0.2
"""Seconds until the first batch."""


class Placing:
    """Findings of one document. Of each code at most ``limits.findings`` are let through; how many more
    there were is told at the end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._told: set[tuple[str, str | None, str | None]] = set()
        self._counts: Counter[str] = Counter()
        self._places: set[tuple[str | None, str | None]] = set()

    def of(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """``findings`` as they come, placed."""
        batch: list[Finding] = []
        wait = _FIRST
        since = perf_counter()
        for finding in findings:
            if not self._is_new(finding):
                continue
            batch.append(finding)
            if perf_counter() - since < wait:
                continue
            started = perf_counter()
            yield from place(batch, self._limits)
            batch = []
            since = perf_counter()
            wait = max(_FIRST, (since - started) * _SHARE)
        yield from place(batch, self._limits)

    def _is_new(self, finding: Finding) -> bool:
        key = (finding.code, finding.file, finding.path)
        if finding.path is not None and key in self._told:
            return False
        self._counts[finding.code] += 1
        if self._counts[finding.code] > self._limits.findings:
            return False
        self._told.add(key)
        self._places.add((finding.file, finding.path))
        return True

    def knows(self, finding: Finding) -> bool:
        """Whether the same was told already: something of the same kind, or at the same place."""
        if finding.code != "document.spec":
            return self._counts[finding.code] > 0
        return (finding.file, finding.path) in self._places

    def rest(self, file: str) -> Iterator[Finding]:
        """What was not let through, counted."""
        for code, count in self._counts.items():
            more = count - self._limits.findings
            if more > 0:
                yield Finding(
                    "document.more-findings",
                    f"{more} further findings of the kind {code} are not shown",
                    "info",
                    file=file,
                )
