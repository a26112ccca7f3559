"""The JSON form is the one that google.protobuf.json_format gives and takes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge_grpc.schema import MessageError, MessageType, Schema
from tests.grpc.schema.messages import messages

TYPES = [
    "kinds.Scalars",
    "kinds.Lists",
    "kinds.Maps",
    "kinds.Choice",
    "kinds.Known",
    "kinds.Node",
    "old.Outer",
    "modern.Thing",
    "newest.Thing",
]


def of(schema: Schema, name: str) -> MessageType:
    found = schema.message_type(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", TYPES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_ways_as_the_oracle(kinds: Schema, name: str, data: st.DataObject) -> None:
    message_type = of(kinds, name)
    message = data.draw(messages(kinds, message_type))
    for camel in (False, True):
        for defaults in (False, True):
            expected = json_format.MessageToDict(
                message,
                preserving_proto_field_name=not camel,
                always_print_fields_with_no_presence=defaults,
                descriptor_pool=kinds.pool,
            )
            form = message_type.to_json(message, camel=camel, defaults=defaults)
            assert form == expected
            if not message.IsInitialized():
                continue
            back = message_type.from_json(form)
            parsed = json_format.ParseDict(expected, message_type.new(), descriptor_pool=kinds.pool)
            assert back.SerializeToString(deterministic=True) == parsed.SerializeToString(
                deterministic=True
            )


@pytest.mark.parametrize("name", TYPES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_was_read_is_what_was_printed(kinds: Schema, name: str, data: st.DataObject) -> None:
    message_type = of(kinds, name)
    message = data.draw(messages(kinds, message_type))
    if not message.IsInitialized():
        return
    text = json.dumps(message_type.to_json(message))
    back = message_type.from_json(json.loads(text))
    assert same(message_type.to_json(back), message_type.to_json(message))
    assert message_type.checked(json.loads(text)) == []


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


BY_FIELD: dict[str, list[Any]] = {
    "an_int32": [1, "1", "-1", 1.0, 1e3, "1e3", "1.0", 2**31, -(2**31), "x", "", True],
    "anInt32": [1.5, "1.5", " 1", "1 ", [], {}, None],
    "a_uint32": [0, -1, 2**32 - 1, 2**32],
    "an_int64": ["9223372036854775807", 9223372036854775807, "9223372036854775808"],
    "a_uint64": ["18446744073709551615", -1, "1.8e19"],
    "a_double": [1, 1.5, "1.5", "NaN", "Infinity", "-Infinity", "1e5", "x", "", []],
    "a_float": [1, 3.4028234663852886e38, 3.5e38, "0.1", "Infinity"],
    "a_bool": [True, False, 1, "true", None],
    "a_string": ["", "x", "\u00e9\U0001f600", 1, None, "\ud800"],
    "some_bytes": ["", "AQI=", "AQI", "-_8=", "+/8=", 7],
    "colour": ["RED", 1, 5, "1", "red", None, -7, "BLUE", []],
    "maybe_int": [0],
    "maybeInt": [0],
    "@odd": ["x"],
    "odd_name": ["x"],
    "oddName": ["x"],
    "nothing": [1],
}
INPUTS: list[Any] = [{name: value} for name, values in BY_FIELD.items() for value in values]
INPUTS += ["text", None, 7]


@pytest.mark.parametrize("value", INPUTS, ids=repr)
def test_takes_and_refuses_what_the_oracle_does(kinds: Schema, value: Any) -> None:
    message_type = of(kinds, "kinds.Scalars")
    assert wire(ours(message_type, value)) == wire(oracle(kinds, message_type, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kinds.Lists", {"doubles": None}),
        ("kinds.Lists", {"doubles": [None]}),
        ("kinds.Lists", {"doubles": 1}),
        ("kinds.Lists", {"lists": [{}, {"texts": ["a"]}]}),
        ("kinds.Lists", {"lists": [None]}),
        ("kinds.Lists", {"values": [None, 1, "x", [], {}]}),
        ("kinds.Maps", {"by_number": {"1": {}, "-2": {"a_bool": True}}}),
        ("kinds.Maps", {"by_number": {"x": {}}}),
        ("kinds.Maps", {"by_number": {"1": None}}),
        ("kinds.Maps", {"by_bool": {"true": "1", "false": 2}}),
        ("kinds.Maps", {"by_bool": {"yes": "1"}}),
        ("kinds.Maps", {"texts": ["a"]}),
        ("kinds.Maps", {"texts": {"a": None}}),
        ("kinds.Maps", {"values": {"a": None}}),
        ("kinds.Choice", {"number": 1, "text": "x"}),
        ("kinds.Choice", {"number": None, "text": "x"}),
        ("kinds.Choice", {"nothing": None}),
        ("kinds.Choice", {"nothing": "NULL_VALUE"}),
        ("kinds.Choice", {"value": None}),
        ("kinds.Choice", {"choice": {"choice": {"number": 1}}}),
        ("kinds.Known", {"time": "2026-01-31T12:30:00.5+02:00"}),
        ("kinds.Known", {"time": "2026-01-31"}),
        ("kinds.Known", {"time": 5}),
        ("kinds.Known", {"duration": "1.5s"}),
        ("kinds.Known", {"duration": "-0.000000001s"}),
        ("kinds.Known", {"duration": "1.5"}),
        ("kinds.Known", {"duration": "999999999999s"}),
        ("kinds.Known", {"mask": "fooBar,baz.qux"}),
        ("kinds.Known", {"mask": ""}),
        ("kinds.Known", {"empty": {}}),
        ("kinds.Known", {"empty": {"a": 1}}),
        ("kinds.Known", {"struct": {"a": [1, None, {"b": "c"}]}}),
        ("kinds.Known", {"struct": []}),
        ("kinds.Known", {"list": [1, [], {}]}),
        ("kinds.Known", {"list": {}}),
        ("kinds.Known", {"value": None}),
        ("kinds.Known", {"int64_value": "5", "uint64_value": 5, "bool_value": False}),
        ("kinds.Known", {"int64_value": None}),
        ("kinds.Known", {"string_value": 5}),
        ("kinds.Known", {"bytes_value": "AQI="}),
        ("kinds.Known", {"any": {}}),
        ("kinds.Known", {"any": {"@type": "type.googleapis.com/kinds.Node", "name": "x"}}),
        ("kinds.Known", {"any": {"@type": "type.googleapis.com/kinds.Node", "nam": "x"}}),
        (
            "kinds.Known",
            {"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}},
        ),
        (
            "kinds.Known",
            {"any": {"@type": "type.googleapis.com/google.protobuf.Int32Value", "value": 5}},
        ),
        ("kinds.Known", {"any": {"name": "x"}}),
        ("old.Outer", {"inner": {"id": "x"}, "sizes": ["SMALL", 2], "part": {"name": "p"}}),
        ("old.Outer", {"size": 9}),
        ("old.Outer", {"[old.note]": "n", "[old.numbers]": ["1", 2], "[old.more]": {"id": "m"}}),
        ("old.Outer", {"[old.Scope.nested]": "SMALL"}),
        ("old.Outer", {"[old.unknown]": "n"}),
        ("modern.Thing", {"name": "", "count": 0, "part": {"text": "x"}, "level": "HIGH"}),
        ("modern.Thing", {"level": 9}),
    ],
    ids=repr,
)
def test_takes_and_refuses_other_types_as_the_oracle(kinds: Schema, name: str, value: Any) -> None:
    message_type = of(kinds, name)
    assert wire(ours(message_type, value)) == wire(oracle(kinds, message_type, value))


def wire(message: Message | None) -> bytes | None:
    """``message`` as it is sent; ``None`` where the input was refused."""
    return None if message is None else message.SerializeToString(deterministic=True)


def oracle(schema: Schema, message_type: MessageType, value: Any) -> Message | None:
    message = message_type.new()
    try:
        json_format.ParseDict(value, message, descriptor_pool=schema.pool)
    except Exception:  # it lets many kinds through
        return None
    return message


def ours(message_type: MessageType, value: Any) -> Message | None:
    try:
        return message_type.from_json(value)
    except MessageError:
        return None


@settings(max_examples=300)
@given(st.floats(width=32, allow_nan=False))
def test_floats_have_as_few_digits_as_the_oracle_gives_them(number: float) -> None:
    from google.protobuf.internal.type_checkers import ToShortestFloat

    from mockforge_grpc.schema.jsonform.scalars import _shortest

    expected = ToShortestFloat(number)
    found = _shortest(number)
    assert found == (
        expected if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"
    )
