"""Where references in a bundled schema lead, ``$dynamicRef`` included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Target(NamedTuple):
    """What a reference leads to, and the resource it stands in (``""``: there is only one)."""

    schema: Any
    resource: str


class Definitions:
    """The ``$defs`` of a bundled schema, by resource, and the resources that were entered on the way (the
    dynamic scope, JSON Schema 2020-12 core, section 7.1)."""

    def __init__(self, root: Any) -> None:
        self._defined: dict[str, dict[str, Any]] = {}
        self._scope: list[str] = []
        if not isinstance(root, dict):
            return
        definitions = root.get("$defs", {})
        own = root.get("$id", "")
        self._scope.append(own)
        self._defined[own] = definitions
        if own:
            for item in definitions.values():
                if isinstance(item, dict) and "$id" in item:
                    self._defined[item["$id"]] = item.get("$defs", {})

    def targets(self, schema: dict[str, Any]) -> Iterator[Target]:
        """What ``$ref`` and ``$dynamicRef`` of ``schema`` lead to."""
        ref = schema.get("$ref")
        if ref is not None:
            resource, _, pointer = ref.partition("#")
            name = pointer.rpartition("/")[2]
            yield Target(self._defined[resource][name], resource)
        dynamic = schema.get("$dynamicRef")
        if dynamic is not None:
            yield self._outermost(dynamic)

    def _outermost(self, ref: str) -> Target:
        resource, _, anchor = ref.partition("#")
        name = f"anchor-{anchor}"
        for outer in (*self._scope, resource):
            if name in self._defined[outer]:
                return Target(self._defined[outer][name], outer)
        raise KeyError(ref)

    @contextmanager
    def followed(self, target: Target) -> Iterator[None]:
        """The dynamic scope while ``target`` is looked at."""
        if not target.resource:
            yield
            return
        self._scope.append(target.resource)
        try:
            yield
        finally:
            self._scope.pop()
