"""All collections of a server: found in its documents or declared in the settings, at start and at reload."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mockforge.errors import DocumentError, StartError
from mockforge.findings import Finding
from mockforge.mocking.routing import PathTemplate, RouteIndex
from mockforge_http.operations.store import OperationSlot, OperationStore
from mockforge_http.resources.kept import Kept
from mockforge_http.resources.paths import Candidate, blank, candidates

if TYPE_CHECKING:
    from mockforge.contracts import FixtureLoader
    from mockforge.mocking.state import State
    from mockforge_http.config_resources import ResourceSettings
    from mockforge_http.documents import Document, OperationRef
    from mockforge_http.operations.answering import Answering
    from mockforge_http.operations.operation import Operation
    from mockforge_http.resources.collection import Collection
    from mockforge_http.resources.plain import PlainCollection

log: Final = logging.getLogger("mockforge.http.resources")

_PLAIN_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REASON_BYTES: Final = 300
_MOST_SHOWN: Final = 5
_OWNER: Final = "http"
"""Whose seeds these are in the shared state."""


class NoCollection:
    """Stands where a collection was looked for and is none, and says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.size = _REASON_BYTES
        self.grown = False


Slot = OperationSlot["Collection | NoCollection"]


class Binding(NamedTuple):
    """An operation of a document that a collection answers, if it turns out to be one. ``depth`` is the
    number of path parameters before the id."""

    ref: OperationRef
    name: str
    depth: int
    slot: Slot


