"""The kind of a document by a key at its root."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.structured.roots import has_root_key, root_names


@pytest.mark.parametrize(
    "text",
    [
        "asyncapi: 3.0.0\ninfo: {}\n",
        "# a comment\ninfo:\n  title: x\n'asyncapi': 3.0.0\n",
        '\ufeff"asyncapi" : 3.0.0',
        '{"info": {}, "asyncapi": "3.0.0"}',
        "{asyncapi: 3.0.0, info: {}}",
        '{"asyncapi": "3.0.0", ',
    ],
)
def test_a_key_at_the_root_is_found_in_yaml_and_in_json(text: str) -> None:
    assert root_names(text.encode(), "asyncapi")


@pytest.mark.parametrize(
    "text",
    [
        "openapi: 3.1.0\nx-other:\n  asyncapi: 3.0.0\n",
        '{"openapi": "3.1.0", "x-other": {"asyncapi": 1}}',
        "asyncapis: 1",
        "",
        "[asyncapi]",
        '{"info": ',
    ],
)
def test_the_same_key_elsewhere_is_not(text: str) -> None:
    assert not root_names(text.encode(), "asyncapi")


def test_a_file_that_cannot_be_read_names_nothing(tmp_path: Path) -> None:
    assert not has_root_key(tmp_path / "none.yaml", "asyncapi")
    assert not has_root_key(tmp_path, "asyncapi")


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text(), st.lists), max_size=4))
def test_json_is_told_as_a_parser_tells_it(value: dict[str, object]) -> None:
    content = json.dumps(value).encode()
    assert root_names(content, "asyncapi") == ("asyncapi" in value)
    assert root_names(json.dumps({**value, "asyncapi": 1}).encode(), "asyncapi")


@given(st.binary())
def test_octets_of_any_kind_are_told_without_an_error(content: bytes) -> None:
    assert root_names(content, "asyncapi") in (True, False)
