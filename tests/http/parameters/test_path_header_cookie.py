"""Path parameters, header fields and cookies."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from mockforge_http.parameters import ParameterDecoder, ParameterSpec, format_parameter
from tests.http.parameters.sending import INTEGERS, STRINGS, finding_of, spec, value_of
from tests.http.values.nodes import node

OBJECT = {"type": "object", "properties": {"R": {"type": "integer"}, "G": {"type": "string"}}}


# ---------------------------------------------------------------------- path


def test_a_path_is_split_before_it_is_decoded() -> None:
    assert value_of(spec("path", STRINGS), "a%2Cb,c+d") == ["a,b", "c+d"]
    assert value_of(spec("path", STRINGS, style="label", explode=True), ".a%2Eb.c") == ["a.b", "c"]
    assert value_of(spec("path", STRINGS, style="matrix", explode=True), ";color=a%3Bb") == ["a;b"]
    assert value_of(spec("path", OBJECT, explode=True), "G=a%3Db%2Cc,R=1") == {"G": "a=b,c", "R": 1}


def test_a_scalar_keeps_what_would_be_a_delimiter() -> None:
    assert value_of(spec("path", {"type": "string"}), "a,b") == "a,b"
    assert value_of(spec("path", {"type": "string"}, style="label"), ".a.b") == "a.b"
    assert value_of(spec("path", {"type": "integer"}, style="matrix"), ";color=7") == 7


def test_dots_delimit_labels_of_numbers_as_older_tables_show_them() -> None:
    assert value_of(spec("path", INTEGERS, style="label"), ".3.4.5") == [3, 4, 5]
    assert value_of(spec("path", OBJECT, style="label"), ".R.1.G.x") == {"R": 1, "G": "x"}


@pytest.mark.parametrize(
    ("style", "text", "reason"),
    [
        ("label", "blue", "does not start with `.`"),
        ("matrix", "blue", "does not start with `;`"),
        ("matrix", ";colour=blue", "holds `colour` where `color` is expected"),
        ("matrix", ";color=a;color=b", "is given 2 times"),
    ],
)
def test_a_text_in_another_style_is_malformed(style: str, text: str, reason: str) -> None:
    finding = finding_of(spec("path", {"type": "string"}, style=style), text)
    assert reason in finding.message
    assert finding.location == "path"


def test_values_of_a_path_go_by_position_in_the_template() -> None:
    decoder = ParameterDecoder(
        [
            spec("path", {"type": "integer"}, "b"),
            spec("path", STRINGS, "a"),
            spec("path", {}, "nowhere"),
        ],
        "/{a}/x/{b}.json",
    )
    values, findings = decoder.decode(("p,q", "7"), "", {}, "/base/p%2Cq,r/x/7.json/")
    assert not findings
    assert values == {("path", "a"): ["p,q", "r"], ("path", "b"): 7}


def test_escapes_beside_a_parameter_do_not_hide_it() -> None:
    decoder = ParameterDecoder([spec("path", STRINGS, "a")], "/caf\u00e9-{a}")
    values, _ = decoder.decode(("x,50%",), "", {}, "/caf%C3%A9-x,50%25")
    assert values == {("path", "a"): ["x", "50%"]}


# ---------------------------------------------------------------------- headers


def header(schema: Any, value: bytes, name: str = "X-Color", **more: Any) -> Any:
    decoder = ParameterDecoder([spec("header", schema, name, **more)])
    values, findings = decoder.decode((), "", {name.lower().encode(): value})
    assert not findings, findings
    return values[("header", name)]


def test_header_names_are_found_in_any_case_and_white_space_is_list_syntax() -> None:
    assert header(INTEGERS, b"1, 2 ,3") == [1, 2, 3]
    assert header({"type": "boolean"}, b" true ") is True
    assert header(OBJECT, b"R=1, G=x", explode=True) == {"R": 1, "G": "x"}


def test_headers_are_not_percent_decoded() -> None:
    assert header({"type": "string"}, b"a%20b") == "a%20b"
    assert header(STRINGS, b'"a,b"') == ['"a', 'b"']


def test_headers_hold_utf_8_or_latin_1() -> None:
    assert header({"type": "string"}, "é".encode()) == "é"
    assert header({"type": "string"}, b"\xe9") == "é"


def test_styles_of_swagger_2_delimit_headers() -> None:
    assert header(INTEGERS, b"1 2", style="spaceDelimited") == [1, 2]
    assert header(INTEGERS, b"1|2", style="pipeDelimited") == [1, 2]
    assert header(INTEGERS, b"1\t2", style="tabDelimited") == [1, 2]


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_definitions_that_openapi_says_to_ignore_are_ignored(name: str) -> None:
    decoder = ParameterDecoder([spec("header", {"type": "integer"}, name, required=True)])
    assert not decoder.parameters
    assert decoder.decode((), "", {}) == ({}, ())


def test_a_missing_header_is_named_as_declared() -> None:
    decoder = ParameterDecoder([spec("header", {}, "X-Age", required=True)])
    (finding,) = decoder.decode((), "", {})[1]
    assert finding.message == "The header parameter `X-Age` is required, but it was not sent."


# ---------------------------------------------------------------------- cookies


@pytest.mark.parametrize(
    ("style", "schema", "cookie", "value"),
    [
        ("form", {"type": "string"}, "a=1; color=b%20c+d", "b c+d"),
        ("cookie", {"type": "string"}, "a=1; color=b%20c+d", "b%20c+d"),
        ("form", {"type": "integer"}, 'color="5";x', 5),
        ("form", {"type": "string"}, "color=first; color=second", "first"),
        ("form", {"type": "string"}, "junk; =x; color=a=b", "a=b"),
        ("form", INTEGERS, "color=1&color=2", [1, 2]),
        ("cookie", INTEGERS, "color=1; a=9; color=2", [1, 2]),
        ("form", OBJECT, "R=1&G=a%26b", {"R": 1, "G": "a&b"}),
        ("cookie", OBJECT, "R=1; G=a&b", {"R": 1, "G": "a&b"}),
        ("form", {"type": "string"}, "colour=1", UNSET),
    ],
)
def test_cookies_are_read_leniently(style: str, schema: Any, cookie: str, value: Any) -> None:
    assert value_of(spec("cookie", schema, style=style), cookie) == value


def test_a_cookie_in_one_piece_is_split_at_commas() -> None:
    assert value_of(spec("cookie", INTEGERS, explode=False), "color=1,2") == [1, 2]


def test_a_thousand_cookies_are_enough() -> None:
    parameter = spec("cookie", INTEGERS, style="cookie")
    assert len(value_of(parameter, "; ".join(["color=1"] * 5_000))) == 1_000


def test_a_missing_cookie_is_found() -> None:
    decoder = ParameterDecoder([spec("cookie", {}, "session", required=True)])
    assert [f.code for f in decoder.decode((), "", {})[1]] == ["parameter.missing"]
    assert [f.code for f in decoder.decode((), "", {b"cookie": b"a=1"})[1]] == ["parameter.missing"]


def test_a_style_that_makes_no_sense_in_its_place_is_the_default_one() -> None:
    parameter = ParameterSpec("x", "header", style="deepObject", schema=node(INTEGERS))
    assert parameter.used_style == "simple"
    assert format_parameter(parameter, [1, 2]) == "1,2"
