"""The walk along ``paths``, which all versions of OpenAPI have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .node import DanglingError, Node, Store


def path_operations(
    store: Store, root: Node, members: Callable[[Node], Iterable[tuple[str, Node]]]
) -> Iterator[tuple[Node, str, str, Node]]:
    """Path item, path, method and node of each operation below ``paths``; ``members`` are the operations of
    a path item by method. What leads nowhere is left out."""
    paths = root.get("paths")
    for path, written in paths.members() if paths else ():
        if not path.startswith("/"):
            continue
        try:
            item = store.follow(written)
        except DanglingError:
            continue
        for method, node in members(item):
            try:
                # An operation that is a reference is not in the specification, but in documents.
                yield item, path, method, store.follow(node)
            except DanglingError:
                continue


def statuses(node: Node) -> tuple[str, ...]:
    """The keys of the responses of an operation."""
    responses = node.get("responses")
    if not responses:
        return ()
    return tuple(key for key, _ in responses.members() if not key.startswith("x-"))
