"""From what a client sends to a whole item, as the document describes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mockforge_http.documents import Located
from mockforge_http.operations.mend import mend
from mockforge_http.resources.flags import is_flagged, required_names, without
from mockforge_http.resources.identity import Identity, set_at
from mockforge_http.resources.names import folded
from mockforge_http.resources.patch import merge_patch
from mockforge_http.resources.samples import Samples

Item = dict[str, Any]

if TYPE_CHECKING:
    from mockforge_http.operations.answering import Answering
    from mockforge_http.render.schema import SchemaNode


class InvalidItemError(ValueError):
    """A change would leave an item that its schema forbids."""


class ItemMaker:
    """Makes items that are valid under ``node``, the schema of an item in an answer.

    ``sent`` are the schemas of items in requests: what they do not know of, and what is ``readOnly``, is the
    server's own and generated; what is ``writeOnly`` is taken and not kept, as nobody is to see it again.
    ``size`` is about how many bytes hang on this.
    """

    def __init__(
        self,
        node: SchemaNode,
        identity: Identity,
        sent: Iterable[SchemaNode],
        answering: Answering,
        label: str,
    ) -> None:
        self.node = node
        self.identity = identity
        self._sent = tuple(sent)
        self._nodes = (node, *self._sent)
        self._declared = frozenset(node.gathered("properties"))
        self.properties = {folded(name): name for name in node.gathered("properties")}
        """The properties of an item, by what their names come to."""
        self._samples = Samples(node, answering, f"an item of {label}")
        self._seed = crc32(label.encode(), answering.seed)
        self.accepts = self._samples.accepts
        self._required = required_names(node)
        self._own = self._server_owned()
        self._nullable: dict[str, bool] = {}
        self._answering = answering

    @property
    def size(self) -> int:
        """Bytes of the compiled schemas."""
        return self._samples.size

    def _server_owned(self) -> set[str]:
        """Properties that a client has no say in."""
        own = {
            name
            for name in self._declared
            if any(is_flagged(each.property(name), "readOnly") for each in self._nodes)
        }
        sent = {folded(name) for each in self._sent for name in each.gathered("properties")}
        if sent:
            own |= {name for name in self._declared if folded(name) not in sent}
        return own

    def sample(self, number: int) -> dict[str, Any] | None:
        """A generated item; ``None`` if the schema has no objects."""
        value = self._samples.make(self._seed << 32 | number)
        return value if isinstance(value, dict) else None

    def complete(self, sent: dict[str, Any], number: int, id_value: Any) -> dict[str, Any]:
        """A new item from what a client sent."""
        given = self._from_client(sent)
        sample = self.sample(number) or {}
        self._identify(sample, id_value)
        needed = self._required | self._own
        item = {name: value for name, value in sample.items() if name in needed}
        item.update(given)
        self._identify(item, id_value)
        if self.accepts(item):
            return item
        return self._mended(item, sample, id_value)

    def replace(self, old: dict[str, Any], sent: dict[str, Any], id_value: Any) -> dict[str, Any]:
        """The item after PUT: what was sent, and what the server owns or must have from before."""
        kept = {
            name: value
            for name, value in old.items()
            if name in self._own or (name in self._required and name not in sent)
        }
        return self._changed(old, {**kept, **self._from_client(sent)}, id_value)

    def merge(
        self, old: dict[str, Any], patch: dict[str, Any], id_value: Any, *, strict: bool
    ) -> dict[str, Any]:
        """The item after a merge patch. Unless ``strict`` (the media type is that of RFC 7396), ``null`` for
        a member that may be null is its new value. InvalidItemError."""
        given = self._from_client(patch)
        item = merge_patch(old, given, None if strict else self._may_be_null)
        if self.accepts(item):
            self._identify(item, id_value)
            return dict(item)
        missing = sorted(name for name in self._required - item.keys() if name in old)
        if missing:
            raise InvalidItemError(f"{', '.join(missing)} cannot be removed, as an item needs it")
        return self._changed(old, item, id_value)

    def patched(self, old: dict[str, Any], new: Any, id_value: Any) -> dict[str, Any]:
        """The item after a JSON Patch made ``new`` of it. InvalidItemError."""
        if not isinstance(new, dict):
            raise InvalidItemError("an item is an object")
        own = {name: old[name] for name in self._own if name in old}
        item = {**self._from_client(new), **own}
        self._identify(item, id_value)
        if not self.accepts(item):
            raise InvalidItemError("the patched item would not fit its schema")
        return item

    def _changed(self, old: dict[str, Any], item: dict[str, Any], id_value: Any) -> dict[str, Any]:
        self._identify(item, id_value)
        return item if self.accepts(item) else self._mended(item, dict(old), id_value)

    def _mended(self, item: dict[str, Any], valid: dict[str, Any], id_value: Any) -> dict[str, Any]:
        """As much of ``item`` as fits onto ``valid``: schemas of requests and answers may disagree."""
        if not self.accepts(valid):
            return item
        mended: dict[str, Any] = mend(item, valid, self.accepts)
        self._identify(mended, id_value)
        return mended

    def _from_client(self, sent: dict[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = without(sent, self._nodes, "readOnly")
        given = without(given, self._nodes, "writeOnly")
        return {self._as_shown(name): value for name, value in given.items()}

    def _as_shown(self, name: str) -> str:
        """What answers call the property that requests call ``name``: ``friendly_name`` for
        ``FriendlyName``."""
        return name if name in self._declared else self.properties.get(folded(name), name)

    def _identify(self, item: dict[str, Any], id_value: Any) -> None:
        set_at(item, self.identity.path, id_value)

    def _may_be_null(self, name: str) -> bool:
        known = self._nullable.get(name)
        if known is None:
            node = self.node.property(name)
            known = node is not None and self._answering.accepts(Located(node.schema, node.base))(
                None
            )
            self._nullable[name] = known
        return known
