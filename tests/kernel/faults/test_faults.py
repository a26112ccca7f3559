"""Faults: what they may be written as, and when slow ones send what."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.config.types import ByteSize, Duration
from mockforge.mocking.faults import (
    Bandwidth,
    Delay,
    Dribble,
    Empty,
    Fault,
    FaultError,
    Garbage,
    MalformedChunk,
    Reset,
    Truncate,
    compile_fault,
)
from tests.kernel.faults.test_delays import ANYTHING, SPECS, outcome

RIGHT: list[tuple[Any, Fault]] = [
    ("reset", Reset()),
    ("empty", Empty()),
    ("garbage", Garbage()),
    ("malformed_chunk", MalformedChunk()),
    ("truncate", Truncate()),
    ({"reset": None}, Reset()),
    ({"truncate": {"keep": 0.25}}, Truncate(0.25)),
    ({"dribble": {"chunks": 5, "over": "2s"}}, Dribble(5, Duration(2))),
    ({"bandwidth": "10KiB"}, Bandwidth(ByteSize(10240))),
    ('{"bandwidth": 7}', Bandwidth(ByteSize(7))),
]


@pytest.mark.parametrize(("spec", "fault"), RIGHT)
def test_a_fault_is_what_is_written(spec: Any, fault: Fault) -> None:
    assert compile_fault(spec) == fault
    assert Fault.parse(str(fault)) == fault
    assert compile_fault(fault.spec()) == fault
    assert hash(fault) == hash(compile_fault(spec))


def test_what_takes_nothing_compares_by_kind() -> None:
    assert compile_fault("reset") != compile_fault("empty")
    assert repr(compile_fault("reset")) == "Reset()"


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ("rset", "fault: expected one of reset, empty", "did you mean reset?"),
        (5, "got 5", None),
        (None, "got nothing", None),
        (["reset"], "got a list", None),
        ("dribble", "fault: dribble needs to be told more: write {dribble: {chunks: 5", None),
        ("bandwidth", "write {bandwidth: 10KiB}", None),
        ({"empty": 5}, "fault.empty: empty takes nothing, got 5", None),
        ({"truncate": 5}, "fault.truncate: expected a mapping with the keys keep", None),
        ({"truncate": {"keep": 1}}, "fault.truncate.keep: nothing would be missing", None),
        ({"truncate": {"keep": "half"}}, "between 0 and 1, got 'half'", None),
        ({"dribble": {"chunks": 3}}, "fault.dribble: the key over is missing", None),
        ({"dribble": {"chunks": 0, "over": 1}}, "fault.dribble.chunks: expected an integer", None),
        ({"dribble": {"chunks": 1.5, "over": 1}}, "an integer between 1 and 10000, got 1.5", None),
        ({"dribble": {"chunks": 10**6, "over": 1}}, "between 1 and 10000", None),
        ({"dribble": {"chunks": 3, "over": "?"}}, "fault.dribble.over: expected a duration", None),
        (
            {"dribble": {"chunk": 3, "over": 1}},
            "fault.dribble.chunk: there is no such key",
            "did you mean chunks?",
        ),
        ({"bandwidth": 0}, "fault.bandwidth: expected at least 1 byte", None),
        ({"bandwidth": "fast"}, "fault.bandwidth: expected a size", None),
        ({"reset": None, "empty": None}, "got reset and empty", None),
    ],
)
def test_what_is_wrong_is_named_with_its_place(spec: Any, message: str, hint: str | None) -> None:
    with pytest.raises(FaultError) as caught:
        compile_fault(spec, ("response", "fault"))
    assert str(caught.value).startswith("response.fault")
    assert message in str(caught.value)
    assert (caught.value.hint or "").startswith(hint or "")


@given(
    ANYTHING | st.builds(lambda name, value: {name: value}, st.sampled_from(["dribble"]), ANYTHING)
)
@settings(max_examples=200, deadline=None)
def test_anything_is_a_fault_or_an_error_with_a_place(spec: Any) -> None:
    fault = outcome(compile_fault, spec)
    if isinstance(fault, FaultError):
        assert fault.path[0] == "given"
    else:
        assert compile_fault(fault.spec()) == fault


@given(
    st.builds(Dribble, st.integers(1, 50), st.builds(Duration, st.floats(0, 100)))
    | st.builds(Bandwidth, st.builds(ByteSize, st.integers(1, 10**7))),
    st.integers(0, 3000),
)
@settings(max_examples=200, deadline=None)
def test_a_schedule_covers_the_body_in_order_and_in_its_time(
    fault: Dribble | Bandwidth, size: int
) -> None:
    schedule = list(fault.schedule(size))
    assert (schedule == []) is (size == 0)
    if not schedule:
        return
    assert schedule[-1][1] == size
    assert all(later[0] >= earlier[0] for earlier, later in pairwise(schedule))
    assert all(later[1] > earlier[1] for earlier, later in pairwise([(0.0, 0), *schedule]))
    if isinstance(fault, Dribble):
        assert len(schedule) == min(fault.chunks, size)
        assert schedule[-1][0] == pytest.approx(fault.over)
    else:
        assert all(moment == pytest.approx(end / fault.rate) for moment, end in schedule)


def test_a_large_body_at_a_high_rate_comes_in_bounded_pieces() -> None:
    schedule = list(Bandwidth(ByteSize(10**9)).schedule(1_000_000))
    assert max(later[1] - earlier[1] for earlier, later in pairwise(schedule)) == 65_536


# ------------------------------------------------------------------ what editors are told

DELAY_SCHEMA = jsonschema_rs.validator_for(Delay.json_schema())
FAULT_SCHEMA = jsonschema_rs.validator_for(Fault.json_schema())


@given(SPECS)
@settings(max_examples=100, deadline=None)
def test_the_schema_takes_every_right_delay(spec: Any) -> None:
    assert DELAY_SCHEMA.is_valid(spec)


@pytest.mark.parametrize("spec", [spec for spec, _ in RIGHT[:5] + RIGHT[6:9]])
def test_the_schema_takes_every_right_fault(spec: Any) -> None:
    assert FAULT_SCHEMA.is_valid(spec)


@pytest.mark.parametrize(
    "spec",
    [None, "rset", "dribble", {"dribble": {"chunks": 0, "over": 1}}, {"truncate": {"keep": 1}}, {}],
)
def test_the_schema_takes_no_wrong_fault(spec: Any) -> None:
    assert not FAULT_SCHEMA.is_valid(spec)


@pytest.mark.parametrize("spec", [None, {}, {"uniform": {"min": 1}}, {"fixed": 1, "normal": {}}])
def test_the_schema_takes_no_wrong_delay(spec: Any) -> None:
    assert not DELAY_SCHEMA.is_valid(spec)
