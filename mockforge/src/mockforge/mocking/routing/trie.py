"""The trie of path templates: a node per segment, so that a look-up costs the length of the path.

Preference where several templates match (OpenAPI 3.1.1, section 4.8.8.2: concrete before templated): at
each segment a literal, then mixed segments with more literal text first, then a whole parameter.

One thread at a time may change a trie while others read it: what a reader sees is replaced, never changed
in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

from mockforge.mocking.routing.template import PathTemplate, Segment

V = TypeVar("V")


class Node(Generic[V]):
    """What follows a beginning of paths; ``value`` belongs to the template that ends here, if one does."""

    __slots__ = ("literals", "mixed", "value", "whole")

    def __init__(self) -> None:
        self.literals: dict[str, Node[V]] = {}
        self.mixed: Sequence[tuple[Segment, Node[V]]] = ()
        self.whole: Node[V] | None = None
        self.value: V | None = None

    def child(self, segment: Segment) -> Node[V]:
        """The node below for ``segment``, made when there is none."""
        known = self._known(segment)
        if known is not None:
            return known
        made: Node[V] = Node()
        if segment.literal is not None:
            self.literals[segment.literal] = made
        elif segment.whole:
            self.whole = made
        else:
            self.mixed = sorted([*self.mixed, (segment, made)], key=lambda item: item[0].rank)
        return made

    def at(self, template: PathTemplate) -> Node[V]:
        """The node where ``template`` ends, made when there is none."""
        node = self
        for segment in template.segments:
            node = node.child(segment)
        return node

    def find(self, template: PathTemplate) -> Node[V] | None:
        """The node where ``template`` (or one that matches the same paths) ends, if there is one."""
        node: Node[V] | None = self
        for segment in template.segments:
            if node is None:
                return None
            node = node._known(segment)
        return node

    def prune(self, template: PathTemplate) -> None:
        """Drop the nodes of ``template`` that lead to nothing any more."""
        trail: list[tuple[Node[V], Segment, Node[V]]] = []
        node = self
        for segment in template.segments:
            below = node._known(segment)
            if below is None:
                return
            trail.append((node, segment, below))
            node = below
        for above, segment, below in reversed(trail):
            if below.value is not None or below.literals or below.mixed or below.whole:
                return
            if segment.literal is not None:
                del above.literals[segment.literal]
            elif segment.whole:
                above.whole = None
            else:
                above.mixed = [item for item in above.mixed if item[1] is not below]

    def children(self, most: int | None = None) -> Iterator[Node[V]]:
        """The nodes below, in order of preference; of the literal ones at most ``most``."""
        # One call that holds the interpreter's lock: the dictionary may be changed meanwhile.
        yield from list(islice(self.literals.values(), most))
        for _, node in self.mixed:
            yield node
        if self.whole is not None:
            yield self.whole

    def step(self, text: str) -> Node[V] | None:
        """The preferred node below for the decoded segment ``text``."""
        literal = self.literals.get(text)
        if literal is not None:
            return literal
        return next((node for segment, node in self.mixed if segment.match(text)), self.whole)

    def ends(self, segments: Sequence[str], at: int = 0) -> Iterator[tuple[Node[V], list[str]]]:
        """Every node with a value that the decoded ``segments`` from ``at`` on lead to, in order of
        preference, with the values of the parameters on the way, last one first."""
        if at == len(segments):
            if self.value is not None:
                yield self, []
            return
        text = segments[at]
        literal = self.literals.get(text)
        if literal is not None:
            yield from literal.ends(segments, at + 1)
        for segment, node in self.mixed:
            found = segment.match(text)
            if found is not None:
                for end, values in node.ends(segments, at + 1):
                    values.extend(reversed(found))
                    yield end, values
        if self.whole is not None and text:
            for end, values in self.whole.ends(segments, at + 1):
                values.append(text)
                yield end, values

    def _known(self, segment: Segment) -> Node[V] | None:
        if segment.literal is not None:
            return self.literals.get(segment.literal)
        if segment.whole:
            return self.whole
        shape = segment.shape
        return next((node for known, node in self.mixed if known.shape == shape), None)


def near_values(root: Node[V], segments: Sequence[str], most: int) -> Iterator[list[V]]:
    """Values at and below the nodes that the path passes, from the last of these nodes on: a list for each,
    nearest first and of at most ``most`` values."""
    trail = [root]
    node = root
    for text in segments:
        step = node.step(text)
        if step is None:
            break
        node = step
        trail.append(node)
    for passed in reversed(trail):
        yield list(_values_below(passed, most))


def _values_below(node: Node[V], most: int) -> Iterator[V]:
    left = most
    level = [node]
    while level:
        below: list[Node[V]] = []
        for at in level:
            if at.value is not None:
                yield at.value
                left -= 1
                if left <= 0:
                    return
            below.extend(at.children(most))
        level = below[:most]
