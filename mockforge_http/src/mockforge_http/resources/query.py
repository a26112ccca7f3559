"""Lists: filters, sorting and paging, as the parameters of the list operation declare them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import UNSET

from mockforge_http.resources import names
from mockforge_http.resources.identity import Path, as_text, get_at
from mockforge_http.resources.names import folded

if TYPE_CHECKING:
    from mockforge_http.documents import Parameter
    from mockforge_http.render.schema import SchemaNode

Given = Mapping[tuple[str, str], Any]
"""Decoded parameters by place and name."""

Item = dict[str, Any]
_MOST_SHOWN: Final = 1_000
"""Items in one answer where the document declares a limit and the client asks for more."""
_PAGE_SIZE: Final = 25
"""Items of a page where the document declares pages and does not say how large they are."""


class Page(NamedTuple):
    """What of a list is shown. ``limit`` is ``None`` where the whole list is. ``next_after`` is the cursor
    of the next page, ``first`` and ``last`` are the ids of the items at the ends; texts, empty for none."""

    items: Sequence[Item]
    total: int
    offset: int
    limit: int | None
    first: str
    last: str

    @property
    def more(self) -> bool:
        """Whether there are items after these."""
        return self.offset + len(self.items) < self.total

    @property
    def next_after(self) -> str:
        """The cursor of the page after this one."""
        return self.last if self.more else ""


class _Control(NamedTuple):
    name: str
    default: Any
    lowest: int


class ListQuery:
    """Reads the ``parameters`` of a list operation whose items have ``properties`` and their id at
    ``identity``; ``node_of`` gives the schema of a parameter.

    ``controls`` are the declared parameters for paging, by kind (``limit``, ``offset``, ``page``, ``after``).
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        properties: Iterable[str],
        identity: Path,
        node_of: Callable[[Parameter], SchemaNode | None],
    ) -> None:
        known = {folded(name): name for name in properties}
        self._identity = identity
        self._filters: dict[str, str] = {}
        self.controls: dict[str, _Control] = {}
        for parameter in parameters:
            if parameter.where != "query":
                continue
            name = folded(parameter.name)
            kind = next((kind for kind, group in _KINDS.items() if name in group), None)
            node = node_of(parameter)
            if kind == "page" and node is not None and _is_text(node):
                kind = "after"
            if kind == "direction" and name in known and not _is_direction(node):
                kind = None
            if kind == "offset" and name in known and node is not None and _is_text(node):
                kind = None  # a caller's number in `From`, say
            if kind is not None:
                self.controls.setdefault(kind, _control(parameter.name, node))
            elif name in known:
                self._filters[parameter.name] = known[name]

    def lead_on_by(self, name: str) -> None:
        """Have links lead to other pages by the offset ``name`` where no parameter says a position."""
        if self.controls.keys().isdisjoint(("offset", "page", "after", "before")):
            self.controls["offset"] = _Control(name, None, 0)

    def needs_all(self, given: Given) -> bool:
        """Whether every item has to be looked at, or a slice by position will do."""
        wanted = [*self._filters, *(self._name(kind) for kind in ("sort", "after", "before"))]
        return any(("query", name) in given for name in wanted)

    def slice(self, given: Given) -> tuple[int, int | None]:
        """Offset and limit; no limit where none is declared or given."""
        limit = self._number("limit", given)
        if limit is None and not self.controls.keys().isdisjoint(("page", "after")):
            limit = _PAGE_SIZE
        if limit is not None:
            limit = min(limit, _MOST_SHOWN)
        offset = self._number("offset", given)
        if offset is None:
            page = self._number("page", given)
            first = self.controls["page"].lowest if page is not None else 0
            offset = max(0, (page or 0) - first) * (limit or 0)
        return max(0, offset), limit

    def page_of(self, items: Sequence[Item], given: Given) -> Page:
        """The page of ``items`` (all of them, in their order) that is asked for."""
        found = self._sorted(self._filtered(items, given), given)
        offset, limit = self.slice(given)
        after = self._value("after", given)
        before = self._value("before", given)
        if after is not None:
            offset = self._position(found, after) + 1
        elif before is not None:
            end = self._position(found, before)
            offset = max(0, end - (limit or end))
            limit = min(limit or end, end)
        shown = found[offset:] if limit is None else found[offset : offset + limit]
        return self.page(shown, len(found), offset, limit)

    def page(self, shown: Sequence[Item], total: int, offset: int, limit: int | None) -> Page:
        """A page of items that were chosen already."""
        ends = [as_text(get_at(item, self._identity)) or "" for item in (*shown[:1], *shown[-1:])]
        first, last = (ends[0], ends[-1]) if ends else ("", "")
        return Page(shown, total, offset, limit, first, last)

    # ---------------------------------------------------------------- parts

    def _filtered(self, items: Sequence[Item], given: Given) -> list[Item]:
        found = list(items)
        for name, prop in self._filters.items():
            wanted = given.get(("query", name), UNSET)
            if wanted is not UNSET and not isinstance(wanted, dict):
                texts = {_text(each) for each in _many(wanted)}
                found = [item for item in found if not texts.isdisjoint(_texts(item.get(prop)))]
        return found

    def _sorted(self, items: list[Item], given: Given) -> list[Item]:
        wanted = self._value("sort", given)
        direction = self._value("direction", given)
        down = str(direction).lower().startswith("desc")
        if wanted is None:
            return items[::-1] if down else items
        for field in reversed(
            [str(part) for each in _many(wanted) for part in str(each).split(",")]
        ):
            name, backwards = _field(field)
            key = next((key for item in items for key in item if folded(key) == name), None)
            if key is not None:
                items = sorted(
                    items, key=lambda item: _rank(item.get(key)), reverse=backwards or down
                )
        return items

    def _position(self, items: Sequence[Item], cursor: Any) -> int:
        """Where the item is that ``cursor`` names; past the end if it is gone."""
        text = _text(cursor)
        for position, item in enumerate(items):
            if as_text(get_at(item, self._identity)) == text:
                return position
        return len(items)

    def _name(self, kind: str) -> str:
        control = self.controls.get(kind)
        return "" if control is None else control.name

    def _value(self, kind: str, given: Given) -> Any:
        value = given.get(("query", self._name(kind)))
        return None if value == "" else value

    def _number(self, kind: str, given: Given) -> int | None:
        control = self.controls.get(kind)
        if control is None:
            return None
        value = given.get(("query", control.name), control.default)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        return value if type(value) is int and 0 <= value < 10**9 else None


