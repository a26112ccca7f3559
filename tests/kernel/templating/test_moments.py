"""Times in templates: offsets, formats, zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.templating.moments import Moment, moment_of, offset_of
from mockforge.mocking.templating.runtime import RefusedError
from tests.kernel.templating.kit import NOON, made, render


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("now", "2026-01-01T12:00:00.000Z"),
        ("now()", "2026-01-01T12:00:00.000Z"),
        ("now+1h", "2026-01-01T13:00:00.000Z"),
        ("now-1h", "2026-01-01T11:00:00.000Z"),
        ("now + '1h'", "2026-01-01T13:00:00.000Z"),
        ("now('+1h')", "2026-01-01T13:00:00.000Z"),
        ("now('-1h')", "2026-01-01T11:00:00.000Z"),
        ("now(60)", "2026-01-01T12:01:00.000Z"),
        ("now + 1h30m", "2026-01-01T13:30:00.000Z"),
        ("now + 1d - 1d", "2026-01-01T12:00:00.000Z"),
        ("now + 250ms", "2026-01-01T12:00:00.250Z"),
        ("now + '3 days'", "2026-01-04T12:00:00.000Z"),
        ("now + '2 weeks 1 hour'", "2026-01-15T13:00:00.000Z"),
        ("now + 1mo", "2026-02-01T12:00:00.000Z"),
        ("now - 1y", "2025-01-01T12:00:00.000Z"),
        ("now + 1.5h", "2026-01-01T13:30:00.000Z"),
        ("now + 90", "2026-01-01T12:01:30.000Z"),
        ("(now + 1h) - now", "3600"),
        ("now < now + 1s", "true"),
        ("now == now", "true"),
        ("now(none, '%Y')", "2026"),
        ("now | date", "2026-01-01T12:00:00.000Z"),
        ("now | date('date')", "2026-01-01"),
        ("now | date('time')", "12:00:00"),
        ("now | date('http')", "Thu, 01 Jan 2026 12:00:00 GMT"),
        ("now | date('epoch')", "1767268800"),
        ("now | date('epoch_ms')", "1767268800000"),
        ("now | date('%d.%m.%y')", "01.01.26"),
        ("now | date('iso', '+05:30')", "2026-01-01T17:30:00.000+05:30"),
        ("now | date('%H', 'America/New_York')", "07"),
        ("now.format('%Y')", "2026"),
        ("now(zone='Asia/Tokyo')", "2026-01-01T21:00:00.000+09:00"),
        ("'2024-01-31' | offset('1mo') | date('date')", "2024-02-29"),
        ("1767268800 | date('date')", "2026-01-01"),
        ("1767268800000 | date('date')", "2026-01-01"),
        ("'1767268800' | date('date')", "2026-01-01"),
        ("'2026-01-01T12:00:00+02:00' | date('iso', 'UTC')", "2026-01-01T10:00:00.000Z"),
        ("now | json", '"2026-01-01T12:00:00.000Z"'),
        ("[now] | json", '["2026-01-01T12:00:00.000Z"]'),
        ("now ~ ''", "2026-01-01T12:00:00.000Z"),
        ("now | string | length", "24"),
    ],
)
def test_times(expression: str, text: str) -> None:
    source = f"{{{{ {expression} }}}}"
    assert render(source) == text


def test_the_clock_is_the_real_one_by_default() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    shown = datetime.fromisoformat(render("{{ now }}", type(made())()))
    assert before <= shown <= datetime.now(UTC)


@given(st.integers(0, 10**6), st.sampled_from(["ms", "s", "m", "h", "d", "w"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_offsets_there_and_back(number: int, unit: str, earlier: bool) -> None:
    text = f"{'-' if earlier else '+'}{number}{unit}"
    start = Moment(datetime(2026, 1, 1, tzinfo=UTC))
    try:
        moved = start.shifted(text, 1)
    except RefusedError:
        assert unit in "dw"
        return
    assert moved.shifted(text, -1) == start
    assert (moved == start) is (number == 0)


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_span_and_a_time_or_refused(text: str) -> None:
    for read in (
        offset_of,
        moment_of,
        lambda form: moment_of(0).written(form),
        lambda zone: moment_of(0).written("", zone),
    ):
        try:
            read(text)
        except RefusedError as error:
            assert error.message  # noqa: PT017 - either way is fine


@given(st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=100, deadline=None)
def test_times_are_read_as_they_are_written(at: datetime) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert moment_of(str(Moment(at))).at == at


def test_time_stands_still_within_a_rendering_and_goes_on_between() -> None:
    seconds = count(int(NOON))
    templates = made(clock=lambda: float(next(seconds)))
    assert render("{{ now - now }} {{ now == now }}", templates) == "0 true"
    first, last = (datetime.fromisoformat(render("{{ now }}", templates)) for _ in range(2))
    assert last - first == timedelta(seconds=1)
