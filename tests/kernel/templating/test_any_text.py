"""Whatever a template says, compiling and rendering it give a text or a TemplateError."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.templating import TemplateError, TemplateLimits
from tests.kernel.templating.kit import made, render, render_value

SMALL = made(limits=TemplateLimits(fuel=20_000, max_output=10_000, max_time=5))
VOCABULARY = SMALL.vocabulary
NAMES = """
request state loop a b ns namespace() request.path request.query.limit request.json
request.headers.x-trace-id .get .items .replace .join
if else for in set not and or is defined none true 0 1 2.5 1h 9999999999 'x' '%s' '$.name' 'a.*b' '\\u00e9'
( ) [ ] { } , : = == < + - * ** / // % ~ . |
"""
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "<", ">=", "in", "and", "or"]
FILTERS = st.sampled_from(sorted(VOCABULARY.filters))
WORDS = st.sampled_from(
    [
        *NAMES.split(),
        *VOCABULARY.functions,
        *(f"| {name}" for name in VOCABULARY.filters),
        *(f"is {name}" for name in VOCABULARY.tests),
    ]
)
EXPRESSIONS = st.lists(WORDS, max_size=8).map(" ".join)
VALUES = [
    "1",
    "'ab'",
    "1.5",
    "none",
    "request.json",
    "request.path",
    "a",
    "now",
    "[1, 'b']",
    "{'k': 2}",
]
OPERANDS = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(inner, FILTERS).map(" | ".join),
        st.tuples(inner, FILTERS, inner).map(lambda parts: f"{parts[0]} | {parts[1]}({parts[2]})"),
        st.tuples(st.sampled_from(sorted(VOCABULARY.functions)), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(inner, st.sampled_from(["name", "0", "get('a')", "upper()", "nope()"])).map(
            ".".join
        ),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
    ),
    max_leaves=6,
)
PIECES = st.one_of(
    st.text(max_size=6),
    EXPRESSIONS.map("{{{{ {} }}}}".format),
    EXPRESSIONS.map("{{% {} %}}".format),
    OPERANDS.map("{{{{ {} }}}}".format),
    OPERANDS.map("{{% set a = {} %}}".format),
    OPERANDS.map("{{% for a in {} %}}{{{{ a }}}}{{% endfor %}}".format),
    OPERANDS.map("{{% if {} %}}x{{% endif %}}".format),
    st.sampled_from(
        ["{%", "%}", "{{", "}}", "{#", "#}", "{", "{% raw %}", "{% endraw %}", "{% endif %}", "{% else %}"]
    ),
)  # fmt: skip
SOURCES = st.lists(PIECES, max_size=6).map("".join)


@given(SOURCES)
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_template_or_an_error_with_its_place(source: str) -> None:
    try:
        text = render(source, SMALL)
    except TemplateError as error:
        text = str(error.place)
    assert text == "stubs.yaml:3:5 (response.text)" or len(text) <= 10_000


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_text_without_tags_is_itself(text: str) -> None:
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        assert render(text) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | SOURCES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_value_is_a_template_or_an_error(value: object) -> None:
    place: object = "none"
    try:
        render_value(value, SMALL)
    except TemplateError as error:
        place = error.place
    assert place is not None
