"""Query parameters: delimiters, escapes, repetition, emptiness, brackets."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from mockforge_http.parameters import ParameterDecoder, ParameterSpec
from tests.http.parameters.sending import (
    INTEGERS,
    STRINGS,
    finding_of,
    send,
    spec,
    there_and_back,
    value_of,
)
from tests.http.values.nodes import node

OBJECT = {
    "type": "object",
    "properties": {
        "R": {"type": "integer"},
        "on": {"type": "boolean"},
        "tags": STRINGS,
        "deep": {"type": "object", "properties": {"n": {"type": "number"}, "ids": INTEGERS}},
    },
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("color=a+b", "a b"),
        ("color=a%20b", "a b"),
        ("color=a%2Bb", "a+b"),
        ("color=100%", "100%"),
        ("color=%zz", "%zz"),
        ("color=a=b", "a=b"),
        ("color=caf%C3%A9", "café"),
        ("color=caf\xc3\xa9", "café"),
        ("c%6Flor=x", "x"),
        ("color=", ""),
        ("color", ""),
        ("&&color=x&", "x"),
        ("other=1", UNSET),
        ("Color=1", UNSET),
        ("", UNSET),
    ],
)
def test_a_text_is_decoded_as_a_form_writes_it(text: str, value: Any) -> None:
    assert value_of(spec("query", {"type": "string"}), text) == value


def test_octets_that_are_no_text_are_malformed() -> None:
    finding = finding_of(spec("query", {"type": "string"}), "color=%ff")
    assert finding.code == "parameter.malformed"
    assert finding.message == (
        "The query parameter `color` is not UTF-8 once it is percent-decoded."
    )
    assert (finding.location, finding.name, finding.actual) == ("query", "color", "%ff")


def test_an_escaped_comma_is_part_of_a_value() -> None:
    parameter = spec("query", STRINGS, explode=False)
    assert value_of(parameter, "color=a%2Cb,c") == ["a,b", "c"]
    assert there_and_back(parameter, ["a,b"]) == ["a,b"]


def test_an_escaped_comma_delimits_where_no_value_could_hold_it() -> None:
    assert value_of(spec("query", INTEGERS, explode=False), "color=1%2C2%2c3") == [1, 2, 3]
    assert value_of(spec("query", OBJECT, explode=False), "color=R%2C100") == {"R": 100}


@pytest.mark.parametrize(
    ("style", "texts"),
    [
        ("spaceDelimited", ["1%202%203", "1+2+3"]),
        ("pipeDelimited", ["1%7C2%7c3", "1|2|3"]),
        ("tabDelimited", ["1%092%093"]),
    ],
)
def test_delimiters_that_must_be_escaped_delimit_all_the_same(style: str, texts: list[str]) -> None:
    for text in texts:
        assert value_of(spec("query", INTEGERS, style=style), f"color={text}") == [1, 2, 3]
        assert value_of(spec("query", INTEGERS, style=style, explode=True), f"color={text}") == [
            1, 2, 3,
        ]  # fmt: skip


def test_an_unescaped_pipe_lets_an_escaped_one_be_part_of_a_value() -> None:
    assert value_of(spec("query", STRINGS, style="pipeDelimited"), "color=a%7Cb|c") == ["a|b", "c"]


def test_a_comma_does_not_delimit_in_other_styles() -> None:
    assert value_of(spec("query", STRINGS, style="pipeDelimited"), "color=abc,xyz") == ["abc,xyz"]


def test_a_repeated_field_is_an_array_only_where_one_is_wanted() -> None:
    assert value_of(spec("query", INTEGERS), "color=1&x=9&color=2") == [1, 2]
    assert value_of(spec("query", True), "color=1&color=2") == ["1", "2"]
    finding = finding_of(spec("query", {"type": "integer"}), "color=1&color=2")
    assert (finding.code, finding.actual) == ("parameter.repeated", "1, 2")
    finding = finding_of(spec("query", INTEGERS, explode=False), "color=1&color=2")
    assert finding.code == "parameter.repeated"
    assert "delimited" in finding.message


def test_one_text_for_an_exploded_array_is_one_item() -> None:
    assert value_of(spec("query", INTEGERS), "color=1,2") == ["1,2"]


def test_a_nullable_array_is_still_an_array() -> None:
    assert value_of(spec("query", {**INTEGERS, "nullable": True}), "color=1") == [1]
    listed = {"type": ["array", "null"], "items": {"type": "integer"}}
    assert value_of(spec("query", listed, explode=False), "color=1,2") == [1, 2]


def test_a_union_of_scalar_and_array_goes_by_what_was_sent() -> None:
    union = {"oneOf": [{"type": "string"}, INTEGERS]}
    assert value_of(spec("query", union), "color=x") == "x"
    assert value_of(spec("query", union), "color=1&color=2") == [1, 2]
    assert value_of(spec("query", union, explode=False), "color=1,2") == [1, 2]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, ""),
        (STRINGS, []),
        ({"type": "integer"}, ""),
        ({"type": "integer", "nullable": True}, None),
        ({"type": ["string", "null"]}, ""),
        ({"type": "object"}, {}),
    ],
)
def test_an_empty_value_goes_by_the_type(schema: Any, value: Any) -> None:
    assert value_of(spec("query", schema, explode=False), "color=") == value


def test_an_empty_value_that_is_allowed_means_the_parameter_is_not_used() -> None:
    parameter = spec("query", {"type": "integer"}, required=True, allow_empty=True)
    assert value_of(parameter, "color=") is UNSET
    assert value_of(parameter, "color=3") == 3
    assert finding_of(parameter, "").code == "parameter.missing"


def test_allow_reserved_changes_what_is_written_not_what_is_read() -> None:
    open_parameter = spec("query", {"type": "string"}, allow_reserved=True)
    url = "https://x.test/a?b=c&d=1+1#f"
    assert there_and_back(open_parameter, url) == url
    assert value_of(spec("query", {"type": "string"}), "color=https://x.test/a?b") == (
        "https://x.test/a?b"
    )


# ---------------------------------------------------------------------- objects


def test_an_exploded_object_takes_its_declared_members() -> None:
    parameter = spec("query", OBJECT)
    assert value_of(parameter, "R=1&on=true&utm=x&tags=a&tags=b") == {
        "R": 1, "on": True, "tags": ["a", "b"],
    }  # fmt: skip
    assert value_of(parameter, "utm=x") is UNSET
    finding = finding_of(parameter, "R=1&R=2")
    assert (finding.code, finding.pointer) == ("parameter.repeated", "/R")


def test_an_exploded_object_of_any_names_leaves_what_others_claim() -> None:
    numbers = {"type": "object", "additionalProperties": {"type": "integer"}}
    decoder = ParameterDecoder(
        [
            spec("query", numbers, "all"),
            spec("query", {"type": "string"}, "page"),
            spec("query", {"type": "object"}, "filter", style="deepObject"),
        ],
        claimed=["api_key"],
    )
    values, findings = decoder.decode((), "a=1&page=2&filter[x]=3&api_key=4&b=x", {})
    assert not findings
    assert values == {
        ("query", "all"): {"a": 1, "b": "x"},
        ("query", "page"): "2",
        ("query", "filter"): {"x": "3"},
    }


def test_a_free_form_object_takes_every_name_but_a_closed_one_none() -> None:
    assert value_of(spec("query", {"type": "object"}), "a=1") == {"a": "1"}
    closed = {"type": "object", "additionalProperties": False}
    assert value_of(spec("query", closed), "a=1") is UNSET


def test_an_exploded_object_under_its_own_name_is_explained() -> None:
    finding = finding_of(spec("query", OBJECT), "color=R,1")
    assert finding.code == "parameter.malformed"
    assert finding.expected == "R=...&on=...&tags=...&deep=..."


def test_an_object_with_a_name_but_no_value_is_malformed() -> None:
    finding = finding_of(spec("query", OBJECT, explode=False), "color=R,1,on")
    assert finding.message == (
        "The query parameter `color` has no value for `on`: names and values must alternate."
    )
    finding = finding_of(spec("query", OBJECT, explode=False), "color=R,1,R,2")
    assert (finding.code, finding.pointer) == ("parameter.repeated", "/R")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("color[R]=1&color[on]=true", {"R": 1, "on": True}),
        ("color%5BR%5D=1", {"R": 1}),
        ("color[deep][n]=1.5", {"deep": {"n": 1.5}}),
        ("color[tags]=a&color[tags]=b", {"tags": ["a", "b"]}),
        ("color[tags][]=a&color[tags][]=b", {"tags": ["a", "b"]}),
        ("color[tags][1]=b&color[tags][0]=a", {"tags": ["a", "b"]}),
        ("color[deep][ids][999999999]=7", {"deep": {"ids": [7]}}),
        ("color[x][y]=1", {"x": {"y": "1"}}),
        ("color[x][0]=1&color[x][1]=2", {"x": ["1", "2"]}),
        ("color[a%26b]=1", {"a&b": "1"}),
        ("colors[R]=1", UNSET),
    ],
)
def test_deep_objects_are_read_as_libraries_write_them(text: str, value: Any) -> None:
    assert value_of(spec("query", OBJECT, style="deepObject"), text) == value


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("color[R]=1&color[R]=2", "parameter.repeated", "/R"),
        ("color[R=1", "parameter.malformed", ""),
        ("color[R]]=1", "parameter.malformed", ""),
        ("color[x]=1&color[x][y]=2", "parameter.malformed", ""),
        ("color[x][y]=2&color[x]=1", "parameter.malformed", ""),
        ("color=1", "parameter.malformed", ""),
        ("color=1&color[R]=1", "parameter.malformed", ""),
        ("color" + "[a]" * 17 + "=1", "parameter.too-deep", ""),
    ],
)
def test_deep_objects_that_make_no_sense_are_found(text: str, code: str, pointer: str) -> None:
    finding = finding_of(spec("query", OBJECT, style="deepObject"), text)
    assert (finding.code, finding.pointer) == (code, pointer)


def test_a_million_brackets_are_refused_at_once() -> None:
    parameter = spec("query", OBJECT, style="deepObject")
    assert finding_of(parameter, "color" + "[a]" * 1_000_000 + "=1").code == "parameter.too-deep"


# ---------------------------------------------------------------------- presence


def test_a_required_parameter_that_is_not_there_is_missing() -> None:
    finding = finding_of(spec("query", {"type": "string"}, required=True), "x=1")
    assert finding.code == "parameter.missing"
    assert finding.message == "The query parameter `color` is required, but it was not sent."


@pytest.mark.parametrize("sent", ["color[]", "Color", "color[0]"])
def test_a_name_that_is_nearly_right_is_pointed_out(sent: str) -> None:
    finding = finding_of(spec("query", STRINGS, required=True), f"{sent}=1")
    assert f"(`{sent}` was sent)" in finding.message


def test_unknown_parameters_are_no_error() -> None:
    assert send(spec("query", {"type": "string"}), "a=1&b=2&c") == (UNSET, ())


def test_defaults_of_optional_parameters_are_at_hand() -> None:
    schema = {"$ref": "#/components/schemas/Limit"}
    limit = ParameterSpec(
        "limit", "query", schema=node(schema, Limit={"type": "integer", "default": 20})
    )
    decoder = ParameterDecoder([limit, spec("query", {"default": 1}, required=True)])
    assert decoder.defaults == {("query", "limit"): 20}
    assert decoder.decode((), "color=1", {})[0] == {("query", "color"): "1"}


def test_more_fields_than_the_limit_are_refused_whole() -> None:
    decoder = ParameterDecoder([spec("query", STRINGS)], max_fields=10)
    assert len(decoder.decode((), "&".join(["color=1"] * 10), {})[0][("query", "color")]) == 10
    values, findings = decoder.decode((), "&".join(["color=1"] * 11), {})
    assert not values
    assert [finding.code for finding in findings] == ["parameter.too-many-fields"]
