"""Schemas for tests, with references into a dict of components."""

from __future__ import annotations

from typing import Any

from mockforge_http.render.schema import SchemaNode
from mockforge_http.values.shape import Shape, shape_of


class Components:
    """A resolver over component schemas by name."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        """The component that the last token of ``ref`` names."""
        return self.schemas[ref.rpartition("/")[2]], base


def node(schema: Any = True, **components: Any) -> SchemaNode:
    """``schema`` as a node; ``$ref`` finds ``components``."""
    return SchemaNode(schema, "", Components(components))


def shape(schema: Any = True, **components: Any) -> Shape:
    """The shape of ``schema``."""
    return shape_of(node(schema, **components))
