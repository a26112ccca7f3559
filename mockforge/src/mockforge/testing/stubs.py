"""Stubs of a running mock server, as tests put and question them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mockforge.mocking.stubs import Stub
    from mockforge.observe.journal import JournalEntry

ANSWERS: Final = (
    "status",
    "headers",
    "json",
    "text",
    "base64",
    "file",
    "template",
    "delay",
    "fault",
)
"""What the short form of ``MockServer.stub`` takes for the response."""


class StubHandle:
    """A stub that a test has put."""

    def __init__(
        self,
        stub: Stub[Any],
        remove: Callable[[str], bool],
        calls: Callable[[str], list[JournalEntry]],
    ) -> None:
        self._stub = stub
        self._remove = remove
        self._calls = calls

    @property
    def id(self) -> str:
        """Its id: that of its definition, or one that was made up."""
        return self._stub.id

    @property
    def matched(self) -> int:
        """How many requests it answered."""
        return self._stub.matched

    @property
    def times_left(self) -> int | None:
        """How many more it will answer; ``None``: any number."""
        return self._stub.times_left

    def calls(self) -> list[JournalEntry]:
        """The recorded requests that it answered, oldest first."""
        return self._calls(self.id)

    def remove(self) -> bool:
        """Take it out again; whether it was still there."""
        return self._remove(self.id)

    def __repr__(self) -> str:
        return f"<StubHandle {self.id}, matched {self.matched}>"


def definition_of(
    given: Mapping[str, Any] | str | None,
    path: str | None,
    response: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """The definition that the arguments of ``MockServer.stub`` stand for."""
    if isinstance(given, Mapping):
        if path is not None or response is not None or more:
            raise TypeError("give either a whole stub, or method, path and what it answers")
        return dict(given)
    rest = dict(more)
    request = dict(rest.pop("request", {}))
    if given is not None:
        request["method"] = given
    if path is not None:
        request["path"] = path
    short = {key: rest.pop(key) for key in ANSWERS if key in rest}
    made: dict[str, Any] = {"request": request, **rest}
    if response is not None:
        if short:
            raise TypeError(f"`response` says all of it: leave out {', '.join(short)}")
        several = isinstance(response, Sequence)
        made["responses" if several else "response"] = response
    elif "responses" not in made:
        made["response"] = short
    return made
