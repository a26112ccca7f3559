"""Texts: lengths, formats, encodings."""

from __future__ import annotations

import base64
import datetime
import email.utils
import ipaddress
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import FormatChecker

from mockforge.mocking.data.format_checks import is_of_format
from mockforge.mocking.data.formats import KNOWN
from tests.kernel.data.kit import samples, valid_samples

PARSERS: dict[str, Callable[[str], Any]] = {
    "date": datetime.date.fromisoformat,
    "date-time": datetime.datetime.fromisoformat,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "uuid": uuid.UUID,
    "byte": lambda text: base64.b64decode(text, validate=True),
    "base64url": lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)),
    "regex": re.compile,
    "int32": int,
    "int64": int,
    "double": float,
    "decimal": float,
    "http-date": email.utils.parsedate_to_datetime,
}


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_formats_can_be_read_back(name: str) -> None:
    read = [PARSERS[name](value) for value in samples({"type": "string", "format": name})]
    assert len(set(read)) > 5


@pytest.mark.parametrize(
    "name",
    ["date", "email", "idn-email", "hostname", "ipv4", "ipv6", "regex", "uuid", "duration"],
)
def test_formats_pass_an_independent_checker(name: str) -> None:
    for value in samples({"type": "string", "format": name}):
        FormatChecker().check(value, name)
        assert is_of_format(name, value)


@pytest.mark.parametrize("name", ["time", "date-time", "uri", "byte", "json-pointer"])
def test_formats_pass_our_own_checker(name: str) -> None:
    for value in samples({"type": "string", "format": name}):
        assert is_of_format(name, value)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_format_makes_texts_that_are_not_all_alike(name: str) -> None:
    values = samples({"type": "string", "format": name}, count=40)
    assert all(isinstance(value, str) and value for value in values)
    assert len(set(values)) > 5


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("uri", r"^https://example\.(com|org|net)/"),
        ("uri-reference", "^/"),
        ("uri-template", r"\{id\}$"),
        ("json-pointer", "^/"),
        ("relative-json-pointer", r"^\d/"),
        ("password", r"^\S{12,}$"),
        ("phone", r"^\+1-\d{3}-555-01\d\d$"),
        ("char", "^.$"),
        ("http-date", r"^\w{3}, \d\d \w{3} 202[45] .* GMT$"),
        ("html", "^<p>"),
        ("color", "^[a-z]+$"),
        ("currency", "^[A-Z]{3}$"),
        ("semver", r"^\d+\.\d+\.\d+$"),
        ("no-such-format", "."),
    ],
)
def test_formats_look_like_what_they_are(name: str, pattern: str) -> None:
    for value in samples({"type": "string", "format": name}):
        assert re.search(pattern, value), value


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["email", "uri", "hostname", "uri-reference", "date", "uuid", "phone", ""]),
    st.integers(0, 300),
    st.integers(0, 300),
)
def test_length_bounds_win_over_formats(name: str, low: int, room: int) -> None:
    schema = {"type": "string", "format": name, "minLength": low, "maxLength": low + room}
    assert all(low <= len(value) <= low + room for value in valid_samples(schema, count=3))


@pytest.mark.parametrize("name", ["email", "uri", "hostname"])
@pytest.mark.parametrize("length", [12, 40, 100, 200])
def test_formats_with_room_meet_a_length_and_stay_formats(name: str, length: int) -> None:
    schema = {"type": "string", "format": name, "minLength": length, "maxLength": length}
    for value in valid_samples(schema):
        assert is_of_format(name, value)


@pytest.mark.parametrize("field", ["name", "email", "city", "description", "unknown", "id"])
@pytest.mark.parametrize("high", [0, 1, 2, 5, 20])
def test_what_a_name_suggests_never_breaks_the_bounds(field: str, high: int) -> None:
    schema = {"type": "object", "properties": {field: {"type": "string", "maxLength": high}}}
    assert all(len(value.get(field, "")) <= high for value in valid_samples(schema))


def test_a_name_is_followed_as_far_as_the_pattern_allows() -> None:
    schema = {
        "type": "object",
        "properties": {"country": {"type": "string", "pattern": "^[A-C][a-z]+$"}},
        "required": ["country"],
    }
    values = {value["country"] for value in valid_samples(schema)}
    assert values & {
        "Austria",
        "Brazil",
        "Canada",
        "Angola",
        "Belgium",
        "Chile",
        "Cambodia",
        "Cuba",
    }


def test_contents_are_of_their_media_type_and_encoding() -> None:
    schema = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentEncoding": "base64",
    }
    for value in samples(schema):
        assert "name" in json.loads(base64.b64decode(value))


def test_lengths_count_code_points() -> None:
    schema = {
        "type": "string",
        "pattern": "^[\U0001f600-\U0001f610]+$",
        "minLength": 3,
        "maxLength": 3,
    }
    for value in valid_samples(schema):
        assert len(value) == 3
