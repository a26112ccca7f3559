"""From what looks like a collection to one: its operations are read, when the first of them is called."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from mockforge.mocking.data import UnsatisfiableError
from mockforge_http.documents import Located, OperationRef, OperationView, Parameter
from mockforge_http.operations.negotiate import is_json, is_xml
from mockforge_http.render.schema import SchemaNode
from mockforge_http.resources.answers import Answers, Locate, Refusals
from mockforge_http.resources.identity import Identifier, Ids
from mockforge_http.resources.items import ItemMaker
from mockforge_http.resources.paths import Candidate, Role
from mockforge_http.resources.places import Place, find_item, find_items
from mockforge_http.resources.query import ListQuery

if TYPE_CHECKING:
    from mockforge_http.operations.answering import Answering

_PART_BYTES: Final = 3_000
_WANTED: Final[dict[Role, tuple[int, ...]]] = {
    "list": (200,),
    "find": (200,),
    "create": (201, 200, 202, 204),
    "set": (200, 201, 204),
    "read": (200,),
    "replace": (200, 204, 201, 202),
    "change": (200, 204, 202),
    "delete": (204, 200, 202),
}
"""Statuses that say that what was asked for is done, the best first."""

_BODIES: Final[tuple[Role, ...]] = ("create", "replace", "change", "set")


class NotACollectionError(Exception):
    """The reason why two paths that look like a collection are none."""


class Part:
    """One operation of a collection, prepared: ``answers`` when it is done, ``refusals`` when it cannot
    be."""

    def __init__(
        self, view: OperationView, role: Role, answers: Answers, answering: Answering
    ) -> None:
        self.role = role
        self.answers = answers
        self.created: Answers | None = None
        """How PUT answers where it has made the item."""
        self.refusals = Refusals(view, answering)
        self.wrapper: str | None = None
        """The member of a request body that holds the item."""
        self.sends_id = True
        """Whether the client may choose the id in it."""
        self.query: ListQuery | None = None
        self.shows_one = False
        """Whether a list is none: the first item that fits is shown."""

    @property
    def size(self) -> int:
        """About how many bytes hang on this."""
        return _PART_BYTES + self.answers.size + self.refusals.size


class Inferred:
    """What the operations of a candidate say: where ids are, what an item is, how each operation answers."""

    def __init__(
        self,
        candidate: Candidate,
        answering: Answering,
        label: str,
        id_property: str | None = None,
    ) -> None:
        self.candidate = candidate
        finder = _Finder(candidate, id_property)
        self._answering = answering
        views = {
            (member.role, member.ref): answering.operation(member.ref)
            for member in candidate.members
        }
        read = next(view for (role, _), view in views.items() if role == "read")
        self.place = self._item_place(read, finder)
        self.identity = self.place.identity
        sent = [node for view in views.values() for node in self._sent(view, finder)]
        try:
            self.maker = ItemMaker(self.place.node, self.identity, sent, answering, label)
            if self.maker.sample(0) is None:
                raise NotACollectionError("an item is no object")
        except UnsatisfiableError as error:
            raise NotACollectionError(f"no item can be made: {error.reason}") from None
        self.ids = Ids(self.identity, _parameter(read, candidate.parameter), answering, label)
        self.parts: dict[OperationRef, Part] = {}
        for (role, ref), view in views.items():
            part = self._part(role, view, finder)
            if part is not None:
                self.parts[ref] = part

    @property
    def size(self) -> int:
        """About how many bytes hang on this."""
        return self.maker.size + sum(part.size for part in self.parts.values())

    def _item_place(self, read: OperationView, finder: _Finder) -> Place:
        schema = _answer_schema(read)
        if schema is None:
            raise NotACollectionError("reading an item answers nothing in JSON or XML")
        place = finder.item(SchemaNode(schema.value, schema.base, self._answering.schemas))
        if place is None or not place.certain:
            raise NotACollectionError(
                f"no property of an item stands for {{{self.candidate.parameter}}}"
            )
        return place

    def _part(self, role: Role, view: OperationView, finder: _Finder) -> Part | None:
        """``None``: the operation is about something else, and is answered as it would be anyway."""
        part = Part(view, role, self._answers(role, view, finder.of(role)), self._answering)
        if role == "replace" and "201" in view.responses:
            part.created = Answers(view, self._answering, (201,), finder.item, self.identity.path)
        schema = _answer_schema(view)
        node = None
        if schema is not None:
            node = SchemaNode(schema.value, schema.base, self._answering.schemas)
        if role in ("list", "find"):
            place = None if node is None else finder.items(node)
            if place is None and node is not None:
                # `GET /instances?external_id=7` may just as well look one item up.
                place = finder.item(node)
                part.shows_one = True
            if place is None or ((role == "find" or part.shows_one) and not self._same(place.node)):
                return None
            if part.shows_one:
                part.answers = self._answers(role, view, finder.item)
            properties = place.node.gathered("properties")
            part.query = ListQuery(
                view.parameters, properties, self.identity.path, self._parameter_node
            )
        elif role == "set" or (role == "change" and view.method == "POST"):
            # Such an operation may just as well start something: its answer tells.
            place = None if node is None else finder.item(node)
            if place is None or not self._alike(place.node):
                return None
        bodies = list(self._sent(view, finder))
        if role in _BODIES:
            part.wrapper = next(self._wrappers(view, finder), None)
        if role == "create" and bodies:
            part.sends_id = any(self._declares_id(body) for body in bodies)
        return part

    def _answers(self, role: Role, view: OperationView, locate: Locate) -> Answers:
        return Answers(view, self._answering, _WANTED[role], locate, self.identity.path)

    def _declares_id(self, node: SchemaNode) -> bool:
        for name in self.identity.path:
            inner = node.property(name)
            if inner is None:
                return False
            node = inner
        found = node.find("readOnly")
        return found is None or found[0] is not True

    def _same(self, node: SchemaNode) -> bool:
        """Whether ``node`` is the schema of the items of this collection."""
        mine = self.place.node
        if node.is_reference and mine.is_reference:
            return node.name() == mine.name()
        return node.gathered("properties").keys() == mine.gathered("properties").keys()

    def _alike(self, node: SchemaNode) -> bool:
        if self._same(node):
            return True
        mine, theirs = self.place.node.gathered("properties"), node.gathered("properties")
        return 2 * len(mine.keys() & theirs.keys()) > len(mine)

    def _sent(self, view: OperationView, finder: _Finder) -> Iterator[SchemaNode]:
        """The schemas of items in the bodies of requests."""
        for node in self._body_nodes(view):
            wrapped = finder.wrapper(node)
            inner = node.property(wrapped) if wrapped is not None else node
            if inner is not None and inner.gathered("properties"):
                yield inner

    def _wrappers(self, view: OperationView, finder: _Finder) -> Iterator[str]:
        for node in self._body_nodes(view):
            wrapped = finder.wrapper(node)
            if wrapped is not None:
                yield wrapped

    def _body_nodes(self, view: OperationView) -> Iterator[SchemaNode]:
        body = view.request_body
        for name, media in () if body is None else body.content.items():
            if media.schema is not None and "json-patch" not in name:
                yield SchemaNode(media.schema.value, media.schema.base, self._answering.schemas)

    def _parameter_node(self, parameter: Parameter) -> SchemaNode | None:
        schema = parameter.schema
        if schema is None:
            return None
        return SchemaNode(schema.value, schema.base, self._answering.schemas)


class _Finder:
    """Finds items in the answers of one collection."""

    def __init__(self, candidate: Candidate, id_property: str | None) -> None:
        path = candidate.path
        identifier = Identifier(candidate.parameter, path, id_property)
        self.item = partial(find_item, identifier=identifier, collection=path)
        self.items = partial(find_items, identifier=identifier, collection=path)

    def of(self, role: Role) -> Locate:
        """What an operation with this role shows."""
        return self.items if role in ("list", "find") else self.item

    def wrapper(self, node: SchemaNode) -> str | None:
        """The one member of a request body that holds the item: ``{"user": {...}}``."""
        names = node.gathered("properties")
        if len(names) != 1:
            return None
        (name,) = names
        inner = node.property(name)
        if inner is None or not inner.gathered("properties"):
            return None
        place = self.item(node)
        return name if place is not None and place.path == (name,) else None


def _answer_schema(view: OperationView) -> Located | None:
    """The schema of the answer to a request that is done, in JSON if there is one."""
    keys = sorted(key for key in view.responses if key[:1] == "2" or key.upper() == "DEFAULT")
    for key in keys:
        content = view.responses[key].content
        for name in sorted(content, key=lambda name: not is_json(name)):
            media = content[name]
            if media.schema is not None and (is_json(name) or is_xml(name) or "*" in name):
                return media.schema
    return None


def _parameter(view: OperationView, name: str) -> Located | None:
    for parameter in view.parameters:
        if parameter.where == "path" and parameter.name == name:
            return parameter.schema
    return None
