"""Whatever the bytes are: a document, or a DocumentError."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge.errors import DocumentError
from mockforge_http.documents import open_document

from .making import api, write

BASE = json.dumps(api(), indent=1).encode()
BASE_YAML = yaml.safe_dump(api()).encode()
quick = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def unplaced(path: Path) -> list[str]:
    """What is said against a document and its operations without a place in the folder of ``path``."""
    refused = []
    try:
        document = open_document(path)
    except DocumentError as error:
        refused.append(error)
    else:
        with document:
            document.value("")
            for ref in document.operations():
                try:
                    document.operation(ref)
                except DocumentError as error:
                    refused.append(error)
            document.security_schemes()
            document.servers_base_paths()
    return [str(error) for error in refused if not str(error).startswith(f"{path.parent}/")]


@quick
@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.yaml"]))
def test_any_bytes(tmp_path: Path, data: bytes, name: str) -> None:
    assert unplaced(write(tmp_path, {name: data})) == []


@quick
@given(
    st.sampled_from([("a.json", BASE), ("a.yaml", BASE_YAML)]),
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 20), st.binary(max_size=8)),
        min_size=1,
        max_size=4,
    ),
)
def test_documents_with_damage(
    tmp_path: Path, base: tuple[str, bytes], edits: list[tuple[int, int, bytes]]
) -> None:
    name, data = base
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]
    assert unplaced(write(tmp_path, {name: data})) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 600) | st.text(max_size=4)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["#/components/schemas/Pet", "#/paths/~1a", "b.json", "https://x/y", "#a", "#"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["$ref", "$id", "$anchor", "get", "post", "parameters", "responses", "200", "default",
             "content", "application/json", "schema", "in", "name", "query", "examples", "example",
             "requestBody", "headers", "links", "callbacks", "servers", "url", "security", "encoding"]
        ),
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(parent=quick, max_examples=250)
@given(
    st.sampled_from(["2.0", "3.0.0", "3.1.0", "3.2.0"]),
    st.dictionaries(
        st.sampled_from(
            ["paths", "components", "webhooks", "servers", "security", "info", "definitions",
             "parameters", "basePath", "consumes", "produces", "$self", "securityDefinitions"]
        ),
        anything | st.dictionaries(st.sampled_from(["/a", "/b/{c}", "schemas", "x"]), anything, max_size=3),
        max_size=5,
    ),
)  # fmt: skip
def test_objects_of_any_shape(tmp_path: Path, version: str, members: dict[str, Any]) -> None:
    keyword = "swagger" if version == "2.0" else "openapi"
    document = {keyword: version, "paths": {}, **members}
    text = json.dumps(document, allow_nan=False)
    path = write(tmp_path, {"a.json": text, "b.json": {"get": {"responses": {}}}})
    assert unplaced(path) == []


# -------------------------------------------------------------------- splitting over files

schemas = st.recursive(
    st.sampled_from([{"type": "string"}, {"type": "integer", "default": 5}, {}]),
    lambda inner: st.fixed_dictionaries(
        {"type": st.just("object"),
         "properties": st.dictionaries(st.text("abé/~% #", min_size=1, max_size=4), inner, max_size=3)}
    )
    | st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
    max_leaves=12,
)  # fmt: skip


class _Splitter:
    """Moves schemas into files of their own, here and there, by the drawn choices."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.files: dict[str, str] = {}

    def split(self, schema: dict[str, Any], folder: str) -> dict[str, Any]:
        where = self.draw(st.sampled_from(["here", "here", "json", "yaml", "inside"]))
        below = folder if where == "here" else f"{folder}f{len(self.files)}/"
        own = f"{below}{len(self.files)}.{'json' if where != 'yaml' else 'yaml'}"
        if where != "here":
            self.files[own] = ""  # taken
        content = {
            key: {name: self.split(member, below) for name, member in value.items()}
            if key == "properties"
            else self.split(value, below)
            if key == "items"
            else value
            for key, value in schema.items()
        }
        if where == "here":
            return content
        relative = "./" + own.removeprefix(folder)
        fragment = ""
        if where == "inside":
            content = {"more": [{"the/schema": content}]}
            fragment = "#/more/0/the~1schema"
        self.files[own] = json.dumps(content) if where != "yaml" else yaml.safe_dump(content)
        return {"$ref": relative + fragment}


def _joined(document: Any, schema: Any, base: str) -> Any:
    if isinstance(schema, dict) and "$ref" in schema:
        schema, base = document.resolve(schema["$ref"], base)
        return _joined(document, schema, base)
    return {
        key: {name: _joined(document, member, base) for name, member in value.items()}
        if key == "properties"
        else _joined(document, value, base)
        if key == "items"
        else value
        for key, value in schema.items()
    }


@settings(parent=quick, max_examples=60)
@given(schemas, st.data())
def test_a_document_split_over_files_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, schema: dict[str, Any], data: Any
) -> None:
    folder = tmp_path_factory.mktemp("split")
    splitter = _Splitter(data.draw)
    entry = api(components={"schemas": {"Pet": splitter.split(schema, "")}})
    path = write(folder, {"api.json": entry, **splitter.files})
    with open_document(path) as document:
        assert len(document.files) == 1 + len(splitter.files)
        assert _joined(document, document.value("/components/schemas/Pet"), "api.json") == schema
