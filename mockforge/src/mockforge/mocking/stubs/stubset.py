"""All stubs of a running mock, of every protocol: looked up by the serving loop, changed by whoever may.

The serving loop calls :meth:`StubSet.select`; files are loaded, and the Python and admin APIs put and
remove stubs, from any thread.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from mockforge.findings import Finding
from mockforge.mocking.stubs.common import build, protocol_of
from mockforge.mocking.stubs.compiler import StubCompiler, StubSource
from mockforge.mocking.stubs.errors import StubError, raise_all
from mockforge.mocking.stubs.index import Found, StubIndex
from mockforge.mocking.stubs.model import States, Stub
from mockforge.mocking.stubs.plain import plain_definition

DEFAULT_MAX_STUBS: Final = 100_000


class StubSet:
    """Stubs by id, at most ``max_stubs`` of them, with an index for each protocol.

    ``compilers`` are those of the protocols that take part. ``states`` is where scenarios stand; without
    it stubs answer in any state. ``findings`` are what was odd about the stubs that were loaded.
    ``max_setting`` is the setting that ``max_stubs`` comes from.
    """

    def __init__(
        self,
        compilers: Iterable[StubCompiler[Any]],
        *,
        max_stubs: int = DEFAULT_MAX_STUBS,
        states: States | None = None,
        max_setting: str = "http.max_stubs",
    ) -> None:
        self.max_setting = max_setting
        self.compilers = {compiler.key: compiler for compiler in compilers}
        self.max_stubs = max_stubs
        self.states = states
        self.findings: list[Finding] = []
        self._indexes: dict[str, StubIndex[Any]] = {
            compiler.protocol: StubIndex() for compiler in self.compilers.values()
        }
        self._stubs: dict[str, Stub[Any]] = {}
        self._loaded: dict[str, Stub[Any]] = {}
        self._changed = False
        self._serials = itertools.count(1)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._stubs)

    def __iter__(self) -> Iterator[Stub[Any]]:
        """All stubs, also those that are not enabled, in the order in which they came."""
        return iter(list(self._stubs.values()))

    def __contains__(self, stub_id: object) -> bool:
        return stub_id in self._stubs

    def get(self, stub_id: str) -> Stub[Any] | None:
        """The stub with this id."""
        return self._stubs.get(stub_id)

    def index(self, protocol: str) -> StubIndex[Any]:
        """The index of a protocol."""
        return self._indexes[protocol]

    def select(self, protocol: str, method: str, path: str, facts: Any) -> Found[Any] | None:
        """The stub that answers, counted as having done so; see :meth:`StubIndex.find`. To be called in
        the one thread that serves."""
        found = self._indexes[protocol].find(method, path, facts, self.states)
        if found is not None:
            found[0].take(self.states)
        return found

    # ---------------------------------------------------------------- changing

    def put(self, definition: Mapping[str, Any]) -> Stub[Any]:
        """Take in a stub, in place of the one with the same id if there is one. It answers the next
        request. Without an ``id`` it gets one.

        Raises :class:`StubError` for a definition that is wrong, and when there are too many stubs."""
        plain, text = plain_definition(definition)
        source = StubSource(plain, stub_id=str(plain.get("id", "")))
        stub = build(source, self.compilers, text=text, default_id="")
        raise_all(source.problems)
        if stub is None:
            raise StubError(
                f"there is no server for stubs with the key {protocol_of(plain)!r}",
                hint=f"running: {', '.join(self.compilers)}",
            )
        with self._lock:
            stub.serial = next(self._serials)
            stub.id = stub.id or self._free_id(stub.serial)
            before = self._stubs.get(stub.id)
            if before is None and len(self._stubs) >= self.max_stubs:
                raise StubError(
                    f"there are {self.max_stubs} stubs already",
                    hint=f"remove some, or raise {self.max_setting}",
                )
            self._exchange([] if before is None else [before], [stub])
            self._changed = True
        return stub

    def remove(self, stub_id: str) -> bool:
        """Take out the stub with this id; whether there was one."""
        with self._lock:
            stub = self._stubs.get(stub_id)
            if stub is None:
                return False
            self._exchange([stub], [])
            self._changed = True
            return True

    def reset(self) -> None:
        """Back to what was loaded: stubs that were put are gone, those that were replaced or removed are
        back, and all count from the beginning."""
        with self._lock:
            if self._changed:
                kept = self._loaded
                gone = [stub for key, stub in self._stubs.items() if kept.get(key) is not stub]
                back = [stub for key, stub in kept.items() if self._stubs.get(key) is not stub]
                self._exchange(gone, back)
                self._changed = False
        self.renew()

    def renew(self) -> None:
        """All stubs count from the beginning: ``times`` that were used up are there again."""
        for stub in self:
            stub.renew()

    def load(self, stubs: Sequence[Stub[Any]], findings: Iterable[Finding] = ()) -> None:
        """Take in stubs that were read from files, later ones being newer. Their ids are not here yet and
        their number has been checked: :mod:`mockforge.mocking.stubs.loader` does both."""
        with self._lock:
            for stub in stubs:
                stub.serial = next(self._serials)
            self._exchange([], stubs)
            self._loaded.update((stub.id, stub) for stub in stubs)
            self.findings += findings

    def loaded(self, stub_id: str) -> Stub[Any] | None:
        """The stub with this id as it was loaded from a file, whatever was put in its place since."""
        return self._loaded.get(stub_id)

    def settle(self, stub: Stub[Any], file: str) -> None:
        """``stub`` was written to ``file``: from now on it is one that was loaded from there."""
        with self._lock:
            stub.file, stub.line, stub.column, stub.number = file, 1, 1, None
            self._loaded[stub.id] = stub

    def _exchange(self, out: Sequence[Stub[Any]], into: Sequence[Stub[Any]]) -> None:
        for stub in out:
            del self._stubs[stub.id]
        self._stubs.update((stub.id, stub) for stub in into)
        for protocol, index in self._indexes.items():
            remove = [stub for stub in out if stub.enabled and stub.protocol == protocol]
            add = [stub for stub in into if stub.enabled and stub.protocol == protocol]
            if remove or add:
                index.update(add=add, remove=remove)

    def _free_id(self, serial: int) -> str:
        made = f"stub-{serial}"
        while made in self._stubs:
            made += "-"
        return made
