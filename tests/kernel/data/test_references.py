"""References: pointers, anchors, resources, generic types by ``$dynamicRef``, and dangling ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockforge.errors import DocumentError
from mockforge.mocking.data import Schema, SchemaStore, UnsatisfiableError, compile_generator
from tests.kernel.data.kit import generator, samples, seeded, valid_samples


def test_a_generic_list_is_of_the_type_that_its_user_binds() -> None:
    page = {
        "$id": "page",
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"$dynamicRef": "#T"}, "minItems": 1},
            "total": {"type": "integer"},
        },
        "required": ["items", "total"],
        "$defs": {"open": {"$dynamicAnchor": "T", "not": {}}},
    }

    def page_of(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        bound = {"$dynamicAnchor": "T", **schema}
        return {"$id": f"page-of-{name}", "$ref": "page", "$defs": {"bound": bound}}

    schema = {
        "$id": "http://example.com/root",
        "type": "object",
        "properties": {
            "users": page_of("user", {"type": "object", "properties": {"email": {"type": "string"}},
                                      "required": ["email"]}),
            "numbers": page_of("number", {"type": "integer"}),
            "nested": page_of("list", {"type": "array", "items": {"type": "boolean"}}),
        },
        "required": ["users", "numbers", "nested"],
        "$defs": {"page": page},
    }  # fmt: skip
    for value in valid_samples(schema):
        assert all("@" in item["email"] for item in value["users"]["items"])
        assert all(isinstance(item, int) for item in value["numbers"]["items"])
        assert all(isinstance(item, list) for item in value["nested"]["items"])


def test_an_extensible_tree_recurses_to_its_extension() -> None:
    tree = {
        "$id": "http://example.com/tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {
            "data": True,
            "children": {"type": "array", "items": {"$dynamicRef": "#node"}, "minItems": 1},
        },
    }
    strict = {
        "$id": "http://example.com/strict-tree",
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "properties": {"data": {"type": "integer"}},
        "required": ["data"],
        "unevaluatedProperties": False,
    }
    store = SchemaStore({"http://example.com/tree": tree})
    base = store.add("http://example.com/strict-tree", strict)
    made = compile_generator(strict, base, resolver=store, dialect="2020-12")
    seen = 0
    for seed in range(20):
        value = made.generate(seeded(seed))
        for child in value.get("children", ()):
            seen += 1
            assert isinstance(child["data"], int)
    assert seen


def test_a_resolver_that_decodes_afresh_does_not_make_recursion_endless() -> None:
    text = json.dumps({"type": "object", "properties": {"v": {"type": "integer"},
                       "next": {"$ref": "#/node"}}, "required": ["v"]})  # fmt: skip

    class Afresh:
        calls = 0

        def resolve(self, ref: str, base: str) -> tuple[Schema, str]:
            self.calls += 1
            return json.loads(text), base

        def rebase(self, identifier: str, base: str) -> str:
            return identifier

        def dynamic_anchor(self, anchor: str, base: str) -> None:
            return None

    resolver = Afresh()
    made = compile_generator({"$ref": "#/node"}, "urn:x", resolver=resolver, dialect="oas3.0")
    for seed in range(50):
        assert "v" in made.generate(seeded(seed))
    assert resolver.calls <= 2


def test_files_refer_to_each_other_relatively() -> None:
    documents: dict[str, Any] = {
        "file:///api/schemas/pet.json": {"type": "object", "required": ["owner"],
                                         "properties": {"owner": {"$ref": "../people.json#/owner"}}},
        "file:///api/people.json": {"owner": {"$ref": "#/person"}, "person": {"const": "Ada"}},
    }  # fmt: skip
    store = SchemaStore(documents)
    made = compile_generator(
        {"$ref": "schemas/pet.json"}, "file:///api/root.json", resolver=store, dialect="oas3.0"
    )
    assert made.generate(seeded(0)) == {"owner": "Ada"}


def test_a_dangling_reference_spoils_only_what_needs_it() -> None:
    properties = {"bad": {"$ref": "#/nowhere"}, "good": {"type": "integer"}}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    assert all(list(value) == ["good"] for value in samples(schema))
    made = generator({**schema, "required": ["bad"]})
    with pytest.raises(UnsatisfiableError, match="'#/nowhere' leads nowhere") as caught:
        made.generate(seeded(0))
    assert caught.value.path == "/properties/bad"


@pytest.mark.parametrize("ref", ["other.json", "#/$defs/none", "#anchor", "#/$defs/list/7"])
def test_the_store_names_what_it_does_not_know(ref: str) -> None:
    store = SchemaStore({"http://x/root": {"$defs": {"list": [True, {}]}}})
    with pytest.raises(DocumentError):
        store.resolve(ref, "http://x/root")


def test_the_store_finds_all_kinds_of_references() -> None:
    inner: dict[str, Any] = {"$anchor": "here", "type": "integer"}
    document: dict[str, Any] = {
        "$defs": {"a/b": inner, "c": {"$id": "sub/", "$defs": {"d": {"$dynamicAnchor": "dyn"}}}},
        "allOf": [True, {"$id": "urn:example:isbn"}],
    }
    store = SchemaStore({"http://x/root": document})
    assert store.resolve("#here", "http://x/root") == (inner, "http://x/root")
    assert store.resolve("#/$defs/a~1b", "http://x/root") == (inner, "http://x/root")
    assert store.resolve("#/allOf/0", "http://x/root") == (True, "http://x/root")
    assert store.resolve("#/$defs/c/$defs/d", "http://x/root")[1] == "http://x/sub/"
    assert store.resolve("sub/#dyn", "http://x/root")[0] == {"$dynamicAnchor": "dyn"}
    assert store.resolve("urn:example:isbn", "http://x/root")[1] == "urn:example:isbn"
    assert store.dynamic_anchor("dyn", "http://x/sub/") is not None
    assert store.dynamic_anchor("dyn", "http://x/root") is None
