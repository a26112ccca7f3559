"""Patterns of paths."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.wildcard import Wildcard


@given(st.text("ab/*", max_size=8), st.text("ab/", max_size=12))
@settings(max_examples=400, deadline=None)
def test_a_pattern_fits_as_shells_have_it(pattern: str, text: str) -> None:
    assert Wildcard(pattern).matches(text) is fnmatchcase(text, pattern)


def test_no_pattern_takes_long() -> None:
    # a backtracking matcher would not come to an end with these
    assert not Wildcard("*a" * 500 + "*b").matches("a" * 16_000)


def test_only_the_star_means_something() -> None:
    assert Wildcard("/pets/{id}[?].*").matches("/pets/{id}[?].json")
    assert not Wildcard("/pets?").matches("/pets1")
