"""Filters on lists and mappings, and the tests of ``is``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from mockforge.mocking.templating.filters import joined
from mockforge.mocking.templating.helpers import length_of, whole_number
from mockforge.mocking.templating.limits import MAX_ITEMS
from mockforge.mocking.templating.operators import PLAIN, add_numbers, kind_of
from mockforge.mocking.templating.runtime import RefusedError, Run, size_of
from mockforge.mocking.templating.texts import json_of, text_of
from mockforge.nearest import nearest

Filter = Callable[..., Any]

_MISSING: Final[Any] = object()
_MOST_COLUMNS: Final = 10_000
_LONGEST_PATH: Final = 1000


def items_of(value: Any) -> list[Any]:
    """``value`` as a new list: of a mapping its keys, of a text its characters, of nothing none."""
    if value is None:
        return []
    if isinstance(value, str | list | tuple | Mapping):
        if len(value) > MAX_ITEMS:
            raise RefusedError(
                f"this is a list of more than {MAX_ITEMS} items", "take a slice: [:1000]"
            )
        return list(value)
    raise RefusedError(f"a list is needed, not {kind_of(value)}")


def _in_order(value: Any) -> Sequence[Any]:
    """``value``, if its items have numbers, else :func:`items_of` it."""
    return value if isinstance(value, str | list | tuple) else items_of(value)


def attribute_of(item: Any, path: Any) -> Any:
    """What ``path`` (``owner.name``, ``0``) leads to in ``item``, or None."""
    steps = str(path)
    if len(steps) > _LONGEST_PATH:
        raise RefusedError(f"an attribute's path has at most {_LONGEST_PATH} characters")
    for part in steps.split("."):
        if isinstance(item, Mapping):
            item = item.get(part)
        elif isinstance(item, list | tuple) and part.isdigit() and len(part) < 10:
            item = item[int(part)] if int(part) < len(item) else None
        else:
            return None
    return item


def _order(left: Any, right: Any) -> int:
    try:
        return int(left > right) - int(left < right)
    except TypeError:
        raise RefusedError(f"{kind_of(left)} and {kind_of(right)} have no order") from None


def _key(attribute: Any = None, case_sensitive: Any = False) -> Callable[[Any], Any]:
    def value_of(item: Any) -> Any:
        value = item if attribute is None else attribute_of(item, attribute)
        return value.lower() if isinstance(value, str) and not case_sensitive else value

    return value_of


class Lists:
    """The filters of one :class:`Run`; ``filters`` are what ``map`` may name."""

    def __init__(self, run: Run, filters: Mapping[str, Filter]) -> None:
        self._run = run
        self._filters = filters

    def table(self) -> dict[str, Filter]:
        """The filters by name."""
        return {
            "attr": attribute_of,
            "batch": self.batch,
            "count": _length,
            "dictsort": self.dictsort,
            "first": self.first,
            "groupby": self.groupby,
            "items": _pairs,
            "join": lambda values, by="", attribute=None: joined(self._run, values, by, attribute),
            "keys": lambda value: [key for key, _ in _pairs(value)],
            "last": self.last,
            "length": _length,
            "list": items_of,
            "map": self.map,
            "max": lambda values, case_sensitive=False, attribute=None: self._extreme(
                1, values, case_sensitive, attribute
            ),
            "min": lambda values, case_sensitive=False, attribute=None: self._extreme(
                -1, values, case_sensitive, attribute
            ),
            "random": self.random,
            "reject": self._chosen(False),
            "rejectattr": self._chosen_by_attribute(False),
            "reverse": self.reverse,
            "select": self._chosen(True),
            "selectattr": self._chosen_by_attribute(True),
            "shuffle": self.shuffle,
            "sort": self.sort,
            "sum": self.sum,
            "unique": self.unique,
            "values": lambda value: [each for _, each in _pairs(value)],
        }

    def _each(self, values: Any) -> Iterator[Any]:
        """The items, as long as there is time."""
        for item in items_of(values):
            self._run.in_time()
            yield item

    def _compared(self, left: Any, right: Any) -> int:
        self._run.in_time()
        return _order(left, right)

    def sort(
        self,
        values: Any,
        reverse: Any = False,
        case_sensitive: Any = False,
        attribute: Any = None,
    ) -> list[Any]:
        """In order; texts without regard to case."""
        key = _key(attribute, case_sensitive)
        by = functools.cmp_to_key(lambda left, right: self._compared(key(left), key(right)))
        return sorted(items_of(values), key=by, reverse=bool(reverse))

    def _extreme(self, sign: int, values: Any, case_sensitive: Any, attribute: Any) -> Any:
        key = _key(attribute, case_sensitive)
        best = _MISSING
        for item in self._each(values):
            if best is _MISSING or sign * _order(key(item), key(best)) > 0:
                best = item
        return None if best is _MISSING else best

    def unique(self, values: Any, case_sensitive: Any = False, attribute: Any = None) -> list[Any]:
        """The first of each that are equal."""
        key = _key(attribute, case_sensitive)
        found: dict[str, Any] = {}
        for item in self._each(values):
            found.setdefault(json_of(key(item)), item)
        return list(found.values())

    def map(
        self,
        values: Any,
        name: Any = None,
        *arguments: Any,
        attribute: Any = None,
        default: Any = None,
    ) -> list[Any]:
        """A filter on each, or an attribute of each."""
        if attribute is not None:
            found = [attribute_of(item, attribute) for item in self._each(values)]
            return [default if value is None else value for value in found]
        function = _named(self._filters, "filter", name)
        made: list[Any] = []
        room = self._run.most
        for item in self._each(values):
            made.append(function(item, *arguments))
            room -= size_of(made[-1], room)
            if room < 0:
                raise self._run.too_large()
        return made

    def _chosen(self, wanted: bool) -> Filter:
        def choose(values: Any, name: Any = None, *arguments: Any) -> list[Any]:
            return [item for item in self._each(values) if _test(item, name, arguments) is wanted]

        return choose

    def _chosen_by_attribute(self, wanted: bool) -> Filter:
        def choose(values: Any, attribute: Any, name: Any = None, *arguments: Any) -> list[Any]:
            return [
                item
                for item in self._each(values)
                if _test(attribute_of(item, attribute), name, arguments) is wanted
            ]

        return choose

    def groupby(self, values: Any, attribute: Any, default: Any = None) -> list[Any]:
        """``grouper`` and ``list`` of each group, in the order of their first members."""
        groups: dict[str, tuple[Any, list[Any]]] = {}
        for item in self._each(values):
            value = attribute_of(item, attribute)
            value = default if value is None else value
            groups.setdefault(text_of(value), (value, []))[1].append(item)
        return [{"grouper": value, "list": members} for value, members in groups.values()]

    def batch(self, values: Any, size: Any, fill: Any = None) -> list[Any]:
        """Lists of so many items; the last is filled up if there is something to fill it with."""
        number = max(1, length_of(size, "the size", _MOST_COLUMNS))
        every = items_of(values)
        rows = [every[at : at + number] for at in range(0, len(every), number)]
        if fill is not None and rows:
            run, missing = self._run, number - len(rows[-1])
            run.fits(size_of(every, run.most) + missing * (size_of(fill, run.most) + 1))
            rows[-1] += [fill] * missing
        return rows

    def sum(self, values: Any, attribute: Any = None, start: Any = 0) -> Any:
        """The sum of numbers."""
        total = start
        for item in self._each(values):
            value = item if attribute is None else attribute_of(item, attribute)
            total = add_numbers(total, value)
        return total

    def first(self, values: Any) -> Any:
        """The first item, or nothing."""
        every = _in_order(values)
        return every[0] if every else None

    def last(self, values: Any) -> Any:
        """The last item, or nothing."""
        every = _in_order(values)
        return every[-1] if every else None

    def reverse(self, value: Any) -> Any:
        """A text or a list from its end."""
        every = _in_order(value)
        return every[::-1] if isinstance(every, str) else list(every[::-1])

    def dictsort(self, value: Any, by: Any = "key", reverse: Any = False) -> list[Any]:
        """Pairs of a mapping in the order of keys or of values."""
        return self.sort(_pairs(value), reverse, attribute="1" if by == "value" else "0")

    def random(self, values: Any) -> Any:
        """One item."""
        every = _in_order(values)
        return every[int(self._run.chance.random() * len(every))] if every else None

    def shuffle(self, values: Any) -> list[Any]:
        """In another order."""
        every = items_of(values)
        self._run.chance.shuffle(every)
        return every


def _length(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise RefusedError(f"{kind_of(value)} has no length")


def _pairs(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise RefusedError(f"a mapping is needed, not {kind_of(value)}")
    return [[key, each] for key, each in value.items()]


def _test(value: Any, name: Any, arguments: tuple[Any, ...]) -> bool:
    return bool(value) if name is None else bool(_named(TESTS, "test", name)(value, *arguments))


def _named(table: Mapping[str, Filter], what: str, name: Any) -> Filter:
    found = table.get(name) if isinstance(name, str) else None
    if found is None:
        near = nearest(str(name), table)
        raise RefusedError(
            f"there is no {what} {str(name)[:40]}", f"did you mean {near}?" if near else None
        )
    return found


def _multiple(value: Any, by: Any) -> bool:
    number = whole_number(by, "the divisor")
    return number != 0 and whole_number(value, "the value") % number == 0


TESTS: Final[dict[str, Filter]] = {
    "boolean": lambda value: isinstance(value, bool),
    "divisibleby": _multiple,
    "endingwith": lambda value, end: isinstance(value, str) and value.endswith(str(end)),
    "even": lambda value: _multiple(value, 2),
    "false": lambda value: value is False,
    "float": lambda value: isinstance(value, float),
    "in": PLAIN["__in"],
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "iterable": lambda value: isinstance(value, str | list | tuple | Mapping),
    "lower": lambda value: isinstance(value, str) and value.islower(),
    "mapping": lambda value: isinstance(value, Mapping),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "odd": lambda value: not _multiple(value, 2),
    "sequence": lambda value: isinstance(value, list | tuple),
    "startingwith": lambda value, start: isinstance(value, str) and value.startswith(str(start)),
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "upper": lambda value: isinstance(value, str) and value.isupper(),
    **{name: PLAIN[f"__{name}"] for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "equalto": PLAIN["__eq"],
    "sameas": PLAIN["__eq"],
    "lessthan": PLAIN["__lt"],
    "greaterthan": PLAIN["__gt"],
}
"""The tests of ``is`` by name, but for those that are the engine's own (``defined``, ``none``)."""
