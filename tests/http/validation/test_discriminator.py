"""``discriminator``: which branch a value is checked against."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.mocking.data.model import Dialect
from tests.http.validation.making import accepts, says

PET = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
CAT = {
    "allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"lives": {"type": "integer"}}}]
}
DOG = {
    "allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"lives": {"type": "string"}}}]
}
ALL = {"Pet": PET, "Cat": CAT, "Dog": DOG}


def choice(keyword: str = "oneOf", **discriminator: Any) -> dict[str, Any]:
    branches = [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")]
    return {keyword: branches, "discriminator": {"propertyName": "kind", **discriminator}}


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("dialect", ["oas3.0", "2020-12"])
def test_the_named_branch_decides_alone(keyword: str, dialect: Dialect) -> None:
    schema = choice(keyword)
    assert accepts(schema, {"kind": "Cat", "lives": 9}, dialect, components=ALL)
    assert accepts(schema, {"kind": "Dog", "lives": "one"}, dialect, components=ALL)
    assert not accepts(schema, {"kind": "Cat", "lives": "one"}, dialect, components=ALL)


def test_a_value_that_fits_two_branches_is_not_refused_for_it() -> None:
    assert accepts(choice(), {"kind": "Cat"}, components=ALL)


@pytest.mark.parametrize("target", ["#/components/schemas/Cat", "Cat"])
def test_mapped_values_name_a_branch_by_reference_or_by_name(target: str) -> None:
    schema = choice(mapping={"tom": target, "felix": target})
    for name in ("tom", "felix"):
        assert accepts(schema, {"kind": name, "lives": 9}, components=ALL)
        assert not accepts(schema, {"kind": name, "lives": "one"}, components=ALL)
    assert accepts(schema, {"kind": "Dog", "lives": "one"}, components=ALL)


def test_a_value_that_names_no_branch_is_refused_and_the_names_are_listed() -> None:
    """OpenAPI 3.0.4 section 4.7.25.4: "no schema can be determined and validation SHOULD fail"."""
    assert says(choice(), {"kind": "Bird"}, components=ALL)[0] == (
        '/kind must be one of "Cat", "Dog", got "Bird"'
    )


def test_branches_that_fix_the_property_know_better_than_names() -> None:
    components = {
        "Cat": {"properties": {"kind": {"enum": ["cat"]}}, "required": ["kind"]},
        "Dog": {"properties": {"kind": {"const": "dog"}}, "required": ["kind"]},
    }
    assert accepts(choice(), {"kind": "cat"}, components=components)
    assert not accepts(choice(), {"kind": "bird"}, components=components)


def test_a_branch_without_a_name_is_tried_for_values_that_name_none() -> None:
    schema = choice()
    schema["oneOf"].append({"properties": {"kind": {"maxLength": 1}, "lives": {"type": "null"}}})
    assert accepts(schema, {"kind": "x", "lives": None}, components=ALL)


def test_nested_discriminators_on_one_property_are_looked_into() -> None:
    outer = {
        "oneOf": [{"$ref": "#/components/schemas/Animal"}, {"$ref": "#/components/schemas/Plant"}],
        "discriminator": {"propertyName": "kind"},
    }
    components = {
        **ALL,
        "Animal": choice(),
        "Plant": {"type": "object", "required": ["kind", "leaves"]},
    }
    assert accepts(outer, {"kind": "Cat", "lives": 9}, components=components)
    assert not accepts(outer, {"kind": "Cat", "lives": "one"}, components=components)


def test_without_the_property_the_branches_decide() -> None:
    components = {"Cat": {"required": ["claws"]}, "Dog": {"required": ["bark"]}}
    assert accepts(choice(), {"claws": 1}, components=components)
    assert not accepts(choice(), {}, components=components)


def test_the_default_mapping_stands_in_for_missing_and_unknown_values() -> None:
    """OpenAPI 3.2.0 section 4.25."""
    schema = choice(defaultMapping="Dog")
    components = {"Cat": {"required": ["claws"]}, "Dog": {"required": ["bark"]}}
    assert accepts(schema, {"bark": 1}, components=components)
    assert accepts(schema, {"kind": "Wolf", "bark": 1}, components=components)
    assert not accepts(schema, {"kind": "Wolf", "claws": 1}, components=components)
    assert accepts(schema, {"kind": "Cat", "claws": 1}, components=components)


def test_a_parent_does_not_look_for_its_children() -> None:
    """OpenAPI 3.1.1 section 4.8.25.2: "validation with the parent schema with this form of
    `discriminator` does not perform a search for child schemas"."""
    parent = {**PET, "discriminator": {"propertyName": "kind", "mapping": {"Cat": "Cat"}}}
    components = {**ALL, "Pet": parent}
    schema = {"$ref": "#/components/schemas/Pet"}
    assert accepts(schema, {"kind": "Cat", "lives": "one"}, components=components)
    assert accepts(schema, {"kind": "Bird"}, components=components)


def test_2_0_names_just_the_property() -> None:
    parent = {**PET, "discriminator": "kind"}
    assert accepts(
        {"$ref": "#/components/schemas/Pet"}, {"kind": "x"}, "oas2", components={"Pet": parent}
    )


def test_what_is_wrong_is_said_of_the_branch_that_was_meant() -> None:
    assert says(choice(), {"kind": "Cat", "lives": "one"}, components=ALL) == [
        '/lives must be an integer, got "one"'
    ]


def test_a_recursive_discriminator_ends() -> None:
    components = {
        "Cat": {"properties": {"kind": {"type": "string"}, "prey": choice()}},
        "Dog": {
            "oneOf": [{"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}]
        },
    }
    value = {"kind": "Cat", "prey": {"kind": "Cat", "prey": {"kind": "Cat"}}}
    assert accepts(choice(), value, components=components)
