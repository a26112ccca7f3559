"""The ``discriminator`` of OpenAPI: the property by which readers tell which schema they hold.

It constrains nothing as far as JSON Schema is concerned, so everything here is a wish: the property
gets the value a reader expects if its own schema accepts that value. (OpenAPI 3.1.1, Discriminator
Object; OpenAPI 2.0, Schema Object, ``discriminator``.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockforge.mocking.data.model import Schema, Source
from mockforge.mocking.data.references import References, ref_name
from mockforge.mocking.data.shape import Branch, Choice, Shape

Label = tuple[str, tuple[str, ...]]


def branch_labels(
    discriminator: dict[str, Any] | None, schemas: Sequence[Schema]
) -> list[Label | None]:
    """The property and its values, best first, for each branch of a ``oneOf`` or ``anyOf``."""
    if discriminator is None:
        return [None] * len(schemas)
    return [
        (discriminator["propertyName"], _values(discriminator, ref_name(schema["$ref"])))
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str)
        else None
        for schema in schemas
    ]


def _mapping(discriminator: dict[str, Any]) -> dict[str, str]:
    mapping = discriminator.get("mapping")
    if not isinstance(mapping, dict):
        return {}
    return {value: ref for value, ref in mapping.items() if isinstance(ref, str)}


def _values(discriminator: dict[str, Any], name: str) -> tuple[str, ...]:
    """The values that stand for the schema ``name``: the mapped ones, or the name itself."""
    mapped = [value for value, ref in _mapping(discriminator).items() if ref_name(ref) == name]
    return (*mapped, name)


def fold_parent(
    references: References, shape: Shape, discriminator: dict[str, Any], source: Source
) -> None:
    """Handle the discriminator of a schema that others inherit from by ``allOf``.

    On the way from a child it labels the property with the child's name. Asked for the parent
    itself, any of the children that the mapping names will do.
    """
    own = ref_name(source.ref) if source.ref is not None else (shape.names or ("",))[0]
    children = [name for name in shape.names if name != own]
    label = discriminator["propertyName"]
    wishes = shape.labels.get(label, ())
    for name in children:
        wishes += _values(discriminator, name)
    shape.labels[label] = wishes
    if children:
        return
    branches = []
    for value, ref in _mapping(discriminator).items():
        if ref_name(ref) == own:
            branches.append(Branch((), (label, (value,))))
        elif (child := _child(references, source, ref)) is not None:
            branches.append(Branch((child,), (label, (value,))))
    if branches:
        shape.choices += (Choice("any", tuple(branches)),)
    elif own:
        shape.labels[label] = (*wishes, own)


def _child(references: References, source: Source, ref: str) -> Source | None:
    """The schema that a mapping names: by reference, or by the name of a sibling."""
    if "/" not in ref and "#" not in ref and source.ref is not None:
        fragment = source.ref.partition("#")[2]
        if fragment:
            ref = f"#{fragment.rpartition('/')[0]}/{ref}"
    child = references.follow(source, ref)
    # A mapping that leads nowhere is for `lint` to report; here it is a branch less.
    return child if child.problem is None else None
