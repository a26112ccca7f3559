"""JSON from clients: exact, bounded, explained."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.mocking.malformed import MalformedError
from mockforge_http.values.jsontext import MAX_BRACKETS, MAX_DEPTH, decode_json


def refused(raw: bytes | str, **options: Any) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        decode_json(raw, **options)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"-" + b"9" * 4000, -int("9" * 4000)),
        (b"0.1", 0.1),
        (b"1e-400", 0.0),
        (b"12345678901234567.89", Decimal("12345678901234567.89")),
        (b'"\\u0000\\ud83d\\ude00"', "\0\U0001f600"),
        (b"\xef\xbb\xbf{}", {}),
        (" [1] ", [1]),
        (b"null", None),
    ],
)
def test_values_are_exact(raw: bytes | str, value: Any) -> None:
    found = decode_json(raw)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"1e400", "is not usable JSON: the number is out of range"),
        (b"[-1e999]", "is not usable JSON: the number is out of range"),
        (b"9" * 5000, "is not usable JSON: integer value out of range"),
        (b"0." + b"1" * 2000, "is not usable JSON: the number has too many digits"),
        (b"NaN", "invalid character (line 1, column 1)"),
        (b"[Infinity]", "invalid character (line 1, column 2)"),
        (b'{"a":\n  tru}', "invalid character (line 2, column"),
        (b"1 2", "trailing characters (line 1, column 4)"),
        (b"[1,]", "trailing comma in array"),
        (b"[", "it ends too early (line 1, column 2)"),
        (b'"\\ud800"', "\\ud800 is half of a character (line 1, column 2)"),
        (b'"\\udc00x"', "invalid utf-16 surrogate pair"),
        (b'{"a":"b\xff"}', "an octet that is not UTF-8 (line 1, column 8)"),
        (b"", "is empty, but JSON is expected"),
        (b" \n", "is empty, but JSON is expected"),
        (b"{a:1}", "line 1, column 2"),
    ],
)
def test_what_is_no_json_is_placed_and_explained(raw: bytes, reason: str) -> None:
    error = refused(raw)
    assert error.code == "malformed"
    assert reason in error.reason


def test_nesting_is_bounded_without_recursion() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert decode_json(deepest)
    assert decode_json(b"[" + deepest[1:-1].replace(b"[]", b'["]"]') + b"]")
    for raw in (b"[" + deepest + b"]", b'{"a":' * 300 + b"1" + b"}" * 300, b"[" * 100_000):
        assert refused(raw).code == "too-deep"
    assert refused(b"[[[]]]", max_depth=2).code == "too-deep"


def test_arrays_and_objects_are_counted() -> None:
    assert len(decode_json(b"[" + b"[]," * (MAX_BRACKETS - 2) + b"[]]")) == MAX_BRACKETS - 1
    assert refused(b"[" + b"[]," * MAX_BRACKETS + b"[]]").code == "too-many-brackets"
    assert refused(b"[" * 10_000_000).code == "too-many-brackets"
    assert refused("[{}]", max_brackets=1).code == "too-many-brackets"


def test_wide_arrays_are_not_deep_and_brackets_in_strings_do_not_nest() -> None:
    assert len(decode_json(b"[" + b"[1]," * 1000 + b"2]")) == 1001
    assert decode_json(b'"' + b"[" * 1000 + b'"') == "[" * 1000


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a":1,"a":2}', "/a"),
        (b'[0,{"b":{"c/d":1,"c\\/d":2}}]', "/1/b/c~1d"),
        (b'{"a":1, "\\u0061" : 2}', "/a"),
        (b'[123456789012345678901234567890,{"a":1,"a":2}]', "/1/a"),
    ],
)
def test_names_given_twice_are_refused_if_asked(raw: bytes, pointer: str) -> None:
    decode_json(raw)
    error = refused(raw, unique_names=True)
    assert (error.code, error.pointer) == ("duplicate-key", pointer)


@pytest.mark.parametrize(
    "raw", [b'{"a":"\\":"}', b'{"a" : "\\u0022:", "b":{"a":1}}', b'{"":{"":1}}']
)
def test_names_that_differ_are_not_taken_for_the_same(raw: bytes) -> None:
    assert decode_json(raw, unique_names=True) == json.loads(raw)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: Any, unique: bool) -> None:
    assert decode_json(json.dumps(value), unique_names=unique) == value
    assert decode_json(json.dumps(value, indent=1, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60) | st.text('{}[]":,\\u01e.-tn \ud800', max_size=30), st.booleans())
def test_anything_is_read_or_refused(raw: bytes | str, unique: bool) -> None:
    try:
        decode_json(raw, unique_names=unique)
    except MalformedError as error:
        assert error.reason  # noqa: PT017 - both outcomes are fine
