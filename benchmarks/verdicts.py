"""Figures against their thresholds, printed as lines and kept for a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any


@dataclass
class Report:
    """Collects figures and verdicts; ``passed`` is false as soon as one threshold is missed."""

    figures: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    passed: bool = True

    def figure(self, name: str, value: Any, line: str) -> None:
        """Keep a figure and print its line."""
        self.figures[name] = value
        print(line, flush=True)

    def verdict(self, what: str, *, holds: bool, measured: str) -> None:
        """Print ``pass`` or ``FAIL`` with what was measured."""
        self.passed = self.passed and holds
        self.verdicts.append({"what": what, "holds": holds, "measured": measured})
        print(f"{'pass' if holds else 'FAIL'}  {what}: {measured}", flush=True)

    def write(self, path: Path) -> None:
        """Everything as JSON."""
        content = {"figures": self.figures, "verdicts": self.verdicts, "passed": self.passed}
        path.write_text(json.dumps(content, indent=2) + "\n")


def megabytes(size: float) -> str:
    """Bytes in MB (1,000,000) with one digit."""
    return f"{size / 1e6:.1f} MB"


def percentile(values: Sequence[float], part: float) -> float:
    """The value that ``part`` of ``values`` do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, ceil(part * len(ranked)) - 1)]
