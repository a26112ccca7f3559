"""Regular expressions of ECMA-262: what the engine refuses or reads differently, and that nothing hangs."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Final

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.regex import COMPILED_BYTES
from mockforge.mocking.regex.ecma import rewrite
from mockforge_http.validation.patterns import prepare
from tests.http.validation.making import accepts, says, validator

TEXTS: Final = [
    "", "a", "b", "ab", "aa", "aab", "abc", "abcd", "foo", "foo bar", "A", "Z", "0", "9", "123", "_", "-",
    "--", ".", "a.b", "&", "&&", "[", "]", "[]", "{", "}", "x{,3}", "a{1", "{}", "\n", "\r", "\u2028", "\x85",
    "\xa0", "\ufeff", "\t", "\v", "\f", "\x1c", " ", "\\", "^", "$", "$5", "5", "/", "~", "#", "!", "\x00",
    "\x7f", "\x08", "\x01", "cA", "e", "h", "p", "k", "é", "É", "ß", "λ", "٣", "日本", "\U0001f600", "K",
    "a@b.cc", "a\n", "a\nb", "+", ",", ":", "2020-01", "u{1F600}", "a]",
]  # fmt: skip

PATTERNS: Final = [
    r"[\w-\.]", r"(?<n>a)\k<n>", r"^(?=.*a)a+$", r"\p{L}", r"^\P{Lu}$", r"\p{Script=Greek}",
    r"\u{1F600}", r"\ud83d\ude00", r"^[\ud83d\ude00]$", r"^[\u0000-\udfff]$", r"^[\uD800-\uDBFF]$", r"\cA",
    r"[^]", r"[]", r"\/", r"\-", r"^.{1,1000}$", r"^[\S\s]{0,65535}$", r"[a-z&&[b]]", r"[[a]", r"\d",
    r"x{,3}", r"{", r"}", r"]", r"a{1", r"(?<!a)b", r"\1(a)", r"(a)\1", r"(a\1)", r"\x41", r"\e", r"\_",
    r"[\d-z]",
    r"[a-\d]", r"[\b]", r"\0", r"\08", r"\101", r"[\101]", r"[[:alpha:]]", r"^$", r"#x", r"^.$", r"^\w$",
    r"^\W$", r"^\s$", r"^\S$", r"^\d$", r"^\D$", r"\bfoo\b", r"^a|b$", r"^[^\W_]+$", r"a$", r"^[^\n]$",
    r"(a)(?:b)?\1", r"^(?!.*\.\.).+$", r"^[&&]$", r"^[\-a]$", r"^[a-]$", r"^[-a]$", r"^[\]a]$", r"^[!-/]$",
    r"^[ -~]$", r"^[\x00-\x7f]$", r"^\u00e9$", r"\.", r"^[.]$", r"\\", r"^[\\]$", r"^[\^]$", r"\$", "(?:)",
    "", r"^\v$", r"^[\cJ]$", r"^[\W]$", r"^[^\d\w]$", r"^(a|ab)(c|bcd)$", r"(?<=\$)\d+", r"^[\w.-]+$",
    r"^[+-.]$", r"[~~]", r"^[#]$", r"a{0}", r"^a{2,}$", r"^a{1,2}?$", r"(?<year>\d{4})-(\d\d)", r"\c", r"\k",
    r"\u12", r"\x1", r"(?:a|b)+?$", r"^[\d\s]$", r"^\p{L}{1,2}$",
]  # fmt: skip


def test_patterns_mean_what_they_mean_in_javascript() -> None:
    """Asked of Node.js: with the ``u`` flag if the pattern is good with it, else without."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    script = """
        const {patterns, texts} = JSON.parse(require('fs').readFileSync(0));
        const compiled = p => { try { return new RegExp(p, 'u') } catch { return new RegExp(p) } };
        console.log(JSON.stringify(patterns.map(p => texts.map(t => compiled(p).test(t)))));
    """
    sent = json.dumps({"patterns": PATTERNS, "texts": TEXTS})
    ran = subprocess.run(
        [node, "-e", script], input=sent, capture_output=True, text=True, check=True
    )
    for pattern, verdicts in zip(PATTERNS, json.loads(ran.stdout), strict=True):
        made = validator({"pattern": pattern})
        assert not made.problems, pattern
        ours = [made.is_valid(text) for text in TEXTS]
        differing = [text for text, a, b in zip(TEXTS, ours, verdicts, strict=True) if a != b]
        assert differing == [], pattern


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"[\w-\.]+$", "a-.b", "a/"),
        (r"^(?<n>a|b)\k<n>$", "aa", "ab"),
        (r"\Aab\Z", "ab", "abc"),
        (r"^[^]$", "\n", ""),
        (r"^.$", "a", "\u2028"),
        (r"^\{$", "{", "a"),
        (r"^(?i)ab$", "AB", "ac"),
        (r"^(?i:a)b$", "Ab", "AB"),
    ],
)
def test_what_the_engine_refuses_is_written_in_other_words(
    pattern: str, good: str, bad: str
) -> None:
    assert accepts({"pattern": pattern}, good)
    assert not accepts({"pattern": pattern}, bad)


@pytest.mark.parametrize(
    "pattern", ["a(", "a)", "[a", "*a", "[z-a]", "(?<n", "(?#x)", "\\", r"(?<a>b)\k<c>"]
)
def test_what_is_no_pattern_is_named_and_not_enforced(pattern: str) -> None:
    made = validator({"pattern": pattern, "maxLength": 3})
    assert [problem for problem in made.problems if pattern in problem]
    assert made.is_valid("zzz")
    assert not made.is_valid("zzzz")


def test_a_message_shows_the_pattern_as_the_document_writes_it() -> None:
    assert says({"pattern": r"^[\w-\.]+$"}, "/") == [r' must match the pattern ^[\w-\.]+$, got "/"']


# ---------------------------------------------------------------------- large and slow ones


def test_a_class_repeated_very_often_is_checked_by_its_length() -> None:
    schema = {"pattern": r"^[\s\S]{2,100000}$", "minLength": 1, "maxLength": 200_000}
    assert accepts(schema, "ab")
    assert accepts(schema, "é" * 100_000)
    assert not accepts(schema, "a")
    assert not accepts(schema, "a" * 100_001)


def test_the_lengths_of_a_pattern_do_not_replace_those_of_the_schema() -> None:
    schema = {"pattern": "^.{5,100000}$", "minLength": 2, "maxLength": 8}
    assert [n for n in (2, 4, 5, 8, 9) if accepts(schema, "a" * n)] == [5, 8]


def test_what_is_too_large_for_the_engine_is_left_to_python() -> None:
    pattern = r"^x(?:[\s\S]{0,60000}y){2}$"
    assert prepare(pattern).how == "python"
    assert accepts({"pattern": pattern}, "x12y34y")
    assert says({"pattern": pattern}, "x1y") == [f' must match the pattern {pattern}, got "x1y"']


def test_a_compiled_pattern_is_bounded() -> None:
    options = jsonschema_rs.FancyRegexOptions(size_limit=COMPILED_BYTES)
    with pytest.raises(ValueError, match="regex"):
        jsonschema_rs.Draft202012Validator(
            {"pattern": r"^\w{9000}x{9000}$"}, pattern_options=options
        )
    assert prepare(r"^\w{9000}x{9000}$").how == "python"


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)+$",
        r"^(a|a)*$",
        r"^(a|aa)+$",
        r"^(.*a){20}$",
        r"^(?=(a+)+$)a",
        r"^(a+)+\1$",
        r"(?:a+){50}!",
    ],
)
def test_no_pattern_hangs(pattern: str) -> None:
    """The work is bounded by the engine, not by time: what needs look-around is given up after a number of
    steps and does not match then. With a backtracking engine these take longer than the universe."""
    made = validator({"pattern": pattern})
    made.is_valid("a" * 5_000 + "!")
    assert not made.problems


def test_keys_of_pattern_properties_are_patterns_too() -> None:
    schema = {
        "patternProperties": {r"^[\w-\.]+$": {"type": "integer"}},
        "additionalProperties": False,
    }
    assert accepts(schema, {"a-.b": 1})
    assert not accepts(schema, {"a": "x"})
    assert not accepts(schema, {"/": 1})


def test_a_key_that_cannot_be_matched_opens_the_object() -> None:
    schema = {"patternProperties": {"a(": {}}, "additionalProperties": False}
    assert accepts(schema, {"anything": 1})


# ---------------------------------------------------------------------- anything at all

PIECES = st.lists(
    st.sampled_from([*"ab01-^$.|?*+()[]{},\\:=!<>kuxpcdwsbDWS &~#/\n\x00é\ud7ff"]), max_size=14
).map("".join)


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_whatever_is_written_compiles_or_is_refused(pattern: str) -> None:
    try:
        written = rewrite(pattern)
    except ValueError:
        return
    assert isinstance(written.text, str)
    made = validator({"pattern": pattern, "patternProperties": {pattern: True}})
    made.is_valid("ab")
    made.is_valid({"ab": 1})


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=6), st.text(max_size=8))
def test_an_escaped_text_matches_itself_and_nothing_else(text: str, other: str) -> None:
    special = set("^$\\.*+?()[]{}|/")
    pattern = "^" + "".join(f"\\{char}" if char in special else char for char in text) + "$"
    made = validator({"pattern": pattern})
    assert made.is_valid(text)
    assert made.is_valid(other) == (other == text)
