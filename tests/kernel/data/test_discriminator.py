"""The discriminator: the property says which schema the object is of."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.mocking.data import Dialect, SchemaStore, compile_generator
from tests.kernel.data.kit import seeded

CAT = {"type": "object", "properties": {"petType": {"type": "string"}, "claws": {"type": "boolean"}},
       "required": ["petType", "claws"]}  # fmt: skip
DOG = {"type": "object", "properties": {"petType": {"type": "string"}, "bark": {"type": "string"}},
       "required": ["petType", "bark"]}  # fmt: skip


def values(schemas: dict[str, Any], name: str, dialect: Dialect = "oas3.0") -> list[dict[str, Any]]:
    document: Any = {"components": {"schemas": schemas}}
    made = compile_generator(
        {"$ref": f"#/components/schemas/{name}"},
        "urn:d",
        resolver=SchemaStore({"urn:d": document}),
        dialect=dialect,
    )
    found = [made.generate(seeded(seed)) for seed in range(40)]
    assert all(made.accepts(value) for value in found)
    return found


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("dialect", ["oas3.0", "2020-12"])
def test_a_branch_is_named_by_its_schema(keyword: str, dialect: Dialect) -> None:
    refs = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    pet = {keyword: refs, "discriminator": {"propertyName": "petType"}}
    found = values({"Pet": pet, "Cat": CAT, "Dog": DOG}, "Pet", dialect)
    assert {value["petType"] for value in found} == {"Cat", "Dog"}
    for value in found:
        assert ("claws" in value) == (value["petType"] == "Cat")


def test_a_mapping_gives_the_name() -> None:
    refs = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    mapping = {"meow": "#/components/schemas/Cat", "woof": "Dog"}
    pet = {"oneOf": refs, "discriminator": {"propertyName": "petType", "mapping": mapping}}
    found = values({"Pet": pet, "Cat": CAT, "Dog": DOG}, "Pet")
    assert {value["petType"] for value in found} == {"meow", "woof"}
    for value in found:
        assert ("claws" in value) == (value["petType"] == "meow")


def test_a_name_that_the_property_refuses_is_not_forced_on_it() -> None:
    cat = {**CAT, "properties": {**CAT["properties"], "petType": {"enum": ["cat"]}}}  # type: ignore[dict-item]
    dog = {**DOG, "properties": {**DOG["properties"], "petType": {"enum": ["dog"]}}}  # type: ignore[dict-item]
    refs = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    pet = {"oneOf": refs, "discriminator": {"propertyName": "petType"}}
    for value in values({"Pet": pet, "Cat": cat, "Dog": dog}, "Pet"):
        assert value["petType"] == ("cat" if "claws" in value else "dog")


PARENT = {
    "type": "object",
    "discriminator": {"propertyName": "petType"},
    "properties": {"petType": {"type": "string"}, "name": {"type": "string"}},
    "required": ["petType", "name"],
}
CHILD = {"allOf": [{"$ref": "#/components/schemas/Pet"},
                   {"type": "object", "properties": {"claws": {"type": "boolean"}},
                    "required": ["claws"]}]}  # fmt: skip
GRANDCHILD = {"allOf": [{"$ref": "#/components/schemas/Cat"},
                        {"properties": {"rare": {"type": "boolean"}}}]}  # fmt: skip


@pytest.mark.parametrize("name", ["Cat", "Siamese"])
def test_a_child_says_its_own_name(name: str) -> None:
    found = values({"Pet": PARENT, "Cat": CHILD, "Siamese": GRANDCHILD}, name)
    assert {value["petType"] for value in found} == {name}


def test_a_parent_without_mapping_says_its_name() -> None:
    assert {value["petType"] for value in values({"Pet": PARENT}, "Pet")} == {"Pet"}


def test_a_parent_with_a_mapping_is_one_of_its_children() -> None:
    mapping = {
        "cat": "#/components/schemas/Cat",
        "plain": "Pet",
        "gone": "#/components/schemas/Gone",
    }
    parent = {**PARENT, "discriminator": {"propertyName": "petType", "mapping": mapping}}
    found = values({"Pet": parent, "Cat": CHILD}, "Pet")
    assert {value["petType"] for value in found} == {"cat", "plain"}
    for value in found:
        assert ("claws" in value) == (value["petType"] == "cat")


def test_the_discriminator_of_openapi_2_is_a_name() -> None:
    parent = {**PARENT, "discriminator": "petType"}
    found = values({"Pet": parent, "Cat": CHILD}, "Cat", "oas2")
    assert {value["petType"] for value in found} == {"Cat"}
