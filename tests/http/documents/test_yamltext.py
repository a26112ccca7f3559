"""YAML becomes the JSON that YAML 1.2 says it is, and nothing in it can blow up."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.errors import DocumentError
from mockforge_http.documents.limits import DEFAULT_LIMITS, Limits
from mockforge_http.documents.yamltext import to_json


def convert(text: str, limits: Limits = DEFAULT_LIMITS) -> Any:
    return json.loads(to_json(memoryview(text.encode()), "api.yaml", limits)[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("Null", None),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("+5", 5),
        ("-007", -7),
        (".5", 0.5),
        ("1.", 1.0),
        ("+1.50e3", 1500.0),
        ("3e-05", 3e-05),
        ("1.2.3", "1.2.3"),
        ("'5'", "5"),
        ('"\\u00e9"', "é"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("!!int '5'", 5),
        ("!!binary aGk=", "aGk="),
        ("!!timestamp 2024-01-31", "2024-01-31"),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
        ("{}", {}),
        ("[]", []),
        ('{"a":1,"b":[true,null]}', {"a": 1, "b": [True, None]}),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    assert convert(f"key: {text}") == {"key": value}


def test_every_digit_of_a_number_is_kept() -> None:
    text, _ = to_json(
        memoryview(b"[1.10, 123456789012345678901234567890, 0.1000000000000000055]"),
        "api.yaml",
        DEFAULT_LIMITS,
    )
    assert text == "[1.10,123456789012345678901234567890,0.1000000000000000055]"


def test_keys_are_text_as_they_are_written() -> None:
    assert convert("200: a\n4XX: b\ntrue: c\nnull: d\n1.0: e\n") == {
        "200": "a",
        "4XX": "b",
        "true": "c",
        "null": "d",
        "1.0": "e",
    }


def test_anchors_aliases_and_merge_keys() -> None:
    assert convert(
        """
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
name: &name key
own: {<<: *base, b: own}
listed:
  before: 0
  <<: [*more, *base]
  after: 9
inline:
  <<: {x: [1, {y: 2}]}
nested: &nested
  <<: *base
  deep: *more
