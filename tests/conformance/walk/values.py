"""Valid values for schemas: what a careful client would send.

Declared values come first (example, default, const, enum), then values made from the keywords. No
value leaves without the validator's consent, so a wrong example in a document is passed over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from .node import DanglingError, Node
from .patterns import PatternError, samples
from .schemas import Schemas, Side
from .shapes import Shape, shapes

_DEEPEST = 12
_TRIES = 600
_TRIES_OF_A_SHAPE = 60

FORMATS = {
    "date": "2024-01-15",
    "date-time": "2024-01-15T10:30:00Z",
    "time": "10:30:00Z",
    "duration": "PT1H",
    "email": "rex@example.com",
    "idn-email": "rex@example.com",
    "hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "uri-reference": "/a",
    "iri": "https://example.com/a",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "byte": "c2FtcGxl",
    "json-pointer": "/a",
    "regex": "^a$",
}


def _anything(value: Any) -> bool:
    return True


class UnmakeableError(Exception):
    """No valid value was found: the schema allows none, or this maker is not clever enough."""


class Values:
    """Makes values for one document. With ``full``, optional properties are given too."""

    def __init__(self, schemas: Schemas, side: Side = "request", *, full: bool = False) -> None:
        self.schemas = schemas
        self.side: Side = side
        self.full = full
        self._strict = True
        self._fits_inside: Callable[[Any], bool] = _anything

    def make(
        self,
        node: Node,
        fits: Callable[[Any], bool] = _anything,
        inside: Callable[[Any], bool] = _anything,
    ) -> Any:
        """A value valid against the schema at ``node`` and fit for its place, as all values in it are
        for theirs (``inside``); valid too to those who leave discriminators aside, if there is such a
        value."""
        self._strict = True
        self._fits_inside = inside
        try:
            return self._pick([node], 0, fits)
        except UnmakeableError:
            self._strict = False
            return self._pick([node], 0, fits)

    def _pick(
        self, nodes: list[Node], depth: int, fits: Callable[[Any], bool] = lambda value: True
    ) -> Any:
        for value in islice(self._candidates(nodes, depth), _TRIES):
            if not fits(value) or (depth and not self._fits_inside(value)):
                continue
            if self._valid(nodes, value):
                return value
        raise UnmakeableError(f"no valid value was found for {nodes[0].pointer or 'the schema'}")

    def _valid(self, nodes: list[Node], value: Any) -> bool:
        return all(
            self.schemas.accepts(node, value, self.side, strict=self._strict) for node in nodes
        )

    def _candidates(self, nodes: list[Node], depth: int) -> Iterator[Any]:
        if depth > _DEEPEST:
            return
        try:
            for shape in shapes(self.schemas.store, self.schemas.dialect, *nodes):
                if not shape.never:
                    yield from _declared(shape)
                    yield from islice(self._made(shape, depth), _TRIES_OF_A_SHAPE)
        except DanglingError as error:
            raise UnmakeableError(str(error)) from None

    def _made(self, shape: Shape, depth: int) -> Iterator[Any]:
        for kind in _kinds(shape):
            if kind == "object":
                yield from self._objects(shape, depth)
            elif kind == "array":
                yield from self._arrays(shape, depth)
            elif kind == "string":
                yield from strings(shape)
            elif kind in {"integer", "number"}:
                yield from numbers(shape, whole=kind == "integer")
            elif kind == "boolean":
                yield from (True, False)
            else:
                yield None

    def _objects(self, shape: Shape, depth: int) -> Iterator[dict[str, Any]]:
        names = list(shape.required)
        if self.full and depth < 3:
            optional = [name for name in shape.properties if name not in shape.required]
            yield from self._object(shape, names, optional, depth)
        yield from self._object(shape, names, [], depth)
        yield from self._distinct(shape, names, depth)

    def _distinct(self, shape: Shape, names: list[str], depth: int) -> Iterator[dict[str, Any]]:
        """Objects with all that is declared; where there are other branches of ``oneOf``, which must
        refuse it, also with values in the others' properties that they do not allow."""
        optional = [name for name in shape.properties if name not in shape.required]
        for made in self._object(shape, names, optional, depth):
            yield made
            if not shape.rivals:
                continue
            spoilt = dict(made)
            for rival in shape.rivals:
                for name, parts in self._properties(rival):
                    if name not in shape.properties and shape.allows_name(name):
                        spoilt |= self._spoilt(name, parts)
            yield spoilt

    def _spoilt(self, name: str, parts: list[Node]) -> dict[str, Any]:
        wrong: list[Any] = [-1, "sample", True, []]
        return next(({name: value} for value in wrong if not self._valid(parts, value)), {})

    def _properties(self, node: Node) -> Iterator[tuple[str, list[Node]]]:
        try:
            for shape in islice(shapes(self.schemas.store, self.schemas.dialect, node), 1):
                yield from shape.properties.items()
        except DanglingError:
            return

    def _object(
        self, shape: Shape, names: list[str], optional: list[str], depth: int
    ) -> Iterator[dict[str, Any]]:
        made: dict[str, Any] = {}
        for name in (*names, *optional):
            parts = shape.properties.get(name) or shape.additional
            if self._unsent(parts):
                continue
            try:
                made[name] = self._pick(parts, depth + 1) if parts else "sample"
            except UnmakeableError:
                if name in names:
                    return
        for name in shape.properties:
            if len(made) >= shape.least_properties:
                break
            if name not in made and not self._unsent(shape.properties[name]):
                try:
                    made[name] = self._pick(shape.properties[name], depth + 1)
                except UnmakeableError:
                    continue
        for number in range(max(0, shape.least_properties - len(made))):
            parts = shape.additional
            made[f"extra{number}"] = self._pick(parts, depth + 1) if parts else "sample"
        for property_name, value in shape.discriminators:
            yield made | {property_name: value}
        for property_name, value in _base_names(shape):
            yield made | {property_name: value}
        yield made

    def _unsent(self, nodes: list[Node]) -> bool:
        """Whether a property is not sent on this side."""
        flag = "readOnly" if self.side == "request" else "writeOnly"
        for node in nodes:
            for part in (node, self.schemas.store.follow(node)):
                if isinstance(part.value, dict) and part.value.get(flag) is True:
                    return True
        return False

    def _arrays(self, shape: Shape, depth: int) -> Iterator[list[Any]]:
        wanted = max(shape.least_items, 1, len(shape.contains))
        if shape.most_items is not None:
            wanted = min(wanted, shape.most_items)
        with contextlib.suppress(UnmakeableError):
            yield self._elements(shape, wanted, depth)
        if shape.least_items == 0:
            yield []

    def _elements(self, shape: Shape, wanted: int, depth: int) -> list[Any]:
        made: list[Any] = []
        for place in range(wanted):
            if place < len(shape.prefix):
                parts = [shape.prefix[place]]
            else:
                parts = shape.items + shape.contains[place : place + 1]
            fits = (lambda value: value not in made) if shape.unique else (lambda value: True)
            made.append(self._pick(parts, depth + 1, fits) if parts else f"sample{place}")
        return made


