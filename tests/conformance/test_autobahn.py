"""The Autobahn cases: a selection each time, all of them among the slow tests."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.conformance.autobahn.running import Report, fuzzer, run

# Framing, pings, reserved bits, opcodes, fragments, UTF-8, close handling, limits; all but the large ones.
QUICK = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.2*", "7.*", "10.*")
# A thousand small messages each, with several windows.
QUICK_COMPRESSED = ("12.1.1", "12.4.2", "13.1.1", "13.3.2", "13.5.1")


def check(compression: bool, include: Sequence[str]) -> Report:
    client = fuzzer()
    if client is None:
        pytest.skip("the fuzzing client is not installed: pip install kosoku")
    report = run(client, compression=compression, include=include)
    assert report.wrong(compression=compression) == []
    return report


def test_the_quick_cases_are_passed() -> None:
    assert len(check(False, QUICK).verdicts) > 90


@pytest.mark.timeout(600)
def test_quick_cases_of_compression_are_passed() -> None:
    assert len(check(True, QUICK_COMPRESSED).verdicts) == len(QUICK_COMPRESSED)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("compression", [False, True])
def test_all_cases_are_passed(compression: bool) -> None:
    assert len(check(compression, ()).verdicts) > 500


def test_a_report_knows_what_is_wrong() -> None:
    verdicts = {
        "1.1.1": ("OK", "OK"),
        "7.1.6": ("INFORMATIONAL", "INFORMATIONAL"),
        "6.4.1": ("NON-STRICT", "OK"),
        "7.1.5": ("OK", "FAILED"),
        "12.1.1": ("UNIMPLEMENTED", "OK"),
        "1.1.2": ("UNIMPLEMENTED", "OK"),
    }
    report = Report(verdicts)
    always = ["6.4.1: NON-STRICT, close OK", "7.1.5: OK, close FAILED"]
    last = "1.1.2: UNIMPLEMENTED, close OK"
    assert report.wrong(compression=False) == [*always, last]
    assert report.wrong(compression=True) == [*always, "12.1.1: UNIMPLEMENTED, close OK", last]
