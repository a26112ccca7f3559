"""What is written reads back as what it was, and is there whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockforge.structured import parse_structured
from mockforge_http.recording.writing import write_file, yaml_text

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["yes", "no", "null", "~", "1", "1.0", "0o17", "0x1f", "1e3", ".inf", "2020-01-01", "=", "<<", "- a",
     "a: b", "#", "'", '"', "a\nb\n", "a\n\nb", "a\n  b\n", " a\nb", "a \nb", "\ta\nb", "a\r\nb", "a\n",
     "a\n\n", "\n", "---", "...", "? a", "& a", "* a", "! a", "| a", "> a", "% a", "@ a", "` a", "\u2028"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=400)
@given(VALUES)
@example({"a": "x" * 2000 + " y" * 2000})
@example({"<<": {"a": 1}})
@example("a\n b\n")
def test_yaml_reads_back_as_what_was_written(value: Any) -> None:
    text = yaml_text({"value": value})
    assert parse_structured(text, name="x", kind="yaml").value == {"value": value}


def test_lines_are_written_to_be_read() -> None:
    text = yaml_text({"path": "/pets/1", "text": "<p>\n  hello\n</p>\n", "word": "no", "x": "1"})
    assert text.decode() == (
        'path: /pets/1\ntext: |\n  <p>\n    hello\n  </p>\nword: "no"\nx: "1"\n'
    )


def test_a_file_is_replaced_in_one_step_and_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "below" / "x.yaml"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["x.yaml"]

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_file(path, b"three")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["x.yaml"]
