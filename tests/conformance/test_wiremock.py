"""Mappings of public repositories load and answer as WireMock does (a line for each case that differs with
``python -m tests.conformance.wiremock FOLDER``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.wiremock.__main__ import summed
from tests.conformance.wiremock.golden import Case, Sample, samples
from tests.conformance.wiremock.running import Outcome, Verdict, run
from tests.corpus import corpus
from tests.http.importing.mappings import write


@pytest.mark.slow
def test_mappings_of_public_repositories_answer_as_wiremock_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = corpus("wiremock")
    sums = summed(run(sample, folder / "__files") for sample in samples(folder))
    assert sums.loaded == sums.samples > 80
    assert sums.failed == 0, capsys.readouterr().out
    assert sums.passed >= 0.9 * sums.cases > 70


def _case(status: int, answer: bytes) -> Case:
    return Case("0.json", 1, "GET", "/a", {}, None, status, answer)


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [
        (200, b'{"a": 1}', ""),
        (200, b'{"a": true}', "body"),
        (200, b'{"a": 1, "b": 2}', "body"),
        (404, b'{"a": 1}', "status"),
    ],
)
def test_the_judge_tells_other_answers_apart(
    status: int, answer: bytes, why: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, {"request": {"urlPath": "/a"}, "response": {"jsonBody": {"a": 1}}})
    sample = Sample(folder / "mappings" / "0.json", [_case(status, answer)], accepted=True)
    (verdict,) = run(sample, folder / "__files").verdicts
    assert verdict.why.startswith(why)
    assert bool(verdict.why) is bool(why)


def test_a_sample_that_does_not_load_fails_with_all_of_its_cases(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "mappings" / "0.json").write_text("{")
    outcome = run(
        Sample(folder / "mappings" / "0.json", [_case(200, b"")] * 2, accepted=True), folder
    )
    sums = summed([outcome, Outcome(outcome.sample, "", [Verdict(_case(200, b""), "odd")] * 2)])
    assert str(sums) == "samples 2 loaded 1; cases 4 passed 0 listed 0 failed 4"
