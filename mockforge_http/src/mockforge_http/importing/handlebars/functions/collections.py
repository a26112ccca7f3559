"""Helpers about lists, objects and comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .numbers import calculate, decimal
from .values import MOST_ITEMS, HelperError, Listed, java, text

if TYPE_CHECKING:
    from mockforge.mocking.templating.helpers import BoundedPattern


def _listed(items: list[Any]) -> Listed:
    if len(items) > MOST_ITEMS:
        raise HelperError(f"a list has more than {MOST_ITEMS:,} items")
    return Listed(items)


def whole(value: Any, name: str) -> int:
    """``value`` as a whole number."""
    try:
        return int(value) if isinstance(value, int | float) else int(text(value))
    except ValueError:
        raise HelperError(f"{name} {text(value)[:40]!r} is no whole number") from None


def span(first: Any, last: Any) -> Listed:
    """``first`` up to and including ``last``."""
    low, high = whole(first, "lower bound"), whole(last, "upper bound")
    if high - low >= MOST_ITEMS:
        raise HelperError(f"a list has more than {MOST_ITEMS:,} items")
    return Listed(range(low, high + 1))


def _place(items: list[Any], position: Any, end: int) -> int:
    if position in (None, "end"):
        return end
    index = 0 if position == "start" else whole(position, "position")
    if not 0 <= index <= end:
        raise HelperError(f"position {index} is not within a list of {len(items)}")
    return index


def array_add(items: Any, value: Any, position: Any = None) -> Listed:
    """``items`` with ``value`` at the end, or at ``position``."""
    made = list(items or ())
    made.insert(_place(made, position, len(made)), value)
    return _listed(made)


def array_remove(items: Any, position: Any = None) -> Listed:
    """``items`` without the last, or without that at ``position``."""
    made = list(items or ())
    if made:
        del made[_place(made, position, len(made) - 1)]
    return Listed(made)


def array_join(separator: Any, items: Any, prefix: Any = "", suffix: Any = "") -> str:
    """The texts of ``items``, joined."""
    values = items if isinstance(items, list | tuple) else [items]
    return text(prefix) + text(separator).join(map(text, values)) + text(suffix)


def size(value: Any) -> int:
    """Items, keys or characters."""
    if value is None:
        return 0
    return len(value) if isinstance(value, list | tuple | Mapping) else len(text(value))


def contains(value: Any, what: Any) -> bool:
    """Whether a list has the item, or a text the text."""
    if isinstance(value, list | tuple):
        return text(what) in map(text, value)
    return value is not None and text(what) in text(value)


def matches(value: Any, pattern: Any) -> bool:
    """Whether all of ``value`` fits the regular expression."""
    return expression(pattern).fullmatch(text(value)) is not None


def expression(pattern: Any) -> BoundedPattern:
    """``pattern``, compiled; one that could take endless time is refused."""
    from mockforge.mocking.templating.helpers import compiled_pattern

    return compiled_pattern(text(pattern))


def regex_extract(value: Any, pattern: Any, default: Any = None) -> str:
    """The part of ``value`` that fits."""
    found = expression(pattern).search(text(value))
    if found is not None:
        return found[0]
    if default is None:
        return f"[ERROR: Nothing matched {text(pattern)}]"
    return text(default)


def regex_groups(value: Any, pattern: Any, default: Any = None) -> Listed:
    """The groups of the part of ``value`` that fits."""
    found = expression(pattern).search(text(value))
    return Listed([] if found is None else [group or "" for group in found.groups()])


def lookup(value: Any, key: Any) -> Any:
    """``value[key]``, or nothing."""
    if isinstance(value, Mapping):
        return java(value.get(text(key)))
    if isinstance(value, list | tuple):
        index = text(key)
        if re.fullmatch(r"\d{1,9}", index) and int(index) < len(value):
            return java(value[int(index)])
        if index == "size":
            return len(value)
        return (
            java(value[0 if index == "first" else -1])
            if value and index in ("first", "last")
            else None
        )
    if isinstance(value, str) and key == "length":
        return len(value)
    inner = getattr(value, "get", None)
    return java(inner(text(key))) if callable(inner) else None


def walk(value: Any, *keys: Any) -> Any:
    """``value`` at the end of ``keys``, or nothing."""
    for key in keys:
        if value is None:
            return None
        value = lookup(value, key)
    return value


def scoped(key: Any, *frames: Any) -> Any:
    """What the innermost of ``frames`` that has ``key`` has there."""
    for frame in frames:
        value = lookup(frame, key)
        if value is not None:
            return value
    return None


def pairs(value: Any) -> Listed:
    """What ``each`` goes through: key and value of each item."""
    if isinstance(value, Mapping):
        return _placed([(str(key), item) for key, item in value.items()])
    if isinstance(value, list | tuple):
        return _placed(list(enumerate(value)))
    items = getattr(value, "items", None)
    return _placed([(str(key), item) for key, item in items()]) if callable(items) else Listed()


def section(value: Any, alone: Any = False) -> Listed:
    """What a block goes through: the items of a list, or the one value; nothing if it is false. A list is
    one value if it is to stay ``alone``."""
    if not value and not hasattr(value, "request"):  # views of a request are filled when asked
        return Listed()
    if isinstance(value, list | tuple) and not alone:
        return pairs(value)
    return _placed([(0, value)])


def _placed(items: list[tuple[Any, Any]]) -> Listed:
    last = len(items) - 1
    return _listed(
        [
            {
                "key": key,
                "value": java(item),
                "index": index,
                "first": not index,
                "last": index == last,
            }
            for index, (key, item) in enumerate(items)
        ]
    )


def equal(left: Any, right: Any) -> bool:
    """Same kind and same value; whole and broken numbers are one kind."""
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if isinstance(left, int | float) or isinstance(right, int | float):
        return False
    return bool(left == right)


def compared(left: Any, right: Any) -> int:
    """-1, 0 or 1. HelperError if the two are of different kinds."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return int(left > right) - int(left < right)
    if type(left) is type(right) and isinstance(left, str):
        return int(left > right) - int(left < right)
    numbers = decimal(left), decimal(right)
    if all(re.fullmatch(r"-?\d+(\.\d+)?", text(value)) for value in (left, right)):
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    raise HelperError(f"cannot compare {text(left)[:40]!r} with {text(right)[:40]!r}")


