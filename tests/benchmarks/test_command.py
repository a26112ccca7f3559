"""What the benchmarks' command line makes of a measurement."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.command import add_runs, conclude, numbers, options
from benchmarks.load import LoadError
from benchmarks.verdicts import Report


def missed(report: Report) -> None:
    report.figure("rate", 3, "rate: 3")
    report.verdict("at least 4", holds=False, measured="3")


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--check"], 1)])
def test_a_missed_threshold_counts_where_it_is_checked(
    arguments: list[str], code: int, tmp_path: Path
) -> None:
    path = tmp_path / "figures.json"
    given = options("some", None).parse_args([*arguments, "--json", str(path)])
    assert conclude(given, missed) == code
    written = json.loads(path.read_text())
    assert written["figures"] == {"rate": 3}
    assert written["passed"] is False


@pytest.mark.parametrize("error", [LoadError("no answer"), OSError("no file"), KeyError("own")])
def test_where_nothing_could_be_measured_the_exit_code_is_2(
    error: Exception, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(report: Report) -> None:
        raise error

    given = options("some", None).parse_args(["--json", str(tmp_path / "none.json")])
    assert conclude(given, failing, failures=(KeyError,)) == 2
    assert capsys.readouterr().err == f"error: {error}\n"
    assert not list(tmp_path.iterdir())


def test_what_is_a_bug_is_not_taken_for_a_failure() -> None:
    def broken(report: Report) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        conclude(options("some", None).parse_args([]), broken)


def test_runs_have_a_length_and_a_number() -> None:
    parser = options("some", None)
    add_runs(parser, 4)
    assert vars(parser.parse_args(["--rounds", "2"])) == {
        "json": None, "check": False, "seconds": 4, "rounds": 2,
    }  # fmt: skip
    assert numbers("1,10,100") == [1, 10, 100]
