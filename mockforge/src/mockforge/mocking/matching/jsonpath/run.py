"""Walking through a value: what segments and selectors do, and the budget that bounds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

MOST_STEPS: Final = 200_000
"""Nodes that may be looked at in one run; a path that looks at more leads nowhere."""

Node = Any


class SpentError(Exception):
    """The budget of a run is spent."""


class Run:
    """One evaluation: the ``root`` of the value, and how many nodes may still be looked at."""

    __slots__ = ("left", "root")

    def __init__(self, root: Node, steps: int = MOST_STEPS) -> None:
        self.root = root
        self.left = steps

    def spend(self, nodes: int) -> None:
        """Count ``nodes``; :class:`SpentError` if they are too many."""
        self.left -= nodes
        if self.left < 0:
            raise SpentError


Nodes = list[Node]
Segment = Callable[[Nodes, Run], Nodes]
Selector = Callable[[Node, Run, Nodes], None]
"""Adds to the nodes what it selects of one node; spends what may be more than one."""


def child_by_name(name: str) -> Segment:
    """``.name``"""

    def segment(nodes: Nodes, _: Run) -> Nodes:
        return [node[name] for node in nodes if node.__class__ is dict and name in node]

    return segment


def children(selectors: tuple[Selector, ...]) -> Segment:
    """``[...]``"""
    cost = len(selectors)

    def segment(nodes: Nodes, run: Run) -> Nodes:
        found: Nodes = []
        run.spend(len(nodes) * cost)
        for node in nodes:
            for select in selectors:
                select(node, run, found)
        return found

    return segment


def descendants(selectors: tuple[Selector, ...]) -> Segment:
    """``..[...]``: the node itself and all below it, parents first, in the order of the document."""
    cost = len(selectors)

    def segment(nodes: Nodes, run: Run) -> Nodes:
        found: Nodes = []
        for start in nodes:
            waiting: Nodes = [start]
            while waiting:
                node = waiting.pop()
                run.spend(cost)
                for select in selectors:
                    select(node, run, found)
                if node.__class__ is dict:
                    waiting.extend(reversed(node.values()))
                elif node.__class__ is list:
                    waiting.extend(reversed(node))
        return found

    return segment


def by_name(name: str) -> Selector:
    """``['name']``"""

    def select(node: Node, _: Run, found: Nodes) -> None:
        if node.__class__ is dict and name in node:
            found.append(node[name])

    return select


def by_index(index: int) -> Selector:
    """``[3]``, ``[-1]``"""

    def select(node: Node, _: Run, found: Nodes) -> None:
        if node.__class__ is list and -len(node) <= index < len(node):
            found.append(node[index])

    return select


def by_slice(start: int | None, end: int | None, step: int | None) -> Selector:
    """``[1:5:2]``; a step of 0 selects nothing (RFC 9535 section 2.3.4.2.2)."""

    def select(node: Node, run: Run, found: Nodes) -> None:
        if node.__class__ is list and step != 0:
            run.spend(len(node))
            found.extend(node[start:end:step])

    return select


def every(node: Node, run: Run, found: Nodes) -> None:
    """``*``"""
    if node.__class__ is dict:
        run.spend(len(node))
        found.extend(node.values())
    elif node.__class__ is list:
        run.spend(len(node))
        found.extend(node)


def by_test(test: Callable[[Node, Run], bool], *, itself: bool) -> Selector:
    """``[?...]``: the members or items that pass. Jayway tests an object as a whole; where the filter is
    written as there (``[?(...)]``), an object without such a member is selected ``itself`` if it passes."""

    def select(node: Node, run: Run, found: Nodes) -> None:
        if node.__class__ is dict:
            items: Any = node.values()
        elif node.__class__ is list:
            items = node
        else:
            return
        run.spend(len(items))
        passed = [item for item in items if test(item, run)]
        if itself and not passed and node.__class__ is dict and test(node, run):
            passed = [node]
        found.extend(passed)

    return select
