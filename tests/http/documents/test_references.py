"""References: followed over files, kept inside the root, and told when they lead nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockforge.errors import DocumentError
from mockforge_http.documents import open_document

from .making import PET, api, write


def refusal(path: Path, **options: Any) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        open_document(path, **options)
    return caught.value


def with_schema(schema: Any, **members: Any) -> dict[str, Any]:
    return api(components={"schemas": {"Pet": schema, **members}})


# -------------------------------------------------------------------- to files


def test_files_are_followed_from_file_to_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "api.json": with_schema({"$ref": "./models/pet.yaml"}),
            "models/pet.yaml": "properties:\n  tag: {$ref: 'shared/tag%20x.json#/Tag'}\n",
            "models/shared/tag x.json": {"Tag": {"type": "string"}, "Up": {"$ref": "../pet.yaml"}},
        },
    )
    with open_document(path) as document:
        assert [file.relative_to(tmp_path).as_posix() for file in document.files] == [
            "api.json",
            "models/pet.yaml",
            "models/shared/tag x.json",
        ]
        pet, base = document.resolve("#/components/schemas/Pet", "api.json")
        pet, base = document.resolve(pet["$ref"], base)
        assert base == "models/pet.yaml"
        tag, base = document.resolve(pet["properties"]["tag"]["$ref"], base)
        assert (tag, base) == ({"type": "string"}, "models/shared/tag x.json")
        assert document.resolve("../pet.yaml", base)[1] == "models/pet.yaml"
        assert document.path_of(base) == tmp_path / "models/shared/tag x.json"


def test_files_that_refer_to_each_other_open(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "api.json": with_schema({"$ref": "b.json"}),
            "b.json": {"properties": {"c": {"$ref": "c.json"}}},
            "c.json": {"properties": {"b": {"$ref": "b.json#"}, "api": {"$ref": "api.json#/info"}}},
        },
    )
    with open_document(path) as document:
        assert len(document.files) == 3


def test_whole_sections_may_be_files(tmp_path: Path) -> None:
    """Not in the specification, but what bundlers understand and many documents do."""
    path = write(
        tmp_path,
        {
            "api.json": api(
                paths={"$ref": "paths.json"}, components={"schemas": {"$ref": "schemas.json"}}
            ),
            "paths.json": {
                "/pets": {
                    "get": {"$ref": "operation.json"},
                    "parameters": [{"$ref": "api.json#/components/schemas/Limit"}],
                }
            },
            "operation.json": {"operationId": "there", "responses": {"200": {"description": "x"}}},
            "schemas.json": {"Pet": PET, "Limit": {"name": "limit", "in": "query"}},
        },
    )
    with open_document(path) as document:
        (ref,) = document.operations()
        assert (ref.operation_id, ref.base) == ("there", "paths.json")
        assert [parameter.name for parameter in document.operation(ref).parameters] == ["limit"]
        assert document.resolve("#/components/schemas/Pet", "api.json") == (PET, "schemas.json")


@pytest.mark.parametrize(
    "reference", ["../outside.json", "../../outside.json", "sub/../../outside.json", "%2e%2e/outside.json"]
)  # fmt: skip
def test_leaving_the_root_is_refused(tmp_path: Path, reference: str) -> None:
    write(tmp_path, {"outside.json": PET})
    path = write(tmp_path / "root", {"api.json": with_schema({"$ref": reference})})
    error = refusal(path)
    assert "leaves the document root" in error.message
    assert error.place is not None
    assert error.place.path == "/components/schemas/Pet/$ref"
    assert error.place.line is not None


def test_a_wider_root_allows_more(tmp_path: Path) -> None:
    write(tmp_path, {"common/pet.json": PET})
    path = write(tmp_path / "spec", {"api.json": with_schema({"$ref": "../common/pet.json"})})
    with open_document(path, root=tmp_path) as document:
        assert document.base == "spec/api.json"
        assert document.files == (path, tmp_path / "common" / "pet.json")
        assert document.resolve("../common/pet.json", document.base) == (PET, "common/pet.json")


def test_a_document_outside_the_root_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"api.json": api()})
    (tmp_path / "b").mkdir()
    assert "does not lie in the document root" in refusal(path, root=tmp_path / "b").message


def test_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"outside/pet.json": PET})
    path = write(
        tmp_path / "root",
        {"api.json": with_schema({"$ref": "link.json"}, Tag={"$ref": "folder/pet.json"})},
    )
    (tmp_path / "root" / "link.json").symlink_to(tmp_path / "outside" / "pet.json")
    (tmp_path / "root" / "folder").symlink_to(tmp_path / "outside")
    error = refusal(path)
    assert "leaves the document root" in error.message
    assert "(and 1 more error)" in error.message


def test_a_link_inside_the_root_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path, {"api.json": with_schema({"$ref": "link.json"}), "pet.json": PET})
    (tmp_path / "link.json").symlink_to("pet.json")
    with open_document(path) as document:
        assert document.resolve("link.json", "api.json") == (PET, "link.json")


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", {"api.json": with_schema({"$ref": "pet.json"}), "pet.json": PET})
    (tmp_path / "link").symlink_to("real")
    with open_document(tmp_path / "link" / "api.json") as document:
        assert len(document.files) == 2


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("/etc/hostname", "leaves the document root"),
        ("file:///etc/hostname", "names a file by its absolute address"),
        ("https://example.com/pet.json", "names another server; nothing is fetched from there"),
        ("http://127.0.0.1:1/pet.json#/a", "names another server"),
        ("//example.com/pet.json", "names another server"),
        ("urn:pet", "names another server"),
        ("c:\\pet.json", "names another server"),
        ("http://[bad", "names another server"),
        ("nowhere.json", "leads to a file that does not exist"),
        ("sub", "leads to"),
        ("pet\\u0000.json", "holds a NUL character"),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_what_names_no_file_of_the_document_is_an_error(
    tmp_path: Path, reference: str, message: str, version: str
) -> None:
    document = api(version)
    escaped = reference.replace("\\p", "\\\\p")
    text = f'{{"x-none": 1, "a": {{"$ref": "{escaped}"}}, '
    (tmp_path / "sub").mkdir()
    error = refusal(write(tmp_path, {"api.json": text + json.dumps(document)[1:]}))
    assert message in error.message


def test_a_broken_file_is_told_by_its_own_place(tmp_path: Path) -> None:
    path = write(tmp_path, {"api.json": with_schema({"$ref": "pet.yaml"}), "pet.yaml": "a: [1\n"})
    error = refusal(path)
    assert error.place is not None
    assert error.place.file == str(tmp_path / "pet.yaml")
    assert error.message.startswith("is not YAML")


# -------------------------------------------------------------------- that lead nowhere


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("#/components/schemas/Pte", "did you mean #/components/schemas/Pet?"),
        ("#/components/schema/Pet", "did you mean #/components/schemas/Pet?"),
        ("#/definitions/Pet", "did you mean #/components/schemas/Pet?"),
        ("#/components/schemas/Pet/properties/nam", "did you mean #/components/schemas/Pet/properties/name?"),
        ("#/entirely/else", None),
        ("#no-anchor", None),
    ],
)  # fmt: skip
def test_a_dangling_reference_is_told_with_place_and_nearest_name(
    tmp_path: Path, reference: str, hint: str | None
) -> None:
    path = write(tmp_path, {"api.json": with_schema(PET, Other={"items": {"$ref": reference}})})
    error = refusal(path)
    assert error.message == f"$ref {reference} leads nowhere"
    assert error.hint == hint
    lines = path.read_text().splitlines()
    assert error.place is not None
    assert error.place.line is not None
    assert f'"$ref": "{reference}"' in lines[error.place.line - 1]
    assert lines[error.place.line - 1].index('"$ref"') + 1 == error.place.column
    assert error.place.path == "/components/schemas/Other/items/$ref"


def test_every_place_of_a_dangling_reference_is_told(tmp_path: Path) -> None:
    schemas = {f"S{n}": {"items": {"$ref": "#/components/schemas/Gone"}} for n in range(5)}
    error = refusal(write(tmp_path, {"api.json": with_schema(PET, **schemas)}))
    assert error.message == "$ref #/components/schemas/Gone leads nowhere (and 4 more errors)"


def test_a_dangling_reference_into_another_file_is_told(tmp_path: Path) -> None:
    text = (
        "openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    Pet:\n      $ref: pet.json#/Pte\n"
    )
    path = write(tmp_path, {"api.yaml": text, "pet.json": {"Pet": PET}})
    error = refusal(path)
    assert (error.message, error.hint) == (
        "$ref pet.json#/Pte leads nowhere",
        "did you mean #/Pet?",
    )
    assert error.place is not None
    assert (error.place.line, error.place.column) == (6, 7)


DATA: Any = {"$ref": "#/nowhere"}


@pytest.mark.parametrize(
    "members",
    [
        {"x-data": DATA},
        {"components": {"schemas": {"Pet": {"example": DATA, "default": [DATA]}}}},
        {"components": {"schemas": {"Pet": {"enum": [DATA], "const": DATA}}}},
        {"components": {"schemas": {"Pet": {"examples": [DATA]}}}},
        {"components": {"schemas": {"Pet": {"properties": {"$ref": {"type": "string"}}}}}},
        {"components": {"schemas": {"Pet": PET}, "examples": {"a": {"value": DATA}}}},
        {"components": {"schemas": {"Pet": {"x-expand": {"oneOf": [DATA]}}}}},
        {"components": {"schemas": {"Pet": PET}, "x-more": {"a": DATA}}},
    ],
)
def test_data_that_looks_like_a_reference_is_none(tmp_path: Path, members: Any) -> None:
    with open_document(write(tmp_path, {"api.json": api(**members)})) as document:
        assert document.findings == ()


@pytest.mark.parametrize(
    "members",
    [
        {"properties": {"example": DATA}},
        {"properties": {"default": {"items": DATA}}},
        {"patternProperties": {"x-.*": DATA}},
        {"$defs": {"enum": DATA}},
        {"allOf": [DATA]},
        {"not": DATA},
    ],
)
def test_names_that_look_like_keywords_hide_no_reference(tmp_path: Path, members: Any) -> None:
    assert "leads nowhere" in refusal(write(tmp_path, {"a.json": with_schema(members)})).message


def test_references_everywhere_outside_schemas_are_found(tmp_path: Path) -> None:
    for place in (
        {"paths": {"/a": {"get": {"responses": {"default": DATA}}}}},
        {"paths": {"/a": {"parameters": [DATA]}}},
        {"paths": {"/a": DATA}},
        {"components": {"examples": {"e": DATA}}},
        {"components": {"responses": {"r": {"headers": {"default": DATA}}}}},
        {"webhooks": {"w": {"post": {"requestBody": DATA}}}},
    ):
        document = api()
        document.update(place)
        document["components"] = {"schemas": {"Pet": PET}, **document["components"]}
        assert "leads nowhere" in refusal(write(tmp_path, {"api.json": document})).message, place


def test_path_items_that_refer_to_themselves_are_an_error(tmp_path: Path) -> None:
    paths = {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}
    assert "refers to itself" in refusal(write(tmp_path, {"a.json": api(paths=paths)})).message


def test_reference_objects_in_a_circle_are_an_error_of_the_operation(tmp_path: Path) -> None:
    document = api(
        paths={"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/A"}]}}},
        components={
            "parameters": {
                "A": {"$ref": "#/components/parameters/B"},
                "B": {"$ref": "#/components/parameters/A"},
            }
        },
    )
    with open_document(write(tmp_path, {"a.json": document})) as opened:
        (ref,) = opened.operations()
        with pytest.raises(DocumentError, match="leads back to itself"):
            opened.operation(ref)


# -------------------------------------------------------------------- names that schemas give themselves


def named(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "api.json": with_schema(
                {"$ref": "https://example.com/schemas/tree#node"},
                Tree={
                    "$id": "https://example.com/schemas/tree",
                    "$defs": {
                        "node": {"$anchor": "node", "properties": {"leaf": {"$ref": "leaf"}}},
                        "relative": {"$ref": "#/$defs/node"},
                        "lenient": {"$ref": "#/components/schemas/Pet"},
                    },
                },
                Leaf={"$id": "https://example.com/schemas/leaf", "type": "string"},
                Here={"$anchor": "here", "type": "integer"},
                There={"$ref": "#here"},
                File={"$ref": "other.json#there"},
            ),
            "other.json": {"$defs": {"x": {"$anchor": "there", "type": "null"}}},
        },
    )


def test_ids_and_anchors_are_resolved(tmp_path: Path) -> None:
    with open_document(named(tmp_path)) as document:
        node, base = document.resolve("https://example.com/schemas/tree#node", "api.json")
        assert node["$anchor"] == "node"
        assert base == "https://example.com/schemas/tree"
        leaf, base = document.resolve("leaf", base)
        assert leaf["type"] == "string"
        assert document.resolve("#here", "api.json")[0]["type"] == "integer"
        assert document.resolve("other.json#there", "api.json")[0]["type"] == "null"
        tree, _ = document.resolve("#/components/schemas/Tree", "api.json")
        inside = document.rebase(tree, "api.json")
        assert inside == "https://example.com/schemas/tree"
        assert document.resolve("#/$defs/node", inside)[0] == node
        assert document.resolve("#/components/schemas/Here", inside)[0]["$anchor"] == "here"
        assert document.rebase(node, inside) == inside


def test_dynamic_references_find_the_outermost_anchor(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "api.json": with_schema(
                {"$id": "https://x/strict", "$dynamicAnchor": "node", "title": "strict",
                 "$ref": "tree"},
                Tree={"$id": "https://x/tree", "$dynamicAnchor": "node", "title": "tree",
                      "items": {"$dynamicRef": "#node"}},
                Plain={"$id": "https://x/plain", "$anchor": "node"},
            )
        },
    )  # fmt: skip
    with open_document(path) as document:
        find = document.resolve_dynamic
        assert find("#node", "https://x/tree", ["https://x/tree"])[0]["title"] == "tree"
        scope = ["https://x/strict", "https://x/tree"]
        assert find("#node", "https://x/tree", scope) == (
            document.value("/components/schemas/Pet"),
            "https://x/strict",
        )
        assert find("#node", "https://x/tree", ["https://x/plain", *scope])[0]["title"] == "strict"
        assert find("#node", "https://x/plain", scope)[0]["$anchor"] == "node"
        assert find("#/items", "https://x/tree", scope)[0] == {"$dynamicRef": "#node"}


def test_a_document_may_be_called_by_its_self(tmp_path: Path) -> None:
    document = with_schema({"$ref": "https://example.com/api#/components/schemas/Tag"}, Tag=PET)
    path = write(
        tmp_path, {"a.json": {**document, "openapi": "3.2.0", "$self": "https://example.com/api"}}
    )
    with open_document(path) as opened:
        assert opened.resolve("https://example.com/api#/info/title", "a.json") == ("Pets", "a.json")


def test_ids_mean_nothing_before_31(tmp_path: Path) -> None:
    document = with_schema(PET, A={"$id": "https://x/a", "$ref": "#/components/schemas/Pet"})
    document["openapi"] = "3.0.3"
    with open_document(write(tmp_path, {"a.json": document})) as opened:
        schema, base = opened.resolve("#/components/schemas/A", "a.json")
        assert (base, opened.rebase(schema, base)) == ("a.json", "a.json")


# -------------------------------------------------------------------- pointers


def test_pointers_into_any_place_are_resolved(tmp_path: Path) -> None:
    odd: Any = {"x-odd~/ %": [{"é": [5, 6]}]}
    document = api(**odd)
    with open_document(write(tmp_path, {"a.json": document})) as opened:
        resolve = opened.resolve
        pointer = "#/paths/~1pets/get/responses/200/content/application~1json/schema"
        assert resolve(pointer, "a.json") == ({"$ref": "#/components/schemas/Pet"}, "a.json")
        assert resolve("#/x-odd~0~1%20%25/0/%C3%A9/1", "a.json")[0] == 6
        assert resolve("#", "a.json")[0] == document
        assert resolve("#/components/schemas", "a.json")[0] == {"Pet": PET}
        for wrong in (
            "#/x-odd~0~1%20%25/0/%C3%A9/2",
            "#/paths/~1pets/get/x",
            "#/info/title/0",
            "b.json",
        ):
            with pytest.raises(DocumentError, match="leads nowhere"):
                resolve(wrong, "a.json")


def test_large_files_are_decoded_in_pieces(tmp_path: Path) -> None:
    models = {f"M{n}": {"description": "x" * 500, "type": "object"} for n in range(300)}
    path = write(
        tmp_path,
        {
            "a.json": with_schema({"$ref": "models.json#/schemas/M7"}),
            "models.json": {"schemas": models},
        },
    )
    with open_document(path) as document:
        idle = document.memory_bytes()
        assert document.resolve("models.json#/schemas/M7", "a.json")[0] == models["M7"]
        assert document.memory_bytes() - idle < 10_000
        assert document.value("/schemas", "models.json") == models
