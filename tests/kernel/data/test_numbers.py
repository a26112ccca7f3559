"""Numbers: bounds, grids without binary surprises, formats, names."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockforge.mocking.data import UnsatisfiableError
from tests.kernel.data.kit import samples, valid_samples

bounds = st.one_of(
    st.none(), st.integers(-(10**12), 10**12), st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
)


@settings(max_examples=200, deadline=None)
@example(None, -549_755_813_888, "number", True, 1e-6)
@example(549_755_813_888, None, "number", True, 1e-6)
@given(
    bounds,
    bounds,
    st.sampled_from(["integer", "number"]),
    st.booleans(),
    st.sampled_from([None, 1, 3, 0.1, 0.01, 0.25, 2.5, 1e-6, 7]),
)
def test_bounds_and_grids_are_kept(
    low: float | None, high: float | None, kind: str, exclusive: bool, step: float | None
) -> None:
    schema: dict[str, Any] = {"type": kind}
    if low is not None:
        schema["exclusiveMinimum" if exclusive else "minimum"] = low
    if high is not None:
        schema["exclusiveMaximum" if exclusive else "maximum"] = high
    if step is not None:
        schema["multipleOf"] = step
    try:
        values = samples(schema, count=5)
    except UnsatisfiableError:
        assume(low is not None and high is not None)
        assert low is not None
        assert high is not None
        # What is refused must be narrow: less than two steps (or two integers) wide.
        assert high - low < 2 * max(step or 0, 1) * (step or 1) + 2
        return
    # The validator divides in binary, which not every multiple survives: it judges the rest.
    schema.pop("multipleOf", None)
    judge = Draft202012Validator(schema)
    for value in values:
        assert judge.is_valid(value)
        if step is not None:
            assert (Fraction(repr(value)) / Fraction(repr(step))).denominator == 1


def test_tenths_are_written_as_tenths() -> None:
    for value in samples({"type": "number", "multipleOf": 0.1}, count=200):
        assert len(repr(value).partition(".")[2]) == 1
        assert (value / 0.1).is_integer()  # what a validator computes in binary


def test_several_grids_are_met_together() -> None:
    schema = {
        "type": "integer",
        "allOf": [{"multipleOf": 4}, {"multipleOf": 6}, {"multipleOf": 2.5}],
    }
    for value in valid_samples(schema):
        assert value % 60 == 0


@pytest.mark.parametrize(
    ("schema", "low", "high"),
    [
        ({"type": "integer", "format": "int8", "minimum": 100}, 100, 127),
        ({"type": "integer", "format": "int32", "minimum": 2**31 - 5}, 2**31 - 5, 2**31 - 1),
        ({"type": "integer", "format": "int64", "minimum": 2**63 - 3}, 2**63 - 3, 2**63 - 1),
        ({"type": "integer", "minimum": 1.2, "maximum": 2.9}, 2, 2),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001}, 1e-9, 0.000999),
        ({"type": "number", "minimum": 0.1, "maximum": 0.1}, 0.1, 0.1),
        ({"type": "number", "minimum": -1e308, "maximum": 1e308}, -1e308, 1e308),
        ({"type": "integer", "minimum": 10**30}, 10**30, 10**31),
    ],
)
def test_narrow_and_wide_ranges(schema: dict[str, Any], low: float, high: float) -> None:
    for value in valid_samples(schema):
        assert low <= value <= high


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("age", 18, 80),
        ("latitude", -90, 90),
        ("rating", 1, 5),
        ("year", 2015, 2025),
        ("port", 1024, 49151),
    ],
)
def test_names_tell_the_usual_range(field: str, low: float, high: float) -> None:
    schema = {"type": "object", "properties": {field: {"type": "number"}}, "required": [field]}
    for value in valid_samples(schema):
        assert low <= value[field] <= high


def test_a_name_never_breaks_a_bound() -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 300}},
              "required": ["age"]}  # fmt: skip
    assert all(value["age"] >= 300 for value in valid_samples(schema))


def test_equal_places_do_not_always_hold_the_same_number() -> None:
    assert len(set(samples({"type": "integer"}))) > 10
    assert len(set(samples({"type": "number", "minimum": 0, "maximum": 1}))) > 10
