"""``python -m tests.conformance.wiremock FOLDER``: a line for each case that differs, then the sum."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.conformance.wiremock.golden import Sample, samples
from tests.conformance.wiremock.listed import reason
from tests.conformance.wiremock.running import Outcome, run


class Sums(NamedTuple):
    """What came of all samples."""

    samples: int
    loaded: int
    cases: int
    passed: int
    listed: int
    failed: int

    def __str__(self) -> str:
        return (
            f"samples {self.samples} loaded {self.loaded}; cases {self.cases} passed {self.passed} "
            f"listed {self.listed} failed {self.failed}"
        )


def summed(outcomes: Iterable[Outcome], say: bool = True) -> Sums:
    """Count, and ``say`` what did not load or pass."""
    total = loaded = cases = passed = listed = failed = 0
    for outcome in outcomes:
        total += 1
        loaded += not outcome.error
        cases += len(outcome.sample.cases)
        if outcome.error:
            failed += len(outcome.sample.cases)
            if say:
                print(f"NOT LOADED {outcome.sample.path.name}: {outcome.error}")
        for verdict in outcome.verdicts:
            if not verdict.why:
                passed += 1
                continue
            why = reason(verdict.case.name)
            listed += why is not None
            failed += why is None
            if say:
                kind = "FAILED" if why is None else "listed"
                print(f"{kind} {verdict.case.name}: {why or verdict.why}")
    return Sums(total, loaded, cases, passed, listed, failed)


def main(folder: str, pattern: str = "") -> int:
    """Run all samples whose name contains ``pattern``; 1 if one was not loaded or differs without reason."""
    root = Path(folder)
    chosen: list[Sample] = [sample for sample in samples(root) if pattern in sample.path.name]
    sums = summed(run(sample, root / "__files") for sample in chosen)
    print(sums)
    return 0 if sums.loaded == sums.samples and not sums.failed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
