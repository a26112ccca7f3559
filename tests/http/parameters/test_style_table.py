"""The tables "Style Examples" of the OpenAPI specifications: every row is written and read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mockforge_http.parameters import ParameterSpec, format_parameter
from tests.corpus import corpus, corpus_root
from tests.http.parameters.sending import STRINGS, spec, value_of

_PLACES = {"matrix": "path", "label": "path", "simple": "path", "cookie": "cookie"}
_SCHEMAS: dict[str, Any] = {
    "string": {"type": "string"},
    "array": STRINGS,
    "object": {"type": "object", "properties": {name: {"type": "integer"} for name in "RGB"}},
}


def _rows() -> Iterator[Any]:
    path = corpus_root() / "param-style" / "style-table.json"
    if not path.exists():
        yield pytest.param("", {}, "string", id="absent")
        return
    for version, rows in json.loads(path.read_text())["tables"].items():
        for row in rows:
            for kind in ("undefined", "string", "array", "object"):
                if row[kind] is not None:
                    name = f"{version}-{row['style']}-{row['explode']}-{kind}"
                    yield pytest.param(version, row, kind, id=name)


def _spec(row: dict[str, Any], kind: str) -> ParameterSpec:
    place = _PLACES.get(row["style"], "query")
    explode = None if row["explode"] is None else row["explode"] == "true"
    return spec(place, _SCHEMAS[kind], style=row["style"], explode=explode)


def _values() -> dict[str, Any]:
    values = json.loads(corpus("param-style", "style-table.json").read_text())["values"]
    assert set(values) == set(_SCHEMAS)
    return dict(values)


@pytest.mark.parametrize(("version", "row", "kind"), list(_rows()))
def test_every_row_is_written_as_the_table_shows(
    version: str, row: dict[str, Any], kind: str
) -> None:
    values = {**_values(), "undefined": ""}
    parameter = _spec(row, "string" if kind == "undefined" else kind)
    assert format_parameter(parameter, values[kind]) == row[kind].removeprefix("?"), version


@pytest.mark.parametrize(("version", "row", "kind"), list(_rows()))
def test_every_row_is_read_back(version: str, row: dict[str, Any], kind: str) -> None:
    values = _values()
    text = row[kind].removeprefix("?")
    if kind != "undefined":
        assert value_of(_spec(row, kind), text) == values[kind], version
    elif row["style"] != "simple":  # a path segment cannot be empty
        assert value_of(_spec(row, "string"), text) == ""
        assert value_of(_spec(row, "array"), text) == []
        assert value_of(_spec(row, "object"), text) == {}


@pytest.mark.parametrize("place", ["path", "header"])
@pytest.mark.parametrize("explode", [False, True])
def test_style_simple_is_the_same_in_a_header(place: Any, explode: bool) -> None:
    text = "R=100,G=200" if explode else "R,100,G,200"
    parameter = spec(place, _SCHEMAS["object"], explode=explode)
    assert value_of(parameter, text) == {"R": 100, "G": 200}
    assert format_parameter(parameter, {"R": 100, "G": 200}) == text
