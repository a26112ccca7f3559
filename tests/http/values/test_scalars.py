"""Text becomes a number, a boolean or null only where the schema allows it and the text is one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge_http.values.scalars import MAX_DIGITS, SCALARS, converter

NUMBER = frozenset({"integer", "number"})


def convert(text: str, *kinds: str) -> Any:
    return converter(frozenset(kinds))(text)


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-inf", "1e400", "-1e400", "0x10", "1_000", " 5", "5 ", "+5", "1.", ".5", "1e", "",
     "--1", "٣", "1,5", "abc", "1e5e5", "9" * (MAX_DIGITS + 1)],
)  # fmt: skip
def test_what_only_looks_like_a_number_stays_text(text: str) -> None:
    assert convert(text, *NUMBER) == text
    assert convert(text, "integer") == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("007", 7),
        ("1.0", 1),
        ("9" * 500, int("9" * 500)),
        (str(2**64), 2**64),
    ],
)
def test_integers_are_exact(text: str, value: int) -> None:
    assert convert(text, "integer") == value
    assert type(convert(text, "integer")) is int


@pytest.mark.parametrize("text", ["1.5", "1e3", "true"])
def test_other_texts_are_no_integers(text: str) -> None:
    assert convert(text, "integer") == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5), ("1e3", 1000.0), ("-2E-2", -0.02), ("1e-400", 0.0), ("0.1", 0.1),
        ("12345678901234567.89", Decimal("12345678901234567.89")),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        ("0.10000000000000000000", 0.1),
    ],
)  # fmt: skip
def test_numbers_that_no_float_holds_are_decimals(text: str, value: Any) -> None:
    found = convert(text, *NUMBER)
    assert (type(found), found) == (type(value), value)


def test_the_order_is_integer_number_boolean_null_string() -> None:
    assert convert("5", *SCALARS) == 5
    assert convert("5.5", *SCALARS) == 5.5
    assert convert("true", *SCALARS) is True
    assert convert("null", *SCALARS) is None
    assert convert("x", *SCALARS) == "x"
    assert convert("", *SCALARS) == ""


def test_a_text_that_is_no_canonical_number_stays_text_where_strings_are_allowed() -> None:
    assert convert("007", "integer", "string") == "007"
    assert convert("1.0", "integer", "string") == "1.0"
    assert convert("01.5", "number", "string") == "01.5"
    assert convert("7", "integer", "string") == 7


def test_words_are_words_of_json() -> None:
    assert [convert(text, "boolean") for text in ("true", "false", "True", "1", "yes")] == [
        True, False, "True", "1", "yes",
    ]  # fmt: skip
    assert convert("null", "string") == "null"
    assert convert("", "integer", "null") is None
    assert convert("null", "integer", "null") is None


@given(st.text(max_size=20), st.sets(st.sampled_from(sorted(SCALARS))))
def test_no_text_is_too_strange(text: str, kinds: set[str]) -> None:
    value = convert(text, *kinds)
    assert value == text or not isinstance(value, str)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_python_writes_it_is_that_number(value: float) -> None:
    assert convert(repr(value), *NUMBER) == value
