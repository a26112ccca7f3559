"""Delays: what they may be written as, and what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log
from statistics import fmean, median, pstdev
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.data import Dice
from mockforge.mocking.faults import Delay, FaultError, compile_delay

DRAWS = 20_000
T = TypeVar("T")


def draws(spec: Any, count: int = DRAWS) -> list[float]:
    delay, chance = compile_delay(spec), Dice(7)
    return [delay.sample(chance) for _ in range(count)]


@pytest.mark.parametrize("spec", ["80ms", 0.08, {"fixed": "80ms"}, '{"fixed": "80ms"}'])
def test_a_fixed_delay_is_always_the_same(spec: Any) -> None:
    assert set(draws(spec, 100)) == {0.08}


def test_a_uniform_delay_covers_its_range_evenly() -> None:
    drawn = draws({"uniform": {"min": "100ms", "max": "300ms"}})
    assert 0.1 <= min(drawn) < 0.101
    assert 0.299 < max(drawn) < 0.3
    assert fmean(drawn) == pytest.approx(0.2, rel=0.01)
    assert pstdev(drawn) == pytest.approx(0.2 / 12**0.5, rel=0.02)
    tenths = [0] * 10
    for value in drawn:
        tenths[min(9, int((value - 0.1) / 0.02))] += 1
    assert all(abs(count - DRAWS / 10) < 250 for count in tenths)


def test_a_normal_delay_has_its_mean_and_deviation() -> None:
    drawn = draws({"normal": {"mean": "1s", "stddev": "100ms"}})
    assert fmean(drawn) == pytest.approx(1, rel=0.01)
    assert pstdev(drawn) == pytest.approx(0.1, rel=0.02)
    within = sum(abs(value - 1) < 0.1 for value in drawn) / DRAWS
    assert within == pytest.approx(0.6827, abs=0.015)


def test_a_normal_delay_is_never_negative_nor_above_its_maximum() -> None:
    drawn = draws({"normal": {"mean": "10ms", "stddev": "1s", "max": "500ms"}})
    assert min(drawn) == 0
    assert max(drawn) == 0.5
    assert sum(value == 0 for value in drawn) / DRAWS == pytest.approx(0.496, abs=0.015)


def test_a_lognormal_delay_has_its_median_and_sigma() -> None:
    drawn = draws({"lognormal": {"median": "80ms", "sigma": 0.4}})
    assert median(drawn) == pytest.approx(0.08, rel=0.02)
    assert fmean(drawn) == pytest.approx(0.08 * exp(0.08), rel=0.02)
    assert pstdev([log(value) for value in drawn]) == pytest.approx(0.4, rel=0.02)


def test_a_lognormal_delay_stays_below_its_maximum() -> None:
    drawn = draws({"lognormal": {"median": "80ms", "sigma": 2, "max": "1s"}})
    assert max(drawn) == 1
    assert min(drawn) > 0


def test_no_delay_is_longer_than_a_day() -> None:
    assert draws({"fixed": "1000h"}, 1) == [86_400]
    assert draws({"uniform": {"min": "1000h", "max": "1000h"}}, 1) == [86_400]
    assert max(draws({"lognormal": {"median": "10h", "sigma": 10}}, 200)) == 86_400
    assert max(draws({"normal": {"mean": "10h", "stddev": "100h", "max": "99h"}}, 200)) == 86_400


def test_the_same_seed_draws_the_same() -> None:
    spec = {"lognormal": {"median": "80ms", "sigma": 0.4}}
    assert draws(spec, 50) == draws(spec, 50)
    delay = compile_delay(spec)
    assert [delay.sample(Dice(8)) for _ in range(2)] != [delay.sample(Dice(9)) for _ in range(2)]


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ("80 moons", "delay: expected a duration such as", None),
        (True, "delay: expected a duration such as 80ms, or one of", None),
        (None, "got nothing", None),
        ([], "got a list", None),
        (-1, "delay: expected a duration", None),
        ({}, "delay: expected one of the keys fixed, uniform", None),
        ({"fixed": 1, "uniform": {}}, "got fixed and uniform", None),
        ({"unifrom": {}}, "delay.unifrom: there is no such key", "did you mean uniform?"),
        ({5: 1}, "there is no such key", "known here"),
        ({"fixed": "x"}, "delay.fixed: expected a duration", None),
        ({"uniform": 5}, "delay.uniform: expected a mapping with the keys min, max, got 5", None),
        ({"uniform": {"min": 1}}, "delay.uniform: the key max is missing", None),
        ({"uniform": {"min": 2, "max": 1}}, "delay.uniform.min: min is above max", None),
        ({"uniform": {"min": 0, "max": "?"}}, "delay.uniform.max: expected a duration", None),
        ({"normal": {"mean": 1}}, "delay.normal: the key stddev is missing", None),
        (
            {"normal": {"mean": 1, "stddev": 1, "maxx": 1}},
            "delay.normal.maxx: there is no such key",
            "did you mean max?",
        ),
        (
            {"lognormal": {"median": 1, "sigma": -1}},
            "delay.lognormal.sigma: expected a number",
            None,
        ),
        ({"lognormal": {"median": 1, "sigma": 11}}, "between 0 and 10, got 11", None),
        ('{"fixed"', "delay: not valid JSON", None),
        ("[" * 10_000, "delay: expected a duration", None),
        ("{" * 10_000, "delay: not valid JSON", None),
    ],
)
def test_what_is_wrong_is_named_with_its_place(spec: Any, message: str, hint: str | None) -> None:
    with pytest.raises(FaultError) as caught:
        compile_delay(spec, ("response", "delay"))
    assert str(caught.value).startswith("response.delay")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300
    assert (caught.value.hint or "").startswith(hint or "")


TIMES = st.one_of(st.floats(0, 1e6), st.integers(0, 10**6), st.just("80ms"), st.just("2m"))
SPECS = st.one_of(
    TIMES,
    st.builds(lambda time: {"fixed": time}, TIMES),
    st.builds(
        lambda one, two: {"uniform": {"min": min(one, two), "max": max(one, two)}},
        st.floats(0, 1e5),
        st.floats(0, 1e5),
    ),
    st.builds(lambda one, two: {"normal": {"mean": one, "stddev": two}}, TIMES, TIMES),
    st.builds(
        lambda one, sigma, most: {"lognormal": {"median": one, "sigma": sigma, "max": most}},
        TIMES,
        st.floats(0, 10),
        TIMES,
    ),
)


@given(SPECS, st.integers())
@settings(max_examples=150, deadline=None)
def test_every_right_delay_draws_a_time_and_can_be_written_down(spec: Any, seed: int) -> None:
    delay = compile_delay(spec)
    assert 0 <= delay.sample(Dice(seed)) <= 86_400
    assert Delay.parse(str(delay)) == delay
    assert compile_delay(delay.spec()) == delay


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["fixed", "uniform", "normal", "lognormal", "min", "max", "mean", "sigma"]
            )
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def outcome(compile_it: Callable[[Any, Sequence[str]], T], spec: Any) -> T | FaultError:
    """What is made of ``spec`` below the key ``given``, or the error."""
    try:
        return compile_it(spec, ("given",))
    except FaultError as error:
        return error


@given(ANYTHING)
@settings(max_examples=200, deadline=None)
def test_anything_is_a_delay_or_an_error_with_a_place(spec: Any) -> None:
    delay = outcome(compile_delay, spec)
    if isinstance(delay, FaultError):
        assert delay.path[0] == "given"
        assert str(delay).startswith("given")
    else:
        assert delay.sample(Dice(0)) >= 0
