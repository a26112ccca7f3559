"""From samples to schemas."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockforge_http.postman.inference import infer
from mockforge_http.postman.samples import ANY, NotJsonError, read_json, without_any

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=4), st.booleans())
def test_every_sample_fits_the_schema(samples: list[Any], answers: bool) -> None:
    schema = infer(samples, answers=answers)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert [sample for sample in samples if not validator.is_valid(sample)] == []


@pytest.mark.parametrize(
    ("samples", "schema"),
    [
        ([1, 2], {"type": "integer"}),
        ([1, 2.5], {"type": "number"}),
        ([2.5, 1], {"type": "number"}),
        ([1, "a"], {"type": ["integer", "string"]}),
        (["a", None], {"type": ["string", "null"]}),
        ([True], {"type": "boolean"}),
        ([None], {}),
        ([[]], {"type": "array"}),
        ([[1], ["a"]], {"type": "array", "items": {"type": ["integer", "string"]}}),
        ([{}], {"type": "object"}),
        ([{"a": 1}, {}], {"type": "object", "properties": {"a": {"type": "integer"}}}),
        ([{"a": 1}, [1]], {
            "type": ["object", "array"],
            "properties": {"a": {"type": "integer"}},
            "required": ["a"],
            "items": {"type": "integer"},
        }),
        ([ANY], {}),
        ([1, ANY], {}),
        ([{"a": ANY}], {"type": "object", "properties": {"a": {}}, "required": ["a"]}),
    ],
)  # fmt: skip
def test_what_samples_of_requests_say(samples: list[Any], schema: dict[str, Any]) -> None:
    assert infer(samples, answers=False) == schema


@pytest.mark.parametrize(
    ("samples", "schema"),
    [
        ([None], {"type": "null"}),
        ([[]], {"type": "array", "maxItems": 0}),
        (["2026-01-31"], {"type": "string", "format": "date"}),
        (["2026-01-31", "x"], {"type": "string"}),
        (["2026-01-31T10:00:00Z"], {"type": "string", "format": "date-time"}),
        (["2026-01-31T10:00:00.5+01:00"], {"type": "string", "format": "date-time"}),
        (["6929bb52-3ab2-448a-9796-d6480ecad36b"], {"type": "string", "format": "uuid"}),
        (["a@b.example"], {"type": "string", "format": "email"}),
        (["https://a.example/b"], {"type": "string", "format": "uri"}),
        (["192.0.2.1"], {"type": "string", "format": "ipv4"}),
        (["192.0.2.256"], {"type": "string"}),
        ([""], {"type": "string"}),
        (["https://a.example/" + "x" * 400], {"type": "string"}),
    ],
)
def test_what_samples_of_answers_say_besides(samples: list[Any], schema: dict[str, Any]) -> None:
    assert infer(samples, answers=True) == schema


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ('{"a": 1,}', {"a": 1}),
        ("[1, 2, ]", [1, 2]),
        ('{"a": 1 // note\n}', {"a": 1}),
        ('/* a */ {"a": "// no /* note"}', {"a": "// no /* note"}),
        ('{"a": {{v}}}', {"a": ANY}),
        ("[{{v}}, {{w}}]", [ANY, ANY]),
        ('{"a": "{{v}}"}', {"a": "{{v}}"}),
        ('"a\\"//b"', 'a"//b'),
    ],
)
def test_json_as_people_type_it(text: str, value: Any) -> None:
    assert read_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "{a: 1}",
        "[1",
        '"a',
        "/*",
        "1e999",
        "NaN",
        "[" * 61 + "]" * 61,
        "[" * 10**6,
        "{{v}}x",
    ],
)
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(NotJsonError):
        read_json(text)


def test_a_deep_but_not_too_deep_sample_is_read() -> None:
    text = "[" * 60 + "]" * 60
    assert msgspec.json.encode(read_json(text)).decode() == text


@pytest.mark.parametrize("piece", ['\\"', '"\\', "/*", "{{", "{{a", ",", ", ", "//", '"'])
def test_hostile_text_is_told_apart_in_a_moment(piece: str) -> None:
    with pytest.raises(NotJsonError):
        read_json("{" + piece * 200_000)


def test_placeholders_are_shown_as_null() -> None:
    assert without_any([ANY, {"a": ANY, "b": [1]}]) == [None, {"a": None, "b": [1]}]
