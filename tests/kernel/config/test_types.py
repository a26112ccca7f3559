"""Sizes and durations: the spellings, exact values, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.config.types import ByteSize, Duration


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (0, 0),
        (1048576, 1048576),
        (1e3, 1000),
        ("17", 17),
        ("17b", 17),
        ("8KiB", 8192),
        ("8ki", 8192),
        ("8kib", 8192),
        ("8K", 8000),
        ("64MB", 64_000_000),
        ("64 MB", 64_000_000),
        (" 1.5GiB ", 1_610_612_736),
        ("0.1MB", 100_000),
        ("2TiB", 2 * 1024**4),
        ("1.0001KiB", 1024),
        ("999999999999GiB", 999_999_999_999 * 1024**3),
    ],
)
def test_a_size_is_read_exactly(text: object, size: int) -> None:
    assert ByteSize.parse(text) == size
    assert type(ByteSize.parse(text)) is ByteSize


@pytest.mark.parametrize(
    "text",
    ["", "5i", "5ib", "iB", "KiB", "-1", -1, 1.5, "1.5", "1.5b", True, None, "1,5MB", "5 PB", "٣",
     "1e3", "inf", float("inf"), float("nan"), "9" * 400, [], "5MiB5"],
)  # fmt: skip
def test_what_is_no_size_is_refused_in_words(text: object) -> None:
    with pytest.raises(ValueError, match=r"expected a size such as 8KiB, 16MiB or 1048576, got "):
        ByteSize.parse(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (0, 0.0),
        (3, 3.0),
        (0.25, 0.25),
        ("7", 7.0),
        ("500ms", 0.5),
        ("500 MS", 0.5),
        ("100us", 0.0001),
        ("1.5s", 1.5),
        (" 2m ", 120.0),
        ("1.5h", 5400.0),
        ("0.3s", 0.3),
        ("300ms", 0.3),
        ("7us", 7e-6),
    ],
)
def test_a_duration_is_read_exactly(text: object, seconds: float) -> None:
    assert Duration.parse(text) == seconds
    assert type(Duration.parse(text)) is Duration


@pytest.mark.parametrize(
    "text",
    ["", "s", "-1s", -0.5, "5d", "5 sec", "1e3", True, None, float("inf"), float("nan"), 1e12,
     10**400, "9" * 400, "nan", "1:30", [5]],
)  # fmt: skip
def test_what_is_no_duration_is_refused_in_words(text: object) -> None:
    with pytest.raises(ValueError, match=r"expected a duration such as 500ms, 5s or 2m, got "):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ByteSize(0), "0"),
        (ByteSize(1000), "1000"),
        (ByteSize(8192), "8KiB"),
        (ByteSize(16 * 1024**2), "16MiB"),
        (ByteSize(1536 * 1024), "1536KiB"),
        (Duration(0), "0s"),
        (Duration(10), "10s"),
        (Duration(90), "90s"),
        (Duration(120), "2m"),
        (Duration(5400), "90m"),
        (Duration(7200), "2h"),
        (Duration(0.5), "500ms"),
        (Duration(1.5), "1500ms"),
        (Duration(0.00001), "10us"),
        (Duration(1e-7), "0.0000001s"),
    ],
)
def test_values_are_shown_in_the_largest_whole_unit(value: object, text: str) -> None:
    assert str(value) == text


@given(st.integers(0, 10**18 - 1))
def test_sizes_survive_being_shown(size: int) -> None:
    assert ByteSize.parse(str(ByteSize(size))) == size


@given(st.floats(0, 1e12, exclude_max=True))
def test_durations_survive_being_shown(seconds: float) -> None:
    assert Duration.parse(str(Duration(seconds))) == seconds


def spellings(units: str) -> st.SearchStrategy[Any]:
    number = st.from_regex(r"[0-9]{1,3}(\.[0-9]{0,2})?", fullmatch=True)
    text = st.tuples(number, st.sampled_from(["", " "]), st.text(units, max_size=3)).map("".join)
    return text | st.integers(-5, 5) | st.floats(-5, 5) | st.booleans() | st.none()


@given(spellings("kKmiIbB"))
def test_the_schema_of_a_size_takes_what_parse_takes(value: Any) -> None:
    assert parses(ByteSize, value) == fits_schema(ByteSize, value)


@given(spellings("umsSh"))
def test_the_schema_of_a_duration_takes_what_parse_takes(value: Any) -> None:
    assert parses(Duration, value) == fits_schema(Duration, value)


def fits_schema(kind: type[ByteSize] | type[Duration], value: Any) -> bool:
    return jsonschema.Draft202012Validator(kind.json_schema()).is_valid(value)


def parses(kind: type[ByteSize] | type[Duration], value: Any) -> bool:
    try:
        kind.parse(value)
    except ValueError:
        return False
    return True


def test_patterns_are_plain_enough_for_every_regex_dialect() -> None:
    for kind in (ByteSize, Duration):
        pattern = kind.json_schema()["anyOf"][1]["pattern"]
        assert not re.search(r"\(\?(?!:)|\\[^s.]", pattern)
