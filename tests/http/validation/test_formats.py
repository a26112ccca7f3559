"""``format``: what is asserted, and of which values."""

from __future__ import annotations

import pytest

from mockforge.mocking.data.model import Dialect
from mockforge_http.validation.formats import EXAMPLES
from tests.http.validation.making import accepts

DIALECTS: list[Dialect] = ["oas2", "oas3.0", "2020-12"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("int8", -128, 127),
        ("int16", -(2**15), 2**15 - 1),
        ("int32", -(2**31), 2**31 - 1),
        ("int64", -(2**63), 2**63 - 1),
        ("uint8", 0, 255),
        ("uint16", 0, 2**16 - 1),
        ("uint32", 0, 2**32 - 1),
        ("uint64", 0, 2**64 - 1),
    ],
)
def test_integer_formats_are_ranges(dialect: Dialect, name: str, low: int, high: int) -> None:
    schema = {"type": "integer", "format": name}
    assert accepts(schema, low, dialect)
    assert accepts(schema, high, dialect)
    assert not accepts(schema, low - 1, dialect)
    assert not accepts(schema, high + 1, dialect)


def test_a_range_never_widens_the_bounds_of_the_schema() -> None:
    schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 10}
    assert [n for n in (0, 1, 10, 11) if accepts(schema, n)] == [1, 10]


def test_float_is_single_precision_and_double_what_json_can_hold() -> None:
    assert accepts({"type": "number", "format": "float"}, 3.4e38)
    assert not accepts({"type": "number", "format": "float"}, 3.5e38)
    assert accepts({"type": "number", "format": "float"}, 1)
    assert accepts({"type": "number", "format": "double"}, 1.7e308)


@pytest.mark.parametrize("name", ["int32", "float", "date", "byte"])
def test_a_format_says_nothing_about_other_types(name: str) -> None:
    assert accepts({"format": name}, True)
    assert accepts({"format": name}, {})
    if name in ("int32", "float"):
        assert accepts({"format": name}, "x")
    else:
        assert accepts({"format": name}, 12)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("byte", "SGVsbG8=", "%"),
        ("byte", "", "SGVsbG8"),
        ("base64url", "SGVs-_8", "SGVs+/8"),
        ("date", "2024-02-29", "2023-02-29"),
        ("date", "2024-12-31", "2024-13-01"),
        ("date-time", "2024-02-29T23:59:59.5+02:00", "2024-02-29 23:59:59"),
        ("time", "23:59:59Z", "24:00:00Z"),
        ("duration", "P1DT12H", "1 day"),
        ("email", "ann@example.com", "ann"),
        ("hostname", "www.example.com", "-www.example.com"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("ipv6", "2001:db8::1", "2001:db8::g"),
        ("uri", "https://example.com/a?b#c", "/a"),
        ("url", "https://example.com/a", "example"),
        ("uri-reference", "/a", "\\\\a"),
        ("uri-template", "/pets/{id}", "/pets/{id"),
        ("uuid", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0"),
        ("json-pointer", "/a~1b", "/a~b"),
        ("relative-json-pointer", "1/a", "/a"),
        ("regex", "^a+$", "a("),
    ],
)
def test_formats_of_texts_are_asserted(dialect: Dialect, name: str, good: str, bad: str) -> None:
    schema = {"type": "string", "format": name}
    assert accepts(schema, good, dialect)
    assert not accepts(schema, bad, dialect)


@pytest.mark.parametrize("name", ["binary", "password", "phone-number", "html", ""])
def test_formats_that_cannot_be_told_hold_of_everything(name: str) -> None:
    assert accepts({"type": "string", "format": name}, "anything \x00")


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_in_messages_are_of_their_format(name: str) -> None:
    assert accepts({"format": name}, EXAMPLES[name])
