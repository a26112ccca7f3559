"""Which schemas apply to which item of an array: ``prefixItems``, ``items``, ``contains``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain, islice, permutations
from typing import TYPE_CHECKING, Final

from mockforge.mocking.data.model import DEMAND_ITEMS, Source, UnsatisfiableError
from mockforge.mocking.data.names import singular
from mockforge.mocking.data.plan import Node
from mockforge.mocking.data.shape import Contains, Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_ORDERS: Final = 24
"""Orders of several ``contains`` that are tried."""


class Layout:
    """Which node makes which item.

    ``least`` and ``most`` bound the number of items; ``nodes`` make the first ones (``prefixItems``,
    and where ``contains`` has to be met), ``rest`` all that follow. What ``contains`` asks for is put
    behind the prefix, each its own; or with ``within`` into it and together, as far as that fits.
    """

    def __init__(self, compiler: Compiler, node: Node, shape: Shape, *, within: bool) -> None:
        self._compiler = compiler
        self._node = node
        self._shape = shape
        self.prefix = max((len(part.prefix) for part in shape.arrays), default=0)
        self.most = _most(shape)
        placed = self._place_contains(within=within)
        self.least = max(shape.min_items, max(placed, default=-1) + 1)
        if self.least > self.most:
            raise UnsatisfiableError(
                node.path, f"at least {self.least} items are asked for, at most {self.most} allowed"
            )
        if self.least > DEMAND_ITEMS:
            raise UnsatisfiableError(
                node.path, f"{self.least} items are beyond the {DEMAND_ITEMS} that are generated"
            )
        fixed = max(self.prefix, max(placed, default=-1) + 1)
        self.rest = self._node_at(fixed, [])
        self.nodes = [
            self._node_at(place, placed.get(place, [])) for place in range(min(fixed, self.most))
        ]

    def _place_contains(self, *, within: bool) -> dict[int, list[Source]]:
        """The places that have to hold what ``contains`` asks for. Where one takes the only place
        that fits another, they are placed in another order."""
        total = sum(wanted.least for wanted in self._shape.contains)
        if total > DEMAND_ITEMS:
            raise UnsatisfiableError(
                self._node.path, f"minContains {total} is beyond what is generated"
            )
        for order in islice(permutations(self._shape.contains), _ORDERS):
            placed = self._placed(order, total, within=within)
            if placed is not None:
                return placed
        raise UnsatisfiableError(self._node.path, "no item can be what `contains` asks for")

    def _placed(
        self, order: tuple[Contains, ...], total: int, *, within: bool
    ) -> dict[int, list[Source]] | None:
        """Each in a place of its own as long as there are any where it fits, then in shared ones."""
        inside = list(range(min(self.prefix, self.most)))
        behind = list(range(self.prefix, max(self.prefix, min(self.most, self.prefix + total))))
        placed: dict[int, list[Source]] = {}
        for wanted in order:
            mine: set[int] = set()

            def candidates(mine: set[int] = mine) -> Iterator[int]:
                shared = (place for place in placed if place not in mine)
                if within:
                    return chain(inside, shared, behind)
                return chain(behind, reversed(inside), shared)

            for _ in range(wanted.least):
                place = self._fitting(wanted.source, candidates, placed)
                if place is None:
                    return None
                mine.add(place)
                placed.setdefault(place, []).append(wanted.source)
                for free in (inside, behind):
                    if place in free:
                        free.remove(place)
        return placed

    def _fitting(
        self,
        wanted: Source,
        candidates: Callable[[], Iterator[int]],
        placed: dict[int, list[Source]],
    ) -> int | None:
        for place in candidates():
            if not math.isinf(self._node_at(place, [*placed.get(place, []), wanted]).floor):
                return place
        # Within a recursion that is being measured, everything may look endless.
        for place in candidates():
            if self._node_at(place, [*placed.get(place, []), wanted]).plan.level >= 0:
                return place
        return None

    def _node_at(self, place: int, wanted: list[Source]) -> Node:
        """The node for the item at ``place``, which is also to satisfy ``wanted``."""
        shape = self._shape
        sources = [source for part in shape.arrays if (source := part.at(place)) is not None]
        if not sources and not wanted:
            sources.extend(shape.unevaluated_items)
        sources.extend(wanted)
        sources.extend(
            self._compiler.references.negated(contains.source)
            for contains in shape.contains
            if contains.most is not None and contains.source not in wanted
        )
        name = singular(self._node.field)
        return self._compiler.node(
            tuple(sources),
            field=name,
            owner=name or self._node.owner,
            parent=self._node,
            step=f"/prefixItems/{place}" if place < self.prefix else "/items",
        )


def _most(shape: Shape) -> int:
    most = 2 * DEMAND_ITEMS if shape.max_items is None else shape.max_items
    for part in shape.arrays:
        for place in range(len(part.prefix) + 1):
            source = part.at(place)
            if source is not None and source.schema is False:
                most = min(most, place)
    return most