class ResourceTable:
    """The collections, whose items are kept in ``state``.

    ``settings`` are ``http.resources``; ``infers`` is whether documents are searched for more; ``max_items``
    bounds each collection, ``limit`` the bytes of what is prepared to answer (items not counted).
    """

    def __init__(
        self,
        state: State,
        settings: Mapping[str, ResourceSettings],
        loaders: Sequence[FixtureLoader],
        *,
        infers: bool,
        max_items: int,
        limit: int,
    ) -> None:
        self._state = state
        self._settings = dict(settings)
        self._by_path = {_key(each.path): name for name, each in self._settings.items()}
        self._loaders = tuple(loaders)
        self._infers = infers
        self._max_items = max_items
        self._seeds: dict[str, Callable[[], None]] = {}
        self._names: set[str] = set()
        self.prepared: OperationStore[Collection | NoCollection] = OperationStore(limit)
        self.bindings: dict[OperationSlot[Operation], Binding] = {}
        self.plain: RouteIndex[PlainCollection] = RouteIndex()
        """Those that no document has."""
        self.paths: list[str] = []
        """Of every collection, the template of its path."""
        self.findings: list[Finding] = []

    def add(
        self,
        document: Document,
        answering: Callable[[], Answering],
        slots: Sequence[tuple[OperationRef, OperationSlot[Operation]]],
    ) -> None:
        """Take on the collections of one document."""
        declared = [each.path for each in self._settings.values()]
        found = candidates((ref for ref, _ in slots), declared=declared)
        if not self._infers:
            found = [each for each in found if _key(each.path) in self._by_path]
        kept = {each.path: self._kept(each, document) for each in found}
        by_ref = dict(slots)
        places: dict[str, Slot] = {}
        for candidate in found:
            above = [(kept[each.path], each.depth + 1) for each in found if each.holds(candidate)]
            below = [kept[each.path] for each in found if candidate.holds(each)]
            own = kept[candidate.path]
            place: Slot = OperationSlot(
                partial(self._prepare, candidate, answering, own, above, below)
            )
            places[candidate.path] = place
            for member in candidate.members:
                if member.role != "find":
                    binding = Binding(member.ref, own.name, candidate.depth, place)
                    self.bindings.setdefault(by_ref[member.ref], binding)
            self.paths.append(candidate.path)
            name = self._by_path.pop(_key(candidate.path), None)
            if name is not None:
                self._check_declared(name, candidate, place)
        for candidate in found:
            # What may be a list of these items is so only if it is no collection of its own.
            for ref in candidate.of("find"):
                label = kept[candidate.path].name
                binding = Binding(ref, label, candidate.depth, places[candidate.path])
                self.bindings.setdefault(by_ref[ref], binding)

    def finish(self) -> None:
        """Every document was added: serve what no document has, and put in the seeds."""
        plain = {key: self._add_plain(name) for key, name in self._by_path.items()}
        for key, upper in plain.items():
            for other, lower in plain.items():
                if other.startswith(f"{key}/{{}}/"):
                    upper.below.append(lower)
                    lower.above.append(upper)
        self._state.set_seeds(_OWNER, self._seeds)

    def _kept(self, candidate: Candidate, document: Document) -> Kept:
        name = self._by_path.get(_key(candidate.path))
        label = candidate.path if name is None else name
        if label in self._names:
            label = f"{document.path.name}:{label}"
        self._names.add(label)
        return Kept(self._state.store, label, self._most(name))

    def _most(self, name: str | None) -> int:
        own = None if name is None else self._settings[name].max_items
        return self._max_items if own is None else own

    def _prepare(
        self,
        candidate: Candidate,
        answering: Callable[[], Answering],
        kept: Kept,
        above: list[tuple[Kept, int]],
        below: list[Kept],
    ) -> Collection | NoCollection:
        from mockforge_http.resources.collection import Collection
        from mockforge_http.resources.infer import Inferred, NotACollectionError

        settings = self._settings.get(kept.name)
        id_property = None if settings is None else settings.id
        try:
            inferred = Inferred(candidate, answering(), kept.name, id_property)
        except (NotACollectionError, DocumentError) as error:
            log.info("%s is not kept: %s", candidate.path, error)
            return NoCollection(str(error))
        return Collection(inferred, kept, above, below)

    def _check_declared(self, name: str, candidate: Candidate, place: Slot) -> None:
        """What is declared has to work: it is prepared now, and its seed is read."""
        collection = self.prepared.get(place)
        if isinstance(collection, NoCollection):
            raise StartError(
                f"http.resources.{name}: {candidate.path} cannot be kept: {collection.reason}",
                hint=f"name the property that identifies an item: http.resources.{name}.id",
            )
        inferred = collection.inferred
        items = self._seed(name, inferred.identity.path, candidate.path, collection.kept)
        wrong = sum(not inferred.maker.accepts(item) for item in items)
        if wrong:
            self.findings.append(
                Finding(
                    "resource.seed-invalid",
                    f"items of the seed do not fit the schema of {candidate.path}: {wrong}",
                    severity="warning",
                    file=str(self._settings[name].seed),
                )
            )

    def _add_plain(self, name: str) -> PlainCollection:
        from mockforge_http.resources.plain import PlainCollection

        settings = self._settings[name]
        path = settings.path.rstrip("/")
        id_property = settings.id or "id"
        depth = len(PathTemplate(path or "/").names)
        kept = Kept(self._state.store, name, self._most(name))
        collection = PlainCollection(kept, id_property, depth)
        for method in _PLAIN_METHODS:
            self.plain.add(method, PathTemplate(path or "/"), collection)
            self.plain.add(method, PathTemplate(f"{path}/{{{id_property}}}"), collection)
        self.paths.append(settings.path)
        self._seed(name, (id_property,), settings.path, kept)
        return collection

    def _seed(
        self, name: str, identity: tuple[str, ...], path: str, kept: Kept
    ) -> Iterable[dict[str, object]]:
        """Read the seed of a collection, if it has one, and have it put in."""
        file = self._settings[name].seed
        if file is None:
            return ()
        from mockforge_http.resources.seeds import Seed

        seed = Seed(file, self._loaders, identity, PathTemplate(path).names)
        self._seeds[name] = partial(seed.fill, kept)
        return seed.items

    def summary(self) -> Iterator[str]:
        """A line for the start: what is kept, or may turn out to be."""
        shown = ", ".join(self.paths[:_MOST_SHOWN])
        more = len(self.paths) - _MOST_SHOWN
        if more > 0:
            shown += f" and {more} more"
        yield f"keeps what is sent to {shown}" if self.paths else "no collections to keep"

    def files(self) -> Iterator[Path]:
        """The files of seeds, to be watched."""
        return (each.seed for each in self._settings.values() if each.seed is not None)


def _key(path: str) -> str:
    return blank(path.rstrip("/"))
