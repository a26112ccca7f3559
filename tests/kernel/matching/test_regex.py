"""Regular expressions: the dialect, and that none can hang a server."""

from __future__ import annotations

import pytest

from mockforge.mocking.regex import compile_regex
from mockforge.mocking.regex.engine import LONGEST, MOST_KEPT
from tests.kernel.matching.checks import holds


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^\d+$", ["12"], ["1a", "", "٣", "1\n"]),
        (r"\d+", ["12"], ["a12", "12a"]),
        ("a|bc", ["a", "bc"], ["ac", "b"]),
        (".*a\nb", ["xa\nb"], ["a b"]),
        ("a.b", ["a\nb", "a\u2028b"], ["ab"]),
        ("(?i)ABC", ["abc"], ["ab"]),
        (r"\Qa.b\E\d", ["a.b1"], ["axb1"]),
        (r"\p{Alpha}+", ["aB"], ["é", "1"]),
        (r"\p{L}+", ["é"], ["1"]),
        ("[[:alpha:]]+", ["ab"], ["1"]),
        ("[a-z&&[^b]]", ["c"], ["b"]),
        (r"[\w&&[^\d]]+", ["ab_"], ["a1"]),
        ("[a[bc]]+", ["abc"], ["d"]),
        ("[^a[bc]]", ["d", "\n"], ["a", "c"]),
        ("[[]", ["["], ["a"]),
        (r"a\hb", ["a b", "a\tb"], ["a\nb"]),
        (r"a\Rb", ["a\r\nb", "a\nb"], ["a b"]),
        ("(?!x).*", ["abc"], ["xbc"]),
        (r"(a)\1", ["aa"], ["ab"]),
        (r"(?<n>a)\k<n>", ["aa"], ["ab"]),
        ("(?P<n>a)(?P=n)", ["aa"], ["ab"]),
        ("a++b", ["aab"], ["aa"]),
        (r"\Aa\z", ["a"], ["b"]),
        ("", [""], ["a"]),
    ],
)
def test_patterns_describe_whole_texts(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [text for text in yes if not holds({"matches": pattern}, text)] == []
    assert [text for text in no if holds({"matches": pattern}, text)] == []
    assert [text for text in yes if holds({"notMatches": pattern}, text)] == []
    assert [text for text in no if not holds({"notMatches": pattern}, text)] == []


def test_what_is_absent_does_not_match_and_half_characters_do_not_either() -> None:
    assert not holds({"matches": ".*"}, None)
    assert holds({"notMatches": ".*"}, None)
    assert not holds({"matches": ".*"}, "\ud800")


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|a)*", "(a|aa)+", "(.*a){20}", "(?=(a+)+b)a*", r"(a*)*\1b", "(?!(a|a)*c)(a+)+$"],
)
def test_patterns_that_explode_elsewhere_are_answered(pattern: str) -> None:
    assert compile_regex(pattern)("a" * 5000 + "!") is False


@pytest.mark.parametrize(
    "pattern",
    ["(", "[a", "*a", "a**", "(?>a)", "(" * 500, r"\k<x>(?<n>a)", "a" * (LONGEST + 1), "\ud800"],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compile_regex(pattern)


def test_patterns_that_grow_too_large_are_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        compile_regex(r"(\p{L}{1000}){1000}")


def test_compiled_patterns_are_kept_up_to_a_number() -> None:
    for i in range(MOST_KEPT + 20):
        compile_regex(f"a{i}")
    assert compile_regex.cache_info().currsize == MOST_KEPT