def _declared(shape: Shape) -> Iterator[Any]:
    for node in shape.nodes:
        if isinstance(node.value, dict):
            if "example" in node.value:
                yield node.value["example"]
            if isinstance(node.value.get("examples"), list):
                yield from node.value["examples"]
            if node.value.get("default") is not None:
                yield node.value["default"]
    yield from shape.enum or ()


def _base_names(shape: Shape) -> Iterator[tuple[str, str]]:
    """Names that a discriminator in a base schema may ask for: those of the schemas merged."""
    for node in shape.nodes:
        discriminator = node.value.get("discriminator") if isinstance(node.value, dict) else None
        name = (
            discriminator.get("propertyName") if isinstance(discriminator, dict) else discriminator
        )
        if not isinstance(name, str):
            continue
        mapping = discriminator.get("mapping") or {} if isinstance(discriminator, dict) else {}
        for other in shape.nodes:
            reference = f"#{other.pointer}"
            component = other.pointer.rpartition("/")[2]
            for value, target in mapping.items():
                if target in (reference, component):
                    yield name, value
            yield name, component
        yield from ((name, value) for value in mapping)


def _kinds(shape: Shape) -> list[str]:
    """The types to try, the likeliest first."""
    order = ["object", "array", "string", "integer", "number", "boolean", "null"]
    if shape.types is not None:
        return [kind for kind in order if kind in shape.types]
    if shape.properties or shape.required or shape.additional or shape.least_properties:
        return ["object"]
    if shape.items or shape.prefix or shape.least_items:
        return ["array"]
    if shape.patterns or shape.formats or shape.least_length or shape.most_length is not None:
        return ["string", "integer"]
    bounds = (shape.minimum, shape.maximum, shape.above, shape.below)
    if shape.multiples or any(bound is not None for bound in bounds):
        return ["integer", "number"]
    return ["string", "integer", "object", "array", "boolean", "null"]


def strings(shape: Shape) -> Iterator[str]:
    """Texts for the string keywords of a shape."""
    shortest, longest = shape.least_length, shape.most_length
    for name in shape.formats:
        if name in FORMATS:
            yield FORMATS[name]
    for pattern in shape.patterns:
        try:
            yield from islice(samples(pattern, shortest), 12)
        except PatternError:
            continue
    for base in ("sample", "a", "1"):
        text = base if len(base) >= shortest else base.ljust(shortest, "a")
        yield text if longest is None else text[:longest]
    for number in range(20):
        text = f"{number}sample".ljust(shortest, "a")
        yield text if longest is None else text[:longest]


def numbers(shape: Shape, *, whole: bool) -> Iterator[float]:
    """Numbers for the numeric keywords of a shape."""
    starts: list[float] = [1, 0]
    if shape.minimum is not None:
        starts.insert(0, shape.minimum)
    if shape.above is not None:
        starts.insert(0, shape.above + (1 if whole else 0.5))
        starts.append(shape.above + 0.001)
    if shape.maximum is not None:
        starts.append(shape.maximum)
    if shape.below is not None:
        starts += [shape.below - 1, shape.below - 0.001]
    for step in shape.multiples or [1]:
        for start in starts:
            nearest = -(-start // step) * step
            for value in (start, nearest, nearest + step, nearest + 2 * step, nearest - step):
                if not whole or float(value).is_integer():
                    yield int(value) if whole or float(value).is_integer() else value
    if not whole:
        yield from (0.5, 1.5)
    yield from range(2, 30)
