"""Whatever a stub says and whatever arrives: no surprises."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockforge.mocking.matching import (
    Content,
    Predicate,
    PredicateError,
    Subject,
    compile_predicate,
    key_of,
    predicate_names,
)
from mockforge.mocking.matching.jsonpath import JsonPathError, compile_jsonpath
from mockforge.mocking.matching.xmldocument import parse_text
from mockforge.mocking.matching.xpath import XPathError, compile_xpath
from mockforge.mocking.regex import compile_regex

SCALARS: Final = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON: Final[st.SearchStrategy[Any]] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
TEXTS: Final = (
    st.text(max_size=30)
    | st.text("<>/ab='\"& ", max_size=30)
    | st.text('{}[]",:0123', max_size=30)
    | st.sampled_from(
        ["2026-01-01T00:00:00Z", "a=1&b=2", "<a>x</a>", '{"a": [1, "x"]}', "12", "", "\ud800"]
    )
)
CONTENTS: Final = st.builds(
    Content,
    st.binary(max_size=60) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        ["", "application/json", "application/xml; charset=utf-16", "text/plain; charset=nope",
         "multipart/mixed", "multipart/form-data; boundary=B", "application/x-www-form-urlencoded",
         "application/json; charset=latin1"]
    ),
) | JSON.map(Content.of_json)  # fmt: skip
VALUES: Final[st.SearchStrategy[Subject]] = st.none() | TEXTS | CONTENTS

PATHS: Final = st.text("$@.*[]?()'ab01:,&|!=<>~/ ", max_size=20) | st.sampled_from(
    ["$.a", "$..a", "$[?(@.a == 'x')]"]
)
XPATHS: Final = st.text("/*@.[]()ab01='|+-<:, ", max_size=20) | st.sampled_from(
    ["//a", "count(//a) = 1", "/a/text()"]
)
PATTERNS: Final = st.text(r"ab.*+?()[]{}|\^$-&:<>P=!dwsQE1,", max_size=16)
SPECIFIC: Final[dict[str, st.SearchStrategy[Any]]] = {
    "matches": PATTERNS,
    "notMatches": PATTERNS,
    "jsonPath": PATHS | st.dictionaries(PATHS, SCALARS, max_size=2),
    "xpath": XPATHS | st.dictionaries(XPATHS, SCALARS, max_size=2),
    "xml": st.text("<>/ab='\" ${}xmlunit.ignore", max_size=30) | st.sampled_from(["<a>x</a>", "<a/>"]),
    "before": st.text("now +-3days0:TZ2026", max_size=20) | st.just("now +3 days"),
    "base64": st.text("ab=", max_size=8),
    "jsonSchema": st.sampled_from([{"type": "string"}, {"minimum": 3}, {"required": ["a"]}]) | JSON,
}  # fmt: skip


def mapping(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mappings of predicates, sensible or not."""
    named = st.sampled_from(predicate_names()).flatmap(
        lambda name: st.tuples(
            st.just(name), SPECIFIC.get(name, inner) | inner | st.lists(inner, max_size=2)
        )
    )
    option = st.tuples(
        st.sampled_from(["ignoreArrayOrder", "format", "truncate", "namespaces", "allParts"]),
        SCALARS,
    )
    return st.lists(named | option, min_size=1, max_size=3).map(dict)


SPECS: Final[st.SearchStrategy[Any]] = st.recursive(JSON, mapping, max_leaves=5)
SPEC_MAPPINGS: Final = mapping(SPECS)


def compiled(spec: Any) -> Predicate | None:
    """The predicate, if ``spec`` is one."""
    try:
        return compile_predicate(spec)
    except PredicateError:
        return None


@given(SPEC_MAPPINGS | SPECS, st.lists(VALUES, min_size=1, max_size=3))
@settings(max_examples=400)
def test_compiling_raises_predicate_errors_only_and_matching_never(
    spec: Any, values: list[Subject]
) -> None:
    predicate = compiled(spec)
    if predicate is None:
        return
    for value in [*values, None]:
        verdict = predicate.matches(value)
        miss = predicate.mismatch(value)
        assert isinstance(verdict, bool)
        assert (miss is None) == verdict
        if miss is not None:
            assert 0 <= miss.distance <= 1
    assert predicate.among(values[:1]) == predicate.matches(values[0])
    assert (predicate.mismatch_among(values) is None) == predicate.among(values)
    assert isinstance(str(predicate), str)


@given(SPEC_MAPPINGS | SPECS, st.lists(VALUES, max_size=3))
@settings(max_examples=200)
def test_negation_is_the_complement(spec: Any, values: list[Subject]) -> None:
    predicate = compiled(spec)
    negated = compiled({"not": spec})
    assert (predicate is None) == (negated is None)
    if predicate is None or negated is None:
        return
    assert all(predicate.matches(value) != negated.matches(value) for value in [*values, None])
    assert predicate.among(values) != negated.among(values)


@pytest.mark.parametrize(("one", "other"), [("contains", "notContains"), ("matches", "notMatches")])
@given(text=st.text("ab", max_size=3), value=VALUES)
@settings(max_examples=60)
def test_named_negations_are_complements_too(
    one: str, other: str, text: str, value: Subject
) -> None:
    assert compile_predicate({one: text}).matches(value) != compile_predicate(
        {other: text}
    ).matches(value)


@given(SPECS | TEXTS, VALUES)
@settings(max_examples=200)
@example(3, Content.of_json(3.0))
@example("1e3", Content.of_json(1e3))
def test_an_exact_text_decides_alone(spec: Any, value: Subject) -> None:
    predicate = compiled(spec)
    if predicate is not None and predicate.exact is not None:
        assert predicate.matches(value) == (key_of(value) == predicate.exact)


@given(CONTENTS)
@settings(max_examples=200)
def test_views_never_raise_and_are_made_once(content: Content) -> None:
    assert content.text is content.text
    assert content.json is content.json
    assert content.form is content.form
    assert content.parts is content.parts
    assert content.xml is content.xml
    assert isinstance(content.raw, bytes)
    assert len(content.preview(20)) <= 20


@given(PATHS | st.text(max_size=20), JSON)
@settings(max_examples=300)
def test_paths_are_refused_or_work(text: str, value: Any) -> None:
    try:
        path = compile_jsonpath(text)
    except JsonPathError:
        return
    found = path.find(value)
    assert isinstance(found, list)
    assert len(found) <= 1 or not path.definite


@given(XPATHS | st.text(max_size=20))
@settings(max_examples=300)
def test_expressions_are_refused_or_work(text: str) -> None:
    try:
        expression = compile_xpath(text)
    except XPathError:
        return
    found = expression.evaluate(parse_text("<a b='1'>x<a>0</a><b/></a>"))
    assert found is None or isinstance(found, list | str | float | bool)


@given(PATTERNS | st.text(max_size=16), TEXTS)
@settings(max_examples=300)
def test_patterns_are_refused_or_work(pattern: str, text: str) -> None:
    try:
        is_match = compile_regex(pattern)
    except ValueError:
        return
    if not any(0xD800 <= ord(char) < 0xE000 for char in text):
        assert isinstance(is_match(text), bool)
