"""Parameters that carry a document: ``content`` and ``in: querystring``."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from mockforge_http.bodies import EncodingSpec, MediaSpec
from mockforge_http.parameters import ParameterSpec
from tests.http.parameters.sending import finding_of, there_and_back, value_of
from tests.http.values.nodes import node

POINT = {"type": "object", "properties": {"lat": {"type": "number"}, "long": {"type": "number"}}}
FORM = {"type": "object", "properties": {"foo": {"type": "string"}, "bar": {"type": "boolean"}}}


def content(place: Any, media_type: str, schema: Any, **more: Any) -> ParameterSpec:
    return ParameterSpec("at", place, content={media_type: MediaSpec(node(schema))}, **more)


@pytest.mark.parametrize("place", ["path", "query", "header", "cookie"])
def test_json_is_read_in_every_place(place: Any) -> None:
    parameter = content(place, "application/json", POINT)
    assert there_and_back(parameter, {"lat": 40.6, "long": -73.9}) == {"lat": 40.6, "long": -73.9}


def test_json_that_is_none_is_explained() -> None:
    finding = finding_of(content("query", "application/json", POINT), "at={lat:1}")
    assert finding.code == "parameter.malformed"
    assert finding.message.startswith("The query parameter `at` is not well-formed JSON: ")
    assert finding_of(content("query", "application/json", {}), "at=1&at=2").code == (
        "parameter.repeated"
    )


def test_the_specification_s_query_string_as_a_form() -> None:
    parameter = content("querystring", "application/x-www-form-urlencoded", FORM)
    assert value_of(parameter, "foo=a+%2B+b&bar=true") == {"foo": "a + b", "bar": True}
    assert there_and_back(parameter, {"foo": "a + b", "bar": True}) == {"foo": "a + b", "bar": True}


def test_the_specification_s_query_string_as_json() -> None:
    parameter = content("querystring", "application/json", {})
    text = "%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D"
    assert value_of(parameter, text) == {"numbers": [1, 2], "flag": None}


def test_the_specification_s_query_string_as_text() -> None:
    parameter = content("querystring", "application/jsonpath", {"type": "string"})
    assert value_of(parameter, "%24.a.b%5B1%3A1%5D") == "$.a.b[1:1]"


def test_an_empty_query_string_is_an_absent_one() -> None:
    assert value_of(content("querystring", "application/json", {}), "") is UNSET
    required = content("querystring", "application/json", {}, required=True)
    finding = finding_of(required, "")
    assert (finding.location, finding.code) == ("query", "parameter.missing")


def test_what_is_wrong_inside_a_form_keeps_its_place() -> None:
    media = MediaSpec(
        node({"properties": {"p": {"type": "object"}}}),
        encoding={"p": EncodingSpec(content_type="application/json")},
    )
    parameter = ParameterSpec(
        "all", "querystring", content={"application/x-www-form-urlencoded": media}
    )
    finding = finding_of(parameter, "p={")
    assert finding.pointer == "/p"
    assert finding.message.startswith("The query string (`all`) is not well-formed JSON")
