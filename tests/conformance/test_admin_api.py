"""The admin's API is what its own document says: schemathesis finds nothing else."""

from __future__ import annotations

import pytest

from tests.conformance.admin.running import run
from tests.conformance.schemathesis.running import executable


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_admin_passes_every_check_in_two_thousand_cases() -> None:
    tool = executable()
    if tool is None:
        pytest.skip("no schemathesis here (put it on the path or set MOCKFORGE_SCHEMATHESIS)")
    report = run(tool)
    assert report.failures == []
    assert report.cases >= 2000
    assert report.operations >= 45
