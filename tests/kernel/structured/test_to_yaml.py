"""What is written as YAML is read back as the same value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockforge.structured import parse_structured
from mockforge.structured.to_yaml import yaml_text

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
LOOKALIKES = st.sampled_from(
    ["1e3", "0x1f", "1_000", ".5", "yes", "null", "~", "12:30", "-", "a: b", "# x", "|", "a\n", "\na",
     " a\nb", "a \nb", "a\n\n", "\t", "{{ x }}", "{% x %}", "2020-01-01", ".inf", "+1", "0o7", "=", "<<",
     "\u2028", "\ufeff"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | LOOKALIKES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS | LOOKALIKES, inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
@example({"a": "x" * 2000 + " y" * 2000})
@example({"<<": {"a": 1}})
@example("a\n b\n")
@example([-(2**70), "a\n\nb", "a\r\nb", "---", "...", "? a", "& a", "* a", "% a", "@ a", "` a"])
def test_a_value_is_read_back_as_it_was(value: Any) -> None:
    assert parse_structured(yaml_text(value), name="a", kind="yaml").value == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([{"id": "a", "list": [1]}], "- id: a\n  list:\n    - 1\n"),
        ({"text": "two\nlines\n"}, "text: |\n  two\n  lines\n"),
        ({"version": "1e3", "on": "yes"}, "version: '1e3'\n'on': 'yes'\n"),
    ],
)
def test_it_is_written_for_people(value: Any, text: str) -> None:
    assert yaml_text(value) == text