_KINDS: Final[dict[str, frozenset[str]]] = {
    "limit": names.LIMIT,
    "offset": names.OFFSET,
    "page": names.PAGE,
    "after": names.AFTER,
    "before": names.BEFORE,
    "sort": names.SORT,
    "direction": names.DIRECTION,
}


def _control(name: str, node: SchemaNode | None) -> _Control:
    default = node.find("default") if node is not None else None
    lowest = node.find("minimum") if node is not None else None
    values = [found[0] for found in (default, lowest) if found is not None]
    return _Control(name, None if default is None else default[0], 0 if 0 in values else 1)


def _is_text(node: SchemaNode) -> bool:
    found = node.find("type")
    return found is not None and found[0] == "string"


def _is_direction(node: SchemaNode | None) -> bool:
    found = None if node is None else node.find("enum")
    return found is not None and any(str(each).lower().startswith("asc") for each in found[0])


def _field(text: str) -> tuple[str, bool]:
    """A field to sort by and whether downwards: ``name``, ``-name``, ``+name``, ``name:desc``,
    ``name desc``, ``name.desc``."""
    text = text.strip()
    backwards = text.startswith("-")
    text = text.lstrip("+-")
    for mark in (":", " ", "."):
        head, found, tail = text.rpartition(mark)
        if found and tail.lower() in ("asc", "desc"):
            return folded(head), tail.lower() == "desc"
    return folded(text), backwards


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return as_text(value) or str(value)


def _texts(value: Any) -> set[str]:
    """Every text by which a value can be asked for: that of an object is its name or id."""
    found: set[str] = set()
    for each in _many(value):
        if isinstance(each, dict):
            found.update(_text(each[key]) for key in ("name", "id", "key") if key in each)
        elif each is not None:
            found.add(_text(each))
    return found


def _rank(value: Any) -> tuple[int, Any]:
    """A key to sort values of mixed types by: absent first, then numbers, then texts."""
    if isinstance(value, bool):
        return 1, int(value)
    if isinstance(value, int | float):
        return 1, value
    return (0, 0) if value is None else (2, value if isinstance(value, str) else str(value))
