"""Items put into the answers that the document declares: bare, wrapped, in lists that speak of their page.

What an answer needs besides the items is generated from its schema, as it is where nothing is kept. The whole
is checked: an item that does not fit an answer (a list that shows other types than the item) is mended there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from msgspec import UNSET

from mockforge_http.operations.mend import mend
from mockforge_http.resources.flags import required_names
from mockforge_http.resources.identity import get_at, set_at
from mockforge_http.resources.names import PAGING_HOLDERS, folded
from mockforge_http.resources.samples import Samples

if TYPE_CHECKING:
    from mockforge_http.operations.answering import Answering
    from mockforge_http.render.schema import SchemaNode
    from mockforge_http.resources.identity import Path
    from mockforge_http.resources.items import Item
    from mockforge_http.resources.places import Place

Meaning = Callable[[str], Any]
"""What a member of an answer is to say, by its name; UNSET where the name means nothing."""

_MEMBERS: Final = 200
_MOST_TRIED: Final = 16
_DEEPEST: Final = 2
"""Objects inside an answer that are searched for members with a meaning."""


class Frame:
    """One media type of one declared answer.

    ``place`` is where in it the item is or the list of items, ``None`` if it shows none; ``identity`` is
    where in an item its id is. ``deep``: what is known of members is said in all objects inside, not only in
    those that hold the facts of a page. ``size`` is about how many bytes hang on this.
    """

    def __init__(
        self,
        node: SchemaNode,
        place: Place | None,
        identity: Path,
        answering: Answering,
        label: str,
        *,
        deep: bool = False,
    ) -> None:
        self.node = node
        self.place = place
        self._identity = identity
        self._deep = deep
        self._seed = crc32(label.encode(), answering.seed)
        self._shown = None if place is None else shown_names(place.node)
        self._samples = Samples(node, answering, label)
        self._accepts = self._samples.accepts

    @property
    def size(self) -> int:
        """Bytes of the compiled schemas."""
        return self._samples.size

    def of_item(self, item: Item, means: Meaning) -> Any:
        """The answer that shows ``item``."""
        place = self.place
        if place is None:
            return self.of_facts(means)
        shown: Any = self._projected(item)
        if place.listed:
            shown = [shown]
        elif not place.path and means is not nothing_known:
            # `deleted: true` stands beside the id of what is gone.
            for name in self.node.gathered("properties"):
                meant = means(name)
                if name not in shown and meant is not UNSET and meant is not None:
                    shown[name] = meant
        return self._whole(place.path, shown, means)

    def of_facts(self, means: Meaning) -> Any:
        """The answer that shows no item, only what is known."""
        return self._filled((), UNSET, means)

    def of_items(self, items: list[Item], means: Meaning) -> Any:
        """The answer that shows a list of items."""
        place = self.place
        path = () if place is None else place.path
        return self._whole(path, [self._projected(item) for item in items], means)

    def _whole(self, path: Path, shown: Any, means: Meaning) -> Any:
        if path:
            return self._filled(path, shown, means)
        if self._accepts(shown):
            return shown
        return self._mended(shown)

    def _filled(self, path: Path, shown: Any, means: Meaning) -> Any:
        """A generated answer with ``shown`` at ``path`` (not if it is UNSET), and with what is known of the
        rest. Members that are neither known nor needed are left out."""
        value = self._generated()
        if not isinstance(value, dict):
            return value
        filled = _Filling(shown, means, deep=self._deep).fill(value, self.node, path)
        if self._accepts(filled):
            return filled
        rest = {name: member for name, member in value.items() if name not in filled}
        for name in list(rest)[:_MOST_TRIED]:
            # A branch of `oneOf` may need a member that the others do not.
            if self._accepts({**filled, name: rest[name]}):
                return {**filled, name: rest[name]}
        return self._mended(filled)

    def _mended(self, wanted: Any) -> Any:
        valid = self._generated()
        return mend(wanted, valid, self._accepts) if self._accepts(valid) else wanted

    def _generated(self) -> Any:
        return self._samples.make(self._seed)

    def _projected(self, item: Item) -> Item:
        """What this answer shows of an item."""
        shown = dict(item)
        if self._shown is not None:
            shown = {name: value for name, value in item.items() if name in self._shown}
        place = self.place
        if place is not None and get_at(shown, place.identity.path) is None:
            # The same id goes by another name here, or was forgotten: clients look for it.
            set_at(shown, place.identity.path, get_at(item, self._identity))
        return shown


def nothing_known(_: str) -> Any:
    """The :data:`Meaning` of no name at all."""
    return UNSET


def shown_names(node: SchemaNode) -> frozenset[str] | None:
    """The members that an item has in this answer; ``None`` if it may have any."""
    names = node.gathered("properties")
    for view in node.views():
        extra = view.schema.get("additionalProperties")
        if extra is True or isinstance(extra, dict) or "patternProperties" in view.schema:
            return None
    return frozenset(names) if names and len(names) <= _MEMBERS else None


class _Filling:
    """Puts ``shown`` into a generated answer, and what ``means`` knows of the other members."""

    def __init__(self, shown: Any, means: Meaning, *, deep: bool) -> None:
        self._shown = shown
        self._means = means
        self._deep = deep

    def fill(
        self, value: dict[str, Any], node: SchemaNode, path: Path, depth: int = 0
    ) -> dict[str, Any]:
        """``value``, which ``node`` describes, with what is shown at ``path`` below it."""
        needed = required_names(node)
        filled: dict[str, Any] = {}
        for name in {**node.gathered("properties"), **value}:
            inner = node.property(name)
            present = value.get(name, UNSET)
            if path and name == path[0]:
                made = self._on_the_way(present, inner, path[1:], depth)
            elif _is_object(inner, present):
                made = self._object(name, present, inner, name in needed, depth)
            else:
                made = self._scalar(name, present, inner, name in needed)
            if made is not UNSET:
                filled[name] = made
        return filled

    def _on_the_way(self, present: Any, node: SchemaNode | None, rest: Path, depth: int) -> Any:
        if not rest or node is None:
            return self._shown
        return self.fill(present if isinstance(present, dict) else {}, node, rest, depth + 1)

    def _object(
        self, name: str, present: Any, node: SchemaNode | None, needed: bool, depth: int
    ) -> Any:
        opens = self._deep or folded(name) in PAGING_HOLDERS
        if node is not None and opens and depth < _DEEPEST:
            below = self.fill(present if isinstance(present, dict) else {}, node, (), depth + 1)
            return below if below or needed else UNSET
        return present if needed else UNSET

    def _scalar(self, name: str, present: Any, node: SchemaNode | None, needed: bool) -> Any:
        meant = self._means(name)
        if meant is UNSET:
            return present if needed else UNSET
        if meant is not None or _may_be_null(node):
            return _typed(meant, node)
        if not needed:
            return UNSET
        return "" if isinstance(present, str) else present


def _is_object(node: SchemaNode | None, present: Any) -> bool:
    if isinstance(present, dict):
        return True
    return present is UNSET and node is not None and bool(node.gathered("properties"))


def _may_be_null(node: SchemaNode | None) -> bool:
    if node is None:
        return False
    found = node.find("nullable")
    if found is not None and found[0] is True:
        return True
    kinds = node.find("type")
    if kinds is not None and isinstance(kinds[0], list):
        return "null" in kinds[0]
    return any(view.schema.get("type") == "null" for view in node.views())


def _typed(value: Any, node: SchemaNode | None) -> Any:
    """A number as text where the schema wants text."""
    found = None if node is None else node.find("type")
    if found is not None and found[0] == "string" and type(value) is int:
        return str(value)
    return value
