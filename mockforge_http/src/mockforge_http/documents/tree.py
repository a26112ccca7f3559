"""The parts of one file as a tree: which slice of it is decoded on its own.

A node is a leaf (one part) or a container: a map of every member to its node. The entry file is split
at path items, webhooks and components; other files only where they are large.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .pointer import Tokens

Node = Any
"""``int`` (a leaf, see :mod:`.pack`) or ``dict[str, Node]``."""

_LARGE: Final = 32 * 1024
_DEEPEST: Final = 3

_ENTRY: Final[dict[str, Any]] = {
    "paths": None,
    "webhooks": None,
    "components": {"*": None},
    "definitions": None,
    "parameters": None,
    "responses": None,
    "securityDefinitions": None,
}
"""Which members of an entry file are containers; ``*`` stands for every member."""


def is_split(tokens: Tokens, size: int, *, entry: bool) -> bool:
    """Whether the object at ``tokens``, with ``size`` bytes of text, becomes a container."""
    if entry:
        if not tokens:
            return True
        if tokens[0] in _ENTRY:
            return len(tokens) == 1 or (len(tokens) == 2 and tokens[0] == "components")
    return size > _LARGE and len(tokens) < _DEEPEST


def find(node: Node, tokens: Tokens) -> tuple[Node, Tokens] | None:
    """The leaf (or container) on the way along ``tokens`` and the tokens that are left inside it;
    ``None`` if a container has no such member."""
    for depth, token in enumerate(tokens):
        if not isinstance(node, dict):
            return node, tokens[depth:]
        if token not in node:
            return None
        node = node[token]
    return node, ()


def leaves(node: Node, tokens: Tokens = ()) -> Iterator[tuple[Tokens, int]]:
    """Every part below ``node`` with the tokens that lead to it, in the order of the file."""
    waiting: list[tuple[Tokens, Node]] = [(tokens, node)]
    while waiting:
        at, here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(((*at, name), member) for name, member in reversed(here.items()))
        else:
            yield at, here
