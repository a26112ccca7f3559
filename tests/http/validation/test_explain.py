"""What is said about values that are not valid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.data.model import Schema
from mockforge_http.findings import MAX_EXCERPT
from mockforge_http.validation import wording
from mockforge_http.validation.explain import Explainer
from mockforge_http.validation.report import findings_of, places_of, problems_of
from tests.http.validation.making import says, validator

PERSON = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "email": {"type": "string", "format": "email"},
        "colour": {"enum": ["red", "green"]},
    },
}

SENTENCES: list[tuple[Any, Any, str]] = [
    ({"type": "integer"}, "x", ' must be an integer, got "x"'),
    ({"type": ["string", "null"]}, 1, " must be a string or null, got 1"),
    ({"type": "boolean"}, None, " must be true or false, got null"),
    ({"type": "array"}, {"a": [1, None]}, ' must be an array, got {"a": [1, null]}'),
    ({"enum": ["a", 1, None]}, "b", ' must be one of "a", 1, null, got "b"'),
    ({"enum": list(range(20))}, 99,
     " must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more, got 99"),
    ({"enum": []}, 1, " must be one of nothing, got 1"),
    ({"const": {"a": 1}}, 1, ' must be {"a": 1}, got 1'),
    ({"minimum": 5}, 4.5, " must be at least 5, got 4.5"),
    ({"maximum": 120}, 130, " must be at most 120, got 130"),
    ({"exclusiveMinimum": 0}, 0, " must be more than 0, got 0"),
    ({"exclusiveMaximum": 1.5}, 2, " must be less than 1.5, got 2"),
    ({"multipleOf": 0.01}, 0.001, " must be a multiple of 0.01, got 0.001"),
    ({"minLength": 2}, "a", " must have at least 2 characters, has 1"),
    ({"maxLength": 1}, "ab", " must have at most 1 character, has 2"),
    ({"pattern": "^a$"}, "b", ' must match the pattern ^a$, got "b"'),
    ({"format": "date"}, "x", ' must be a valid date (such as 2026-01-31), got "x"'),
    ({"format": "url"}, "x", ' must be a valid uri (such as https://example.com/), got "x"'),
    ({"minItems": 1}, [], " must have at least 1 item, has 0"),
    ({"maxItems": 1}, [1, 2], " must have at most 1 item, has 2"),
    ({"uniqueItems": True}, [1, 2, 1.0], " must not have equal items, but items 0 and 2 are equal"),
    ({"prefixItems": [{}], "items": False}, [1, 2], " must have at most 1 item, has 2"),
    ({"contains": {"const": 1}}, [2], ' must contain at least 1 item that match {"const": 1}, has 0'),
    ({"contains": True, "maxContains": 1}, [1, 2], " must contain at most 1 item that match true, has 2"),
    ({"minProperties": 1}, {}, " must have at least 1 property, has 0"),
    ({"maxProperties": 1}, {"a": 1, "b": 1}, " must have at most 1 property, has 2"),
    ({"required": ["name"]}, {}, " must have the property `name`"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, " must have the property `b`, as it has `a`"),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, " must have the property `b`"),
    ({"propertyNames": {"maxLength": 1}}, {"ab": 1},
     ' has the property name "ab", which must have at most 1 character, has 2'),
    ({"not": {"type": "string"}}, "x", ' must not match {"type": "string"}'),
    (False, 1, " is not allowed"),
    ({"properties": {"a": False}}, {"a": 1}, "/a is not allowed"),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, " must have the property `b`"),
    ({"if": {"required": ["a"]}, "else": {"required": ["c"]}}, {}, " must have the property `c`"),
    ({"unevaluatedProperties": False, "properties": {"name": {}}}, {"nmae": 1},
     "/nmae is not allowed (did you mean `name`?)"),
    ({"unevaluatedProperties": {"type": "null"}}, {"a": 1}, "/a must be null, got 1"),
    ({"unevaluatedItems": False, "prefixItems": [{}]}, [1, 2], "/1 is not allowed"),
    ({"patternProperties": {"^x": {"type": "null"}}}, {"xy": 1}, "/xy must be null, got 1"),
    ({"additionalProperties": {"type": "null"}}, {"a": 1}, "/a must be null, got 1"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "sentence"), SENTENCES, ids=str)
def test_every_keyword_has_its_sentence(schema: Any, value: Any, sentence: str) -> None:
    assert says(schema, value) == [sentence]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    value = {"age": 130, "email": "x", "colour": "blue", "nmae": 1}
    assert says(PERSON, value) == [
        " must have the property `name` (`nmae` was sent)",
        "/age must be at most 120, got 130",
        '/email must be a valid email (such as ann@example.com), got "x"',
        '/colour must be one of "red", "green", got "blue"',
        "/nmae is not allowed (did you mean `name`?)",
    ]


def test_no_more_is_listed_than_asked_for() -> None:
    made = validator({"items": {"type": "integer"}})
    assert len(problems_of(made, ["x"] * 50, 7, 0)) == 7


def test_the_alternative_that_comes_nearest_is_explained() -> None:
    schema = {"anyOf": [PERSON, {"type": "string"}, {"type": "array", "minItems": 1}]}
    assert says(schema, {"name": "Ann", "age": -1}) == [
        "/age must be at least 0, got -1 (of 3 alternatives this comes nearest)"
    ]
    assert says(schema, []) == [
        " must have at least 1 item, has 0 (of 3 alternatives this comes nearest)"
    ]


def test_a_fixed_property_tells_which_alternative_was_meant() -> None:
    schema = {
        "oneOf": [
            {
                "properties": {
                    "kind": {"const": "a"},
                    "x": {"type": "integer"},
                    "y": {"type": "integer"},
                }
            },
            {"properties": {"kind": {"const": "b"}, "z": {"type": "integer"}}},
        ]
    }
    assert says(schema, {"kind": "a", "x": "1", "y": "2", "z": 3}) == [
        '/x must be an integer, got "1" (of 2 alternatives this comes nearest)',
        '/y must be an integer, got "2" (of 2 alternatives this comes nearest)',
    ]


def test_alternatives_of_other_types_are_named_together() -> None:
    schema = {"anyOf": [{"type": "string"}, {"type": ["integer", "null"]}]}
    assert says(schema, []) == [" must be a string, an integer or null, got []"]


def test_more_than_one_match_is_said_with_the_positions() -> None:
    schema = {"oneOf": [{"type": "integer"}, {"type": "string"}, {"minimum": 0}]}
    assert says(schema, 1) == [" must match exactly one of 3 alternatives, but matches 1 and 3"]


def test_one_problem_is_said_once_however_many_parts_find_it() -> None:
    assert says({"required": ["a"], "allOf": [{"required": ["a"]}]}, {}) == [
        " must have the property `a`"
    ]


def test_findings_name_place_code_and_both_sides() -> None:
    made = validator(PERSON)
    found = findings_of(
        problems_of(made, {"name": "Ann", "age": 130}, 9, 0), "body", "", "The request body"
    )
    assert [(f.location, f.pointer, f.code, f.expected, f.actual) for f in found] == [
        ("body", "/age", "maximum", "at most 120", "130")
    ]
    assert found[0].message == "`/age` in the request body must be at most 120, got 130."
    (missing,) = findings_of(problems_of(made, {}, 9, 0), "body", "", "The request body")
    assert missing.message == "The request body must have the property `name`."
    assert (missing.pointer, missing.code, missing.expected, missing.actual) == (
        "",
        "required",
        "name",
        None,
    )


def test_pointers_are_escaped() -> None:
    made = validator({"additionalProperties": {"type": "null"}})
    (found,) = findings_of(problems_of(made, {"a/b~c": 1}, 9, 0), "body", "", "The request body")
    assert found.pointer == "/a~1b~0c"


# ---------------------------------------------------------------------- bounds


def test_texts_of_findings_are_short_whatever_was_sent() -> None:
    schema = {"properties": {"a": {"type": "integer"}}, "additionalProperties": False}
    value = {"a": "x" * 10**6, "y" * 10**6: [{"z": ["w" * 10**6]}] * 1000}
    made = validator(schema)
    for finding in findings_of(problems_of(made, value, 9, 10**7), "body", "", "The request body"):
        assert len(finding.message) <= 1_000
        assert len(finding.pointer) <= 500
        assert len(finding.actual or "") <= MAX_EXCERPT


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        "\x00\x1f",
        'quote " and \\',
        10**400,
        -(10**4000),
        {"\udfff": "\ud800"},
        [[[]]] * 100,
    ],
)
def test_any_value_can_be_shown(value: Any) -> None:
    text = wording.shown(value)
    assert len(text) <= 60
    text.encode()


def test_steps_are_bounded_and_what_was_found_by_then_is_told() -> None:
    schema = {"items": {"properties": {"a": {"type": "integer"}}}}
    value: list[Any] = [{"a": 1}] * 10_000 + [{"a": "x"}]
    explainer = Explainer(schema, steps=500)
    assert explainer.problems(value, 5) == []
    value[3] = {"a": "x"}
    assert len(Explainer(schema, steps=500).problems(value, 5)) == 1


def test_when_the_steps_run_out_the_first_error_of_the_validator_has_to_do() -> None:
    made = validator({"items": {"properties": {"a": {"type": "integer"}}}})
    value: list[Any] = [{"a": 1}] * 60_000 + [{"a": "x"}]
    (problem,) = problems_of(made, value, 5, 10**6)
    assert problem.path == (60_000, "a")
    assert problem.wrong.code == "type"


def test_a_body_that_is_wrong_everywhere_is_explained_without_looking_everywhere() -> None:
    """The validator's own list of these errors would take gigabytes."""
    made = validator({"items": {"type": "integer"}, "allOf": [{"maxItems": n} for n in range(100)]})
    problems = problems_of(made, ["x" * 10] * 500_000, 20, 6_500_000)
    assert len(problems) == 20


