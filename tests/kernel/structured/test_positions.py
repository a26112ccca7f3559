"""For any value, in every format: it is read back, and every key stands where its mark says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.errors import ConfigError
from mockforge.structured import (
    Kind,
    Limits,
    Part,
    format_path,
    parse_structured,
    read_structured,
)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
TREES = st.dictionaries(WORDS, VALUES, max_size=5)


def paths(value: Any, above: tuple[Part, ...] = ()) -> Iterator[tuple[Part, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*above, key)
            yield from paths(item, (*above, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield (*above, index)
            yield from paths(item, (*above, index))


def read(text: str, kind: Kind) -> tuple[Any, list[str]]:
    """The value of a text, and the lines at the marks of keys that do not begin with the key, or do so for
    a second one."""
    doc = parse_structured(text, name="f", kind=kind)
    lines = text.split("\n")
    seen = set()
    misplaced = []
    for path in paths(doc.value):
        line, column = doc.position(path)
        rest = lines[line - 1][column - 1 :]
        key = path[-1]
        if isinstance(key, str):
            spellings = {key, json.dumps(key), json.dumps(key, ensure_ascii=False)}
            begins = rest.startswith((*spellings, '"', "'", "? "))
            if not begins or (line, column) in seen:
                misplaced.append(f"{path}: {rest}")
            seen.add((line, column))
    return doc.value, misplaced


@settings(max_examples=60, deadline=None)
@given(TREES, st.sampled_from([None, 1]))
def test_json(value: Any, indent: int | None) -> None:
    finite = json.loads(json.dumps(value).replace("Infinity", "1e308"))
    assert read(json.dumps(finite, indent=indent), "json") == (finite, [])


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_json_is_yaml(value: Any) -> None:
    finite = json.loads(json.dumps(value).replace("Infinity", "1e308"))
    assert read(json.dumps(finite, ensure_ascii=False), "yaml") == (finite, [])


def toml(value: Any) -> str:
    """A value in TOML notation."""
    if isinstance(value, dict):
        inside = ", ".join(
            f"{json.dumps(key, ensure_ascii=False)} = {toml(item)}" for key, item in value.items()
        )
        return f"{{{inside}}}"
    if isinstance(value, list):
        return "[ # a comment ]\n" + "".join(f"{toml(item)},\n" for item in value) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_none(item) for item in value if item is not None]
    return value


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_toml(value: Any) -> None:
    value = without_none(value)
    text = ""
    for key, item in value.items():
        text += f"{json.dumps(key, ensure_ascii=False)} = {toml(item)} # {key}\n"
    assert read(text, "toml") == (value, [])


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="ab:-[]{}&*<>!|'\"# \n\t,?1.", max_size=40),
    st.sampled_from(["yaml", "json", "toml"]),
)
def test_any_text_is_read_or_refused_with_a_place(text: str, kind: Kind) -> None:
    try:
        doc = parse_structured(text, name="f", kind=kind)
    except ConfigError as error:
        assert re.match(r"f:\d+:\d+", str(error))  # noqa: PT017 - either outcome is fine
    else:
        for path in paths(doc.value):
            assert doc.position(path) >= (1, 1)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab:-[]{}'\"# \n,?1.", max_size=40))
def test_structure_agrees_with_pyyaml(text: str) -> None:
    try:
        expected = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes text only
    except (yaml.YAMLError, TypeError):
        return
    try:
        found = parse_structured(text, name="f", kind="yaml").value
    except ConfigError as error:
        assert re.search("given twice|must be text", str(error))  # noqa: PT017 - stricter
        return
    assert texts(found) == texts(expected)


def texts(value: Any) -> Any:
    """The shape of a value, scalars left out."""
    if isinstance(value, dict):
        return {key: texts(item) for key, item in value.items()}
    return [texts(item) for item in value] if isinstance(value, list) else "scalar"


def test_paths_are_shown_with_odd_keys_quoted() -> None:
    assert format_path(("http", "routes", 2, "status")) == "http.routes[2].status"
    assert format_path(("paths", "/pets", 'a"b')) == 'paths["/pets"]["a\\"b"]'
    assert format_path(()) == ""


def test_files_are_read_by_their_ending(tmp_path: Path) -> None:
    for name, text in (
        ("a.yaml", "k: 1"),
        ("a.YML", "k: 1"),
        ("a.json", '{"k": 1}'),
        ("a.toml", "k=1"),
    ):
        (tmp_path / name).write_text(text)
        assert read_structured(tmp_path / name).value == {"k": 1}
    (tmp_path / "a.ini").write_text("k=1")
    with pytest.raises(ConfigError, match="cannot tell the format") as caught:
        read_structured(tmp_path / "a.ini")
    assert caught.value.hint == "name it with one of the endings .yaml, .yml, .json, .toml"
    assert read_structured(tmp_path / "a.ini", kind="toml").value == {"k": 1}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*none\.yaml: no such file"):
        read_structured(tmp_path / "none.yaml")
    (tmp_path / "d.yaml").mkdir()
    with pytest.raises(ConfigError, match="is a directory"):
        read_structured(tmp_path / "d.yaml")


def test_no_more_than_the_limit_is_read_from_disk(tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ConfigError, match="larger than 100 bytes"):
        read_structured(tmp_path / "huge.yaml", limits=Limits(size=100))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("json", '[\n {"a": [1, "]"]}, 7,"x" ,\n\tnull, [],{}, -1.5e3 ]'),
        ("json", "[]"),
        ("json", '  {"a": 1}'),
        ("yaml", "- a: [1]\n-   7\n- x\n"),
        ("toml", "a = [1]\n"),
    ],
)
def test_items_of_a_list_are_placed_like_each_of_them(kind: Kind, text: str) -> None:
    read = parse_structured(text, name="f", kind=kind)
    again = parse_structured(text, name="f", kind=kind)
    count = len(read.value) if isinstance(read.value, list) else 0
    assert read.items() == [again.position((number,)) for number in range(count)]
    assert read.items() == [read.position((number,)) for number in range(count)]
