"""Wrong values for a place: what its schema seems to forbid. Whether it does is for the judge to say.

``flat`` places are written as text (parameters, forms, XML), where a number and its digits are the
same: there, only text is put in, and nothing empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .places import Path, Place, drop, put

Mutant = tuple[str, Path, Any]
"""The kind of mutation, the place and the whole value."""

KINDS = (
    "wrong type",
    "missing property",
    "out of bounds",
    "extra property",
    "not in enum",
    "wrong format",
    "against pattern",
)
_WRONG_TYPES: tuple[Any, ...] = ("sample", 12345, True, [], {}, 1.5, None)
_NO_FORMAT = ("not a format", "2024-13-45", "a@", "999.1.1.1", "%zz", "{", "~2", "/~", "*")
_NO_MATCH = ("~", "sample!", "a b", "0", "A", "\u00e9\u00e9", "a" * 300)
_NUMBER_FORMATS = {"int32": 2**31, "int64": 2**63}
_LONGEST_TEXT = 3000
_MOST_ITEMS = 300
_UNFORESEEN = "unforeseenProperty"


def wrong(root: Any, place: Place, *, flat: bool) -> Iterator[Mutant]:
    """Mutants of ``root``, each wrong at ``place`` or right below it."""
    path, shape = place.path, place.shape
    if isinstance(place.value, dict):
        # Written as text, an object without members is not there.
        alone = flat and len(place.value) == 1
        for name in shape.required:
            if name in place.value and not alone:
                yield "missing property", (*path, name), drop(root, (*path, name))
        if shape.closed or _unevaluated(place):
            inner = (*path, _UNFORESEEN)
            yield "extra property", inner, put(root, inner, "sample")
    if flat and not place.scalar:
        if isinstance(place.value, list):
            for value in _lists(place):
                if value:
                    yield "out of bounds", path, put(root, path, value)
        return
    for kind, value in _values(place):
        if flat and (isinstance(value, dict | list) or value in ("", None)):
            continue
        yield kind, path, put(root, path, value)


def _values(place: Place) -> Iterator[tuple[str, Any]]:
    shape = place.shape
    if shape.types is not None:
        for value in _WRONG_TYPES:
            yield "wrong type", value
    if shape.enum is not None:
        for value in ("no-such-value", 987654, 0.25):
            yield "not in enum", value
    for value in (*_numbers(place), *_texts(place), *_lists(place), *_objects(place)):
        yield "out of bounds", value
    for name in shape.formats:
        for value in (_NUMBER_FORMATS[name],) if name in _NUMBER_FORMATS else _NO_FORMAT:
            yield "wrong format", value
    if shape.patterns:
        for value in _NO_MATCH:
            yield "against pattern", value


def _numbers(place: Place) -> Iterator[float]:
    shape = place.shape
    if shape.minimum is not None:
        yield shape.minimum - 1
    if shape.above is not None:
        yield shape.above
    if shape.maximum is not None:
        yield shape.maximum + 1
    if shape.below is not None:
        yield shape.below
    for step in shape.multiples:
        yield (place.value if isinstance(place.value, int | float) else 0) + step / 2


def _texts(place: Place) -> Iterator[str]:
    shape = place.shape
    text = place.value if isinstance(place.value, str) else "a"
    if shape.least_length:
        yield text[: shape.least_length - 1]
    if shape.most_length is not None and shape.most_length < _LONGEST_TEXT:
        yield text.ljust(shape.most_length + 1, text[-1:] or "a")


def _lists(place: Place) -> Iterator[list[Any]]:
    shape, value = place.shape, place.value
    if not isinstance(value, list):
        return
    if shape.least_items:
        yield value[: shape.least_items - 1]
    if value and shape.most_items is not None and shape.most_items < _MOST_ITEMS:
        yield [value[0]] * (shape.most_items + 1)
    if value and shape.unique:
        yield [*value, value[-1]]


def _objects(place: Place) -> Iterator[dict[str, Any]]:
    shape, value = place.shape, place.value
    if not isinstance(value, dict):
        return
    if shape.least_properties:
        yield dict(list(value.items())[: shape.least_properties - 1])
    if shape.most_properties is not None and shape.most_properties < _MOST_ITEMS:
        more = {f"extra{number}": "sample" for number in range(shape.most_properties + 1)}
        yield value | more


def _unevaluated(place: Place) -> bool:
    return any(
        isinstance(node.value, dict) and node.value.get("unevaluatedProperties") is False
        for node in place.shape.nodes
    )
