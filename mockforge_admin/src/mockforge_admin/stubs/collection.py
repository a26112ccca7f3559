"""The stubs of all servers as one collection. Each server keeps its own; ids are looked up in all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mockforge.errors import MockForgeError
from mockforge.mocking.stubs import Stub, StubError, StubSet, StubsText, read_stubs_text
from mockforge.structured import Kind

if TYPE_CHECKING:
    from mockforge.contracts import ProtocolServer


class Stubs:
    """``servers`` are those that run; made anew for each request, since a reload exchanges stub sets."""

    def __init__(self, servers: Sequence[ProtocolServer]) -> None:
        self._sets: list[StubSet] = [
            found for server in servers if (found := server.stub_set()) is not None
        ]

    def __iter__(self) -> Iterator[Stub[Any]]:
        for each in self._sets:
            yield from each

    def __len__(self) -> int:
        return sum(map(len, self._sets))

    def get(self, stub_id: str) -> Stub[Any] | None:
        """The stub with this id."""
        for each in self._sets:
            stub = each.get(stub_id)
            if stub is not None:
                return stub
        return None

    def loaded(self, stub_id: str) -> Stub[Any] | None:
        """The stub with this id as it was loaded from a file, whatever was put in its place since."""
        return next((stub for each in self._sets if (stub := each.loaded(stub_id))), None)

    def settle(self, stub: Stub[Any], file: Path) -> None:
        """``stub`` was written to ``file``."""
        for each in self._sets:
            if each.get(stub.id) is stub:
                each.settle(stub, str(file))

    def put(self, definition: Mapping[str, Any]) -> Stub[Any]:
        """Take in a stub, in place of the one with its id. StubError: what is wrong with it."""
        taken = definition.get("id")
        target = self._set_for(definition)
        if isinstance(taken, str):
            holder = next((each for each in self._sets if taken in each), target)
            if holder is not target:
                raise StubError(
                    f"the id {taken!r} is that of a stub of another protocol",
                    hint="choose another id, or delete that stub first",
                )
        return target.put(definition)

    def remove(self, stub_id: str) -> bool:
        """Take out the stub with this id; whether there was one."""
        return any(each.remove(stub_id) for each in self._sets)

    def put_all(
        self, definitions: Sequence[Mapping[str, Any]], *, replace: bool
    ) -> list[Stub[Any]]:
        """Take in all of them or, where one is refused, none; with ``replace`` all others go."""
        before = {stub.id: stub.definition for stub in self}
        put: list[Stub[Any]] = []
        try:
            for definition in definitions:
                put.append(self.put(definition))  # noqa: PERF401 - what was put is needed on failure
        except MockForgeError:
            for stub in put:
                self._put_back(stub.id, before.get(stub.id))
            raise
        if replace:
            kept = {stub.id for stub in put}
            for stub_id in before.keys() - kept:
                self.remove(stub_id)
        return put

    def check(self, content: bytes, kind: Kind, *, folder: Path | None = None) -> StubsText:
        """What a text with one stub or a list says, and what is wrong with it; nothing is taken in."""
        compilers = {key: value for each in self._sets for key, value in each.compilers.items()}
        return read_stubs_text(content, kind, compilers, folder=folder)

    def _put_back(self, stub_id: str, definition: Mapping[str, Any] | None) -> None:
        if definition is None:
            self.remove(stub_id)
        else:
            self.put({**definition, "id": stub_id})

    def _set_for(self, definition: Mapping[str, Any]) -> StubSet:
        for each in self._sets:
            if any(key in definition for key in each.compilers):
                return each
        known = ", ".join(key for each in self._sets for key in each.compilers)
        raise StubError(
            "no server runs that this stub could be for",
            hint=f"a stub has one of the keys {known}" if known else "no server has stubs",
        )


def contains(stub: Stub[Any], wanted: str) -> bool:
    """Whether ``wanted`` (case-folded) is in its id, or in its definition as JSON text."""
    if wanted in stub.id.casefold():
        return True
    text = msgspec.json.encode(stub.definition, enc_hook=str).decode("utf-8", "replace")
    return wanted in text.casefold()


def etag(stub: Stub[Any]) -> str:
    """An entity tag (RFC 9110 section 8.8.3) of its definition, counts aside."""
    made = hashlib.blake2b(repr(sorted(stub.definition.items())).encode(), digest_size=8)
    return f'"{made.hexdigest()}"'
