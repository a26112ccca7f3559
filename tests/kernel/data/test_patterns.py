"""The ``pattern`` keyword: ECMA-262 read as such, texts made within length bounds, no traps."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.data.ecma import translate
from mockforge.mocking.data.patterns import Pattern, pattern
from tests.kernel.data.kit import seeded, valid_samples


def made(text: str, low: int = 0, high: int = 256, *, count: int = 20) -> list[str]:
    compiled = Pattern(text)
    random = seeded(1).random
    values = [compiled.make(random, low, high) for _ in range(count)]
    assert all(value is not None for value in values), text
    return [value for value in values if value is not None]


@pytest.mark.parametrize(
    ("ecma", "accepted", "refused"),
    [
        (r"^\d+$", "42", "\u0664\u0662"),  # \d is ASCII
        (r"^\w$", "x", "\u00e9"),
        (r"^\s$", "\u00a0", "x"),
        (r"^\S$", "x", "\ufeff"),
        (r"^a$", "a", "a\n"),  # $ is the very end
        (r"^(?<year>\d{4})-\k<year>$", "2024-2024", "2024-2025"),
        (r"^\p{Lu}\p{Ll}+$", "\u00c9t\u00e9", "ete"),
        (r"^\P{L}$", "1", "a"),
        (r"^[\p{Script=Greek}]+$", "\u03b1\u03b2", "ab"),
        (r"^\u{1F600}$", "\U0001f600", "x"),
        (r"^\u0041\x42\cJ$", "AB\n", "AB"),
        (r"^\/\-\_$", "/-_", "x"),
        (r"^[^]$", "\n", ""),
        (r"^[\w-.]+$", "a-.b", "a b"),
        (r"^[a-]$", "-", "b"),
        (r"^[[&&~~||-]+$", "[&~|-", "x"),
        (r"^{a}$", "{a}", "a"),
        (r"^x{2}$", "xx", "x{2}"),
        (r"^(a)\1$", "aa", "ab"),
        (r"^[\b]$", "\b", "b"),
        (r"\Aabc\Z", "abc", "abcd"),
    ],
)  # fmt: skip
def test_ecma_syntax_is_understood(ecma: str, accepted: str, refused: str) -> None:
    compiled = Pattern(ecma)
    assert compiled.matches(accepted)
    assert not compiled.matches(refused)


@pytest.mark.parametrize("broken", ["[a", "(", "a\\", r"\p{NoSuchProperty}", "*", r"(?<n>a)\k<m>"])
def test_what_is_no_pattern_is_not_enforced(broken: str) -> None:
    assert pattern(broken) is None
    assert valid_samples({"type": "string", "minLength": 3}, count=3)


@pytest.mark.parametrize(
    "text",
    [
        r"^[A-Z]{2}-\d{3,5}$",
        r"^(?=.*[A-Z])(?=.*\d)(?=.*[!@#]).{8,}$",
        r"^(?!.*--)[a-z-]+$",
        r"^#?([0-9a-fA-F]{3}){1,2}$",
        r"^(\w+)-\1$",
        r"^a|b$",
        r"\bfoo\b",
        r"^(([01]?\d\d?|2[0-4]\d|25[0-5])\.){3}([01]?\d\d?|2[0-4]\d|25[0-5])$",
        r"^\S+@\S+\.\S+$",
        r"^[^\x00-\x7f]+$",
        r"^\p{L}{3,5}$",
        r"^$",
        "",
        r"^(GET|POST) /[a-z]+(/\{[a-z]+\})?$",
        r"^arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$",
    ],
)
def test_texts_match_their_pattern(text: str) -> None:
    compiled = Pattern(text)
    assert all(compiled.matches(value) for value in made(text))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        (r"^[a-z]+$", 40, 45),
        (r"^.{0,5000}$", 0, 5),
        (r"(a+)+$", 30, 40),
        (r"^(ab|cde)+$", 11, 12),
        ("foo", 10, 12),
        ("^foo", 10, 12),
        ("foo$", 10, 12),
        (r"^\d+(\.\d+)*$", 9, 9),
        (r"^(?=.*\d)[a-z0-9]+$", 30, 30),
    ],
)
def test_texts_keep_the_length_bounds(text: str, low: int, high: int) -> None:
    for value in made(text, low, high):
        assert low <= len(value) <= high
        assert re.search(translate(text), value)


literals = st.sampled_from(["a", "B", "7", "_", "-", r"\.", "[a-f]", "[^x-z]", r"\d", r"\w", "."])
expressions = st.recursive(
    literals,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(expressions, st.booleans(), st.integers(0, 100))
def test_any_expression_without_look_around_is_matched_at_once(
    expression: str, anchored: bool, seed: int
) -> None:
    text = f"^{expression}$" if anchored else expression
    value = Pattern(text).make(seeded(seed).random, 0, 10_000)
    assert value is not None
    if len(value) < 18:  # the judge is a backtracking matcher
        assert re.search(text, value)


@pytest.mark.parametrize(
    "trap",
    [
        r"^(a+)+$",
        r"^(a|a)*$",
        r"^(ab|ab)*$",
        r"^((a|b|ab)*)*$",
        r"^(\w+\s?)*$",
        r"^(.*)(.*)(.*)(.*)(.*)x$",
        r"^(a*)*b$",
        r"^(?=(a+)+$)a",
    ],
)
def test_a_text_that_matching_could_hang_on_is_taken_to_match(trap: str) -> None:
    assert Pattern(trap).matches("a" * 5000 + "!")


@pytest.mark.parametrize(
    "harmless",
    [r"^[a-z]+(-[a-z]+)*$", r"^[^@]+@[^@]+\.[a-z]+$", r"^(/[\w.~-]+)+$", r"^\d{1,3}(,\d{3})*$"],
)
def test_usual_patterns_are_judged_at_any_usual_length(harmless: str) -> None:
    assert not Pattern(harmless).matches("a-b-" * 400 + "!")


def test_two_patterns_are_met_together() -> None:
    schema = {
        "type": "string",
        "allOf": [{"pattern": "^[a-z0-9]{6,}$"}, {"pattern": r"\d"}, {"pattern": "^[a-f]"}],
    }
    for value in valid_samples(schema):
        assert re.search(r"^(?=[a-f])(?=.*\d)[a-z0-9]{6,}$", value)
