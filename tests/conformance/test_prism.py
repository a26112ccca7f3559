"""Documents, requests and answers of the Prism test harness (a part of them; all with
``python -m tests.conformance.prism``)."""

from __future__ import annotations

import pytest

from tests.conformance.prism import OTHERWISE, run
from tests.corpus import corpus


@pytest.mark.parametrize("folder", ["validate-query-params", "validate-header-params", "routing"])
def test_cases_of_the_prism_harness_pass_or_are_answered_otherwise_on_purpose(folder: str) -> None:
    corpus("prism", "run.py")
    verdicts = run(f"{folder}/*")
    assert verdicts
    failed = {verdict["case"] for verdict in verdicts if not verdict["portable"]}
    assert failed <= OTHERWISE.keys()
