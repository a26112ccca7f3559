"""Where in an answer (or a request) the item is, or the list of items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge_http.resources.identity import Identifier, Identity, Path
from mockforge_http.resources.names import LISTS, WRAPPERS, folded, singular

if TYPE_CHECKING:
    from mockforge_http.render.schema import SchemaNode

_DEEPEST: Final = 2
"""Objects around the list of items."""


class Place(NamedTuple):
    """``path`` leads to the item (or the list), whose schema (that of one item) is ``node``. ``listed`` is
    whether an item stands alone in a list, ``certain`` whether it declares its id."""

    path: Path
    node: SchemaNode
    identity: Identity
    listed: bool = False
    certain: bool = True


def is_object(node: SchemaNode) -> bool:
    """Whether ``node`` describes objects with members of their own."""
    return _has_type(node, "object") and bool(node.gathered("properties"))


def is_array(node: SchemaNode) -> bool:
    """Whether ``node`` describes lists."""
    return node.find("items") is not None and _has_type(node, "array")


def _has_type(node: SchemaNode, kind: str) -> bool:
    found = node.find("type")
    kinds: Any = found[0] if found else kind
    return kind in kinds if isinstance(kinds, list) else kinds == kind


def find_item(node: SchemaNode, identifier: Identifier, collection: str) -> Place | None:
    """The one item in a value that ``node`` describes: the value itself, a member of it, or the only entry
    of a list."""
    if is_array(node):
        inner = node.items()
        found = None if inner is None else _bare(inner, identifier)
        return None if found is None else found._replace(listed=True)
    bare = _bare(node, identifier)
    if bare is not None or not is_object(node):
        return bare
    places: dict[str, Place] = {}
    for name in node.gathered("properties"):
        inner = node.property(name)
        found = None if inner is None else _bare(inner, identifier)
        if found is not None:
            places[name] = found._replace(path=(name,))
    one = singular(_last(collection))
    return _chosen(places, (one, *WRAPPERS)) or _named(node, one)


def _named(node: SchemaNode, one: str) -> Place | None:
    """A member that is called like an item, though it declares no id."""
    for name, inner in _members(node):
        if folded(name) == one and is_object(inner):
            return Place((name,), inner, Identity(("id",), inner), certain=False)
    return None


def find_items(node: SchemaNode, identifier: Identifier, collection: str) -> Place | None:
    """The list of items in a value that ``node`` describes: the value itself, or a member of it."""
    if is_array(node):
        inner = node.items()
        return None if inner is None else _bare(inner, identifier)
    level: list[tuple[Path, SchemaNode]] = [((), node)]
    for _ in range(_DEEPEST):
        places: dict[str, Place] = {}
        below: list[tuple[Path, SchemaNode]] = []
        for path, holder in level:
            for name, inner in _members(holder):
                if is_array(inner):
                    item = inner.items()
                    found = None if item is None else _bare(item, identifier)
                    if found is not None:
                        places[name] = found._replace(path=(*path, name))
                elif is_object(inner):
                    below.append(((*path, name), inner))
        chosen = _chosen(places, (_last(collection), *LISTS))
        if chosen is not None or places:
            return chosen
        level = below
    return None


def _members(node: SchemaNode) -> Iterator[tuple[str, SchemaNode]]:
    for name in node.gathered("properties"):
        inner = node.property(name)
        if inner is not None:
            yield name, inner


def _bare(node: SchemaNode, identifier: Identifier) -> Place | None:
    identity = identifier.find(node) if is_object(node) else None
    return None if identity is None else Place((), node, identity)


def _chosen(places: dict[str, Place], preferred: tuple[str, ...]) -> Place | None:
    if len(places) == 1:
        return next(iter(places.values()))
    by_folded = {folded(name): place for name, place in places.items()}
    for name in preferred:
        if name in by_folded:
            return by_folded[name]
    return None


def _last(collection: str) -> str:
    segments = [part for part in collection.split("/") if part and "{" not in part]
    return folded(segments[-1].partition(".")[0]) if segments else ""