def val(value: Any, or_: Any = None, default: Any = None) -> Any:
    """``value``, or what stands for nothing."""
    if value is not None:
        return value
    return or_ if or_ is not None else default


def chosen(value: bool, yes: Any = None, no: Any = None) -> Any:
    """A comparison's result as it is printed."""
    if yes is None and no is None:
        return value
    return yes if value else no


COLLECTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "array": lambda *items: _listed(list(items)),
    "arrayAdd": array_add,
    "arrayJoin": array_join,
    "arrayRemove": array_remove,
    "contains": contains,
    "eq": lambda left, right=None, yes=None, no=None: chosen(equal(left, right), yes, no),
    "gt": lambda left, right, yes=None, no=None: chosen(compared(left, right) > 0, yes, no),
    "gte": lambda left, right, yes=None, no=None: chosen(compared(left, right) >= 0, yes, no),
    "lookup": lookup,
    "lt": lambda left, right, yes=None, no=None: chosen(compared(left, right) < 0, yes, no),
    "lte": lambda left, right, yes=None, no=None: chosen(compared(left, right) <= 0, yes, no),
    "matches": matches,
    "math": calculate,
    "neq": lambda left, right=None, yes=None, no=None: chosen(not equal(left, right), yes, no),
    "pairs": pairs,
    "range": span,
    "regexExtract": regex_extract,
    "regexGroups": regex_groups,
    "chosen": chosen,
    "scoped": scoped,
    "section": section,
    "size": size,
    "text": text,
    "truthy": bool,
    "val": val,
    "walk": walk,
}
