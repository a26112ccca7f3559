"""Errors of the JSON form, and where it goes its own way."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mockforge.errors import Place
from mockforge_grpc.schema import MalformedMessageError, MessageError, MessageType, Schema


def of(schema: Schema, name: str) -> MessageType:
    found = schema.message_type(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "value", "path", "said", "hint"),
    [
        (
            "kinds.Node",
            {"children": [{}, {"nxt": {}}]},
            "children[1].nxt",
            "no field 'nxt'",
            "next?",
        ),
        ("kinds.Node", {"next": {"name": 5}}, "next.name", "expected a text, got a number", None),
        (
            "kinds.Maps",
            {"maps": {"a": {"byNumber": {"x": {}}}}},
            "maps.a.byNumber.x",
            "number",
            None,
        ),
        (
            "kinds.Maps",
            {"by_number": {"1": {"aBool": 1}}},
            "by_number.1.aBool",
            "true or false",
            None,
        ),
        ("kinds.Lists", {"colours": ["RED", "BLU"]}, "colours[1]", "no value 'BLU'", "BLUE?"),
        ("kinds.Lists", {"texts": [None]}, "texts[0]", "null", None),
        ("kinds.Scalars", {"a_uint32": -1}, "a_uint32", "-1 is out of the range of uint32", None),
        ("kinds.Scalars", {"some_bytes": "#"}, "some_bytes", "no base64", None),
        ("kinds.Scalars", {"a_bool": True, "aBool": True}, "aBool", "also given as 'a_bool'", None),
        ("kinds.Scalars", [], "", "expected an object (kinds.Scalars), got a list", None),
        ("kinds.Choice", {"number": 1, "text": "x"}, "text", "oneof kind", None),
        ("kinds.Known", {"time": "soon"}, "time", "'soon' is no timestamp", "2026-01-31T12:30:00Z"),
        ("kinds.Known", {"any": {"x": 1}}, "any", "@type is missing", "google.rpc.ErrorInfo"),
        ("kinds.Known", {"any": {"@type": "a/kinds.Nod"}}, "any.@type", "kinds.Nod", "kinds.Node?"),
        (
            "kinds.Known",
            {"any": {"@type": "a/google.protobuf.Timestamp", "value": 5}},
            "any.value",
            "timestamp",
            None,
        ),
        (
            "kinds.Known",
            {"struct": {"a": [1, {"b": "\ud800"}]}},
            "struct.a[1].b",
            "surrogate",
            None,
        ),
        ("old.Outer", {"inner": {}}, "", "required fields are missing: inner.id", None),
        ("old.Outer", {"[old.nope]": 1}, "[old.nope]", "no extension 'old.nope'", None),
        ("old.Inner", {"[old.note]": "x"}, "[old.note]", "extends old.Outer", None),
    ],
)
def test_an_error_names_the_path_to_it(
    kinds: Schema, name: str, value: Any, path: str, said: str, hint: str | None
) -> None:
    place = Place("stubs.yaml", 7)
    with pytest.raises(MessageError) as caught:
        of(kinds, name).from_json(value, place=place)
    assert caught.value.field_path == path
    assert said in caught.value.message
    assert caught.value.place == place
    if hint is not None:
        assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("an_int32", "1_000"),
        ("an_int32", "\u0661"),  # a digit, but not of JSON
        ("an_int32", "1e1000000000"),
        ("an_int32", math.nan),
        ("a_double", True),
        ("a_double", "1e999"),
        ("a_double", "1_0"),
        ("a_double", "inf"),
        ("a_double", 10**400),
        ("some_bytes", "A"),
        ("some_bytes", "AQ I"),
        ("colour", True),
        ("colour", 2**31),
        ("colour", "1_0"),
        ("a_string", b"bytes"),
    ],
)
def test_what_is_only_nearly_right_is_refused(kinds: Schema, field: str, value: Any) -> None:
    with pytest.raises(MessageError):
        of(kinds, "kinds.Scalars").from_json({field: value})


def test_numbers_that_json_cannot_write_are_read_from_yaml(kinds: Schema) -> None:
    scalars = of(kinds, "kinds.Scalars")
    message: Any = scalars.from_json({"a_double": math.inf, "a_float": math.nan})
    assert message.a_double == math.inf
    assert math.isnan(message.a_float)


def test_whole_numbers_in_texts_are_exact(kinds: Schema) -> None:
    scalars = of(kinds, "kinds.Scalars")
    message: Any = scalars.from_json({"a_uint64": "1.8446744073709551615e19"})
    assert message.a_uint64 == 2**64 - 1


def test_an_any_of_unknown_type_is_kept_as_it_is(kinds: Schema) -> None:
    known = of(kinds, "kinds.Known")
    form = {"any": {"@type": "example.com/no.such.Type", "value": "AQI="}}
    message: Any = known.from_json(form)
    assert message.any.value == b"\x01\x02"
    assert known.to_json(message) == form


def test_an_any_whose_bytes_are_broken_still_has_a_form(kinds: Schema) -> None:
    known = of(kinds, "kinds.Known")
    message: Any = known.new()
    message.any.type_url = "type.googleapis.com/kinds.Node"
    message.any.value = b"\xff"
    assert known.to_json(message) == {
        "any": {"@type": "type.googleapis.com/kinds.Node", "value": "/w=="}
    }


@pytest.mark.parametrize(
    ("name", "close"),
    [("kinds.Nod", "kinds.Node"), ("other.Scalars", "kinds.Scalars"), ("zzz.qqq", None)],
)
def test_the_nearest_type(kinds: Schema, name: str, close: str | None) -> None:
    assert kinds.types.nearest_type(name) == close


def test_an_endless_type_name_is_no_trouble(kinds: Schema) -> None:
    form = {"any": {"@type": "a/" + "b." * 1_000_000, "x": 1}}
    with pytest.raises(MessageError, match="there is no message type") as caught:
        of(kinds, "kinds.Known").from_json(form)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "form",
    [
        {"an_int32": "9" * 100_000},
        {"an_int32": 10**6_000},
        {"a_double": 10**6_000},
        {"a_double": "x" * 100_000},
        {"colour": "x" * 100_000},
        {"x" * 100_000: 1},
        {"[" + "x" * 100_000 + "]": 1},
    ],
    ids=range(7),
)
def test_messages_do_not_grow_with_what_they_are_about(kinds: Schema, form: dict[str, Any]) -> None:
    with pytest.raises(MessageError) as caught:
        of(kinds, "kinds.Scalars").from_json(form)
    assert len(str(caught.value)) + len(caught.value.field_path) < 500


def test_a_type_without_a_slash_gets_the_usual_prefix(kinds: Schema) -> None:
    message: Any = of(kinds, "kinds.Known").from_json({"any": {"@type": "kinds.Node", "name": "x"}})
    assert message.any.type_url == "type.googleapis.com/kinds.Node"


def test_error_details_are_known_without_an_import(kinds: Schema) -> None:
    message: Any = of(kinds, "google.rpc.Status").from_json(
        {"code": 5, "details": [{"@type": "google.rpc.ErrorInfo", "reason": "GONE"}]}
    )
    assert message.details[0].type_url.endswith("google.rpc.ErrorInfo")
    assert b"GONE" in message.details[0].value


def test_times_out_of_range_are_shown_field_by_field(kinds: Schema) -> None:
    known = of(kinds, "kinds.Known")
    message: Any = known.new()
    message.time.seconds = 2**60
    message.mask.paths.append("Not_snake")
    message.value.number_value = math.nan
    assert known.to_json(message) == {
        "time": {"seconds": str(2**60)},
        "mask": {"paths": ["Not_snake"]},
        "value": "NaN",
    }


def test_the_largest_float_comes_back(kinds: Schema) -> None:
    scalars = of(kinds, "kinds.Scalars")
    largest = 3.4028234663852886e38
    message: Any = scalars.new()
    message.a_float = largest
    back: Any = scalars.from_json(scalars.to_json(message))
    assert back.a_float == largest


def test_a_list_of_nulls(kinds: Schema) -> None:
    nulls = of(kinds, "kinds.Nulls")
    message = nulls.from_json({"nulls": [None, "NULL_VALUE", 0]})
    assert nulls.to_json(message) == {"nulls": [None, None, None]}


def test_lists_of_defaults_are_not_shared(kinds: Schema) -> None:
    lists = of(kinds, "kinds.Lists")
    first = lists.to_json(lists.new(), defaults=True)
    first["texts"].append("x")
    assert lists.to_json(lists.new(), defaults=True)["texts"] == []


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"next": value}
    return value


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("kinds.Node", nested),
        ("kinds.Known", lambda depth: {"struct": nested(depth)}),
        ("kinds.Known", lambda depth: {"value": _listed(depth)}),
        ("kinds.Known", lambda depth: {"any": _packed(depth)}),
    ],
)
def test_nesting_ends_with_an_error(kinds: Schema, name: str, make: Any) -> None:
    message_type = of(kinds, name)
    message_type.from_json(make(20))
    with pytest.raises(MessageError, match="nested more than 100 deep"):
        message_type.from_json(make(200))


def _listed(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _packed(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"@type": "kinds.Node"}
    for _ in range(depth):
        value = {"@type": "google.protobuf.Any", "value": value}
    return value


def test_bytes_that_are_no_message(kinds: Schema) -> None:
    node = of(kinds, "kinds.Node")
    for data in (b"\xff", b"\x0a\x05abc", b"\x0a\x01\xff"):
        with pytest.raises(MalformedMessageError, match=r"no kinds\.Node"):
            node.parse(data)


def test_a_text_of_proto2_that_is_not_utf8(kinds: Schema) -> None:
    outer = of(kinds, "old.Outer")
    message = outer.parse(b"\x32\x01\xff")
    with pytest.raises(MalformedMessageError, match="not UTF-8"):
        outer.to_json(message)


# ---------------------------------------------------------------- with templates in it


TEMPLATES: list[tuple[str, Any]] = [
    ("kinds.Scalars", {"an_int64": "{{ request.id }}", "aBool": "{% if x %}true{% endif %}"}),
    ("kinds.Node", "{{ whole }}"),
    (
        "kinds.Node",
        {"children": "{{ list }}", "next": {"children": ["{{ one }}", {"name": "x"}]}},
    ),
    ("kinds.Maps", {"by_number": {"{{ key }}": {"colour": "{{ c }}"}}}),
    ("kinds.Known", {"time": "{{ now }}", "struct": {"a": "{{ b }}"}}),
    ("kinds.Known", {"any": {"@type": "kinds.Node", "name": "{{ n }}"}}),
    ("kinds.Known", {"any": {"@type": "{{ which }}", "nothing": 1}}),
    ("kinds.Known", {"int64_value": "{{ n }}", "value": None}),
    ("kinds.Choice", {"nothing": None}),
]


@pytest.mark.parametrize(("name", "value"), TEMPLATES)
def test_templates_are_taken_as_right(kinds: Schema, name: str, value: Any) -> None:
    assert of(kinds, name).checked(value) == []


def test_all_that_templates_cannot_mend_is_found_at_once(kinds: Schema) -> None:
    value: dict[str, Any] = {
        "nam": "{{ x }}",
        "children": [{"name": 5}, None, {"next": []}],
        "next": {"name": "a", "extra": "{{ y }}"},
    }
    found = of(kinds, "kinds.Node").checked(value, place=Place("stub.yaml", 3))
    assert [error.field_path for error in found] == [
        "nam",
        "children[0].name",
        "children[1]",
        "children[2].next",
        "next.extra",
    ]
    assert all(str(error).startswith("stub.yaml:3: ") for error in found)


BESIDE: list[tuple[str, Any, list[str]]] = [
    (
        "kinds.Maps",
        {"by_number": {"x": {"nope": "{{ a }}"}}},
        ["by_number.x", "by_number.x.nope"],
    ),
    ("kinds.Maps", {"by_number": []}, ["by_number"]),
    ("kinds.Maps", {"texts": {"a": None}}, ["texts.a"]),
    ("kinds.Choice", {"number": "{{ a }}", "text": "b"}, ["text"]),
    ("kinds.Scalars", {"a_bool": "{{ a }}", "aBool": True}, ["aBool"]),
    ("kinds.Scalars", {"a_bool": "true"}, ["a_bool"]),
    ("kinds.Lists", {"texts": {}}, ["texts"]),
    (
        "kinds.Known",
        {"time": "soon", "any": {"@type": "Nod", "n": "{{ a }}"}},
        ["time", "any.@type"],
    ),
    ("kinds.Known", {"any": {"@type": "kinds.Node", "a": 1, "name": "{{ a }}"}}, ["any.a"]),
    ("kinds.Known", {"any": {"@type": "google.protobuf.Struct", "a": "{{ a }}"}}, ["any"]),
    ("kinds.Known", {"struct": 5}, ["struct"]),
    ("old.Outer", {"[old.nope]": "{{ a }}"}, ["[old.nope]"]),
    ("kinds.Node", 5, [""]),
]


@pytest.mark.parametrize(("name", "value", "paths"), BESIDE)
def test_what_is_wrong_beside_templates(
    kinds: Schema, name: str, value: Any, paths: list[str]
) -> None:
    assert [error.field_path for error in of(kinds, name).checked(value)] == paths


def test_endless_nesting_is_found_before_it_is_a_problem(kinds: Schema) -> None:
    found = of(kinds, "kinds.Node").checked(nested(300))
    assert len(found) == 1
    assert "nested" in found[0].message