def test_deep_values_are_explained() -> None:
    schema = {"$ref": "#/components/schemas/N"}
    components = {"N": {"anyOf": [{"type": "integer"}, {"type": "array", "items": schema}]}}
    value: Any = "x"
    for _ in range(190):
        value = [value]
    made = validator(schema, components=components)
    assert not made.is_valid(value)
    assert problems_of(made, value, 5, 400)


# ---------------------------------------------------------------------- anything at all

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", "a", "ab", "kind"]),
    st.just(1.5),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "kind"]), inner, max_size=3)
    ),
    max_leaves=8,
)
SCHEMAS: st.SearchStrategy[Schema] = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                ["object", "array", "string", "integer", "null", ["string", "array"]]
            ),
            "enum": st.lists(SCALARS, max_size=3),
            "minimum": st.integers(-2, 2),
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", "b$"]),
            "required": st.lists(st.sampled_from(["a", "b"]), unique=True, max_size=2),
            "minItems": st.integers(0, 2),
            "uniqueItems": st.booleans(),
            "maxProperties": st.integers(0, 2),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            "additionalProperties": inner,
            "patternProperties": st.fixed_dictionaries({"^a": inner}),
            "unevaluatedProperties": inner,
            "propertyNames": inner,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minContains": st.integers(0, 2),
            "unevaluatedItems": inner,
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=3),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "dependentSchemas": st.fixed_dictionaries({"a": inner}),
        },
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(SCHEMAS, VALUES)
def test_explanations_agree_with_the_validator(schema: Schema, value: Any) -> None:
    made = validator(schema)
    valid = made.is_valid(value)
    for wanted in (None, places_of(made.engine.iter_errors(value))):
        assert (Explainer(made.schema(), wanted=wanted).problems(value, 5) == []) == valid
