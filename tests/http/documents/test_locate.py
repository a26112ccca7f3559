"""Positions of pointers in the source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.documents.locate import locate
from mockforge_http.documents.pointer import escape, join, split

from .making import write

JSON = """{
  "a": {"b": [1, {"c/d": "x\\"{["}, [
    2, 3]]},
\t"e~": null, "\\u00e9": 1, "é2": 2
}"""
YAML = """# top
a:
  b:
    - 1
    - c/d: "x{["
    - - 2
      - 3
"e~": ~
é: 1
f: &x {g: 1}
h: *x
"""


@pytest.mark.parametrize(
    ("pointer", "position"),
    [
        ("", (1, 1)),
        ("/a", (2, 3)),
        ("/a/b", (2, 9)),
        ("/a/b/0", (2, 15)),
        ("/a/b/1", (2, 18)),
        ("/a/b/1/c~1d", (2, 19)),
        ("/a/b/2/1", (3, 8)),
        ("/a/b/9", (2, 9)),
        ("/a/b/1/c~1d/deeper", (2, 19)),
        ("/e~0", (4, 2)),
        ("/é", (4, 14)),
        ("/é2", (4, 27)),
        ("/nowhere/at/all", (1, 1)),
    ],
)
def test_positions_in_json(tmp_path: Path, pointer: str, position: tuple[int, int]) -> None:
    assert locate(write(tmp_path, {"a.json": JSON}), [pointer]) == {pointer: position}


@pytest.mark.parametrize(
    ("pointer", "position"),
    [
        ("", (2, 1)),
        ("/a", (2, 1)),
        ("/a/b", (3, 3)),
        ("/a/b/0", (4, 7)),
        ("/a/b/1/c~1d", (5, 7)),
        ("/a/b/2/1", (7, 9)),
        ("/e~0", (8, 1)),
        ("/é", (9, 1)),
        ("/f/g", (10, 8)),
        ("/h/g", (11, 1)),
        ("/z", (2, 1)),
    ],
)
def test_positions_in_yaml(tmp_path: Path, pointer: str, position: tuple[int, int]) -> None:
    assert locate(write(tmp_path, {"a.yaml": YAML}), [pointer]) == {pointer: position}


def test_many_pointers_in_one_go(tmp_path: Path) -> None:
    found = locate(write(tmp_path, {"a.json": JSON}), ["/a", "/a/b/1", "/a", "/é2", "bad"])
    assert found == {"/a": (2, 3), "/a/b/1": (2, 18), "/é2": (4, 27), "bad": (1, 1)}


def test_the_first_or_the_last_of_two(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": '{"a": 1,\n"b": 2,\n"a": 3}'})
    assert locate(path, ["/a"]) == {"/a": (1, 2)}
    assert locate(path, ["/a"], last=True) == {"/a": (3, 1)}


def test_a_file_that_is_gone_has_no_positions(tmp_path: Path) -> None:
    assert locate(tmp_path / "gone.json", ["/a"]) == {}
    assert locate(write(tmp_path, {"a.json": JSON}), []) == {}


@pytest.mark.parametrize(
    "text", ["{", '{"a": [1', '{"a": "x', "a: [1\nb: }", "a: {b: 1, c: [", "]"]
)
def test_broken_files_are_located_as_far_as_they_go(tmp_path: Path, text: str) -> None:
    found = locate(write(tmp_path, {"a.yaml": text}), ["/a", "/b"])
    assert set(found) <= {"/a", "/b"}


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('ab/~é"\\{', max_size=3), inner, max_size=4)
    ),
    max_leaves=15,
)


def _pointers(value: Any, at: tuple[str, ...] = ()) -> list[str]:
    found = [join(at)]
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, member in members:
        found += _pointers(member, (*at, str(key)))
    return found  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(values)
def test_every_pointer_is_found_where_its_key_is(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    folder = tmp_path_factory.mktemp("locate")
    text = json.dumps(value, indent=1, ensure_ascii=False)
    pointers = _pointers(value)
    found = locate(write(folder, {"a.json": text}), pointers)
    assert set(found) == set(pointers)
    lines = text.split("\n")
    for pointer, (line, column) in found.items():
        token = split(pointer)[-1:] or ("",)
        rest = lines[line - 1][column - 1 :]
        assert (
            pointer == ""
            or rest.startswith(json.dumps(token[0], ensure_ascii=False))
            or (token[0].isdigit() and lines[line - 1][: column - 1].strip() == "")
        )
    dumped = yaml.safe_dump(value, allow_unicode=True)
    assert set(locate(write(folder, {"a.yaml": dumped}), pointers)) == set(pointers)


@given(st.lists(st.text(max_size=5), max_size=5))
def test_pointers_are_split_as_they_were_joined(tokens: list[str]) -> None:
    assert split(join(tokens)) == tuple(tokens)
    for token in tokens:
        assert split("/" + escape(token)) == (token,)


def test_what_is_no_pointer_is_refused() -> None:
    with pytest.raises(ValueError, match="starts with '/'"):
        split("a/b")