again: *nested
*name : by alias
? &late late
: *late
quoted: {"<<": 1}
"""
    ) == {
        "base": {"a": 1, "b": 2},
        "more": {"b": 3, "c": 4},
        "name": "key",
        "own": {"a": 1, "b": "own"},
        "listed": {"b": 3, "c": 4, "a": 1, "before": 0, "after": 9},
        "inline": {"x": [1, {"y": 2}]},
        "nested": {"a": 1, "b": 2, "deep": {"b": 3, "c": 4}},
        "again": {"a": 1, "b": 2, "deep": {"b": 3, "c": 4}},
        "key": "by alias",
        "late": "late",
        "quoted": {"<<": 1},
    }


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: 1\nb: [1\nc: 2\n", "is not YAML: did not find expected ',' or ']'", 3, 2),
        ("a: 1\n b: 2\n", "is not YAML: mapping values are not allowed in this context", 2, 3),
        ("a: 1\nb: \x01\n", "is not YAML: control characters are not allowed", 2, 4),
        ("a: 1\n---\nb: 2\n", "a second YAML document starts here", 2, 1),
        ("a: *nobody\n", "no anchor &nobody stands before this alias", 1, 4),
        ("a: &a [1, *a]\n", "the alias *a stands inside the node that it names", 1, 11),
        ("? [a]\n: 1\n", "a key is a mapping or a sequence; JSON has only text keys", 1, 3),
        ("a: &a [1]\n*a : 2\n", "the key *a is not text", 2, 1),
        ("a:\n  <<: 5\n", "the value of a << key is not a mapping", 3, 1),
        ("a: !!int five\n", "'five' is not a !!int", 1, 4),
    ],
)
def test_errors_name_line_and_column(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(DocumentError) as caught:
        convert(text)
    place = caught.value.place
    assert place is not None
    assert (caught.value.message, place.line, place.column) == (message, line, column)
    assert place.file == "api.yaml"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n...\n---\n"])
def test_nothing_is_said_to_be_nothing(text: str) -> None:
    with pytest.raises(DocumentError, match=r"is empty|second YAML document"):
        convert(text)


def test_oddities_are_findings_with_their_place() -> None:
    _, findings = to_json(
        memoryview(b"a: 1\nb: .inf\na: !include x.yaml\n"), "api.yaml", DEFAULT_LIMITS
    )
    assert [(f.code, f.line, f.column, f.severity) for f in findings] == [
        ("document.yaml-number", 2, 4, "warning"),
        ("document.duplicate-key", 3, 1, "warning"),
        ("document.yaml-tag", 3, 4, "warning"),
    ]


def test_findings_are_bounded() -> None:
    text = "".join("a: 1\n" for _ in range(50))
    _, findings = to_json(memoryview(text.encode()), "api.yaml", Limits(findings=10))
    assert len(findings) == 10


def test_aliases_cannot_expand_without_bound() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    with pytest.raises(
        DocumentError, match="its anchors and aliases come to more than 1,000,000 bytes"
    ):
        convert(f"a0: &a0 [xxxxxxxx]\n{levels}", Limits(alias_bytes=1_000_000))


def test_aliases_may_expand_up_to_the_bound() -> None:
    assert convert("a: &a xxxxxxxx\nb: [*a, *a]\n", Limits(alias_bytes=20))["b"] == ["xxxxxxxx"] * 2
    with pytest.raises(DocumentError, match="come to more than 19 bytes"):
        convert("a: &a xxxxxxxx\nb: [*a, *a]\n", Limits(alias_bytes=19))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "{a: " * 10_000,
        "- " * 10_000,
        "\n".join(" " * n + "a:" for n in range(2_000)),
    ],
    ids=["flow sequences", "flow mappings", "block sequences", "block mappings"],
)
def test_nesting_is_bounded(text: str) -> None:
    with pytest.raises(DocumentError, match="nested more than 256 levels deep"):
        convert(text)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"&a{n} [" for n in range(200)) + "x" * 1000 + "]" * 200,
        "b: &b {x: 1}\nc: " + "{<<: *b, y: " * 200 + "x" * 1000 + "}" * 200,
    ],
    ids=["anchors", "merge keys"],
)
def test_nested_anchors_and_merges_cannot_multiply_what_they_hold(text: str) -> None:
    with pytest.raises(DocumentError, match="come to more than 50,000 bytes"):
        convert(text, Limits(alias_bytes=50_000))


def test_numbers_beyond_all_use_are_refused() -> None:
    for number in ("0x" + "f" * 5000, "0" * 5000, "+" + "1" * 5000):
        with pytest.raises(DocumentError, match="digits is out of range"):
            convert(f"a: {number}")


def test_nesting_up_to_the_bound_is_fine() -> None:
    assert convert("[" * 256 + "]" * 256)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc:- #'\"<", max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(values, st.booleans())
def test_what_a_yaml_writer_wrote_is_read_back(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    assert convert(text) == value


@settings(max_examples=100, deadline=None)
@given(values)
def test_json_is_yaml(value: Any) -> None:
    assert convert(json.dumps(value, ensure_ascii=False)) == value


def json_or_error(text: str) -> str | DocumentError:
    try:
        return to_json(memoryview(text.encode()), "api.yaml", DEFAULT_LIMITS)[0]
    except DocumentError as error:
        return error


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}&*!<>|?#'\"%@,0.1 \n\t"), max_size=60))
def test_any_text_is_json_or_an_error(text: str) -> None:
    found = json_or_error(text)
    if isinstance(found, DocumentError):
        assert str(found).startswith("api.yaml")
    else:
        assert convert(found) == json.loads(found), "JSON is YAML"
