"""What compiling HTTP stubs needs from the mock they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from zlib import crc32

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from mockforge.contracts import CustomPredicate
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge.mocking.routing import PathTemplate
    from mockforge.mocking.state import State
    from mockforge.mocking.templating import Templates


class OperationPlace(NamedTuple):
    """An operation of a document: its ``method``, the ``templates`` it is served at, and its ``slot`` in the
    routes."""

    method: str
    templates: tuple[PathTemplate, ...]
    slot: object


class Operations(Protocol):
    """The operations of all documents."""

    def named(self, name: str) -> Sequence[OperationPlace]:
        """Those called ``name``: an ``operationId``, or method and path template."""

    def names(self) -> Sequence[str]:
        """All that :meth:`named` knows, for hints."""


class Forward(Protocol):
    """Sends one request on to an upstream that was checked when the stub was compiled."""

    async def __call__(self, exchange: Exchange) -> Response: ...


class Kit(NamedTuple):
    """``expand`` is whether answers that do not say ``template`` are templates (``http.templates``),
    ``fixtures`` the folder of fixtures, ``stream_from`` the size from which files are sent piece by piece,
    ``seed`` what all chance starts from, ``forward`` what compiles ``response.proxy``."""

    templates: Templates
    state: State
    seed: int = 0
    expand: bool = False
    predicates: Mapping[str, CustomPredicate] = {}
    operations: Operations | None = None
    fixtures: Path | None = None
    stream_from: int = 1024**2
    forward: Callable[[Any, tuple[str | int, ...]], Forward] | None = None

    def chance(self, name: str, number: int) -> Random:
        """Chance for the ``number``-th answer of the stub ``name``: the same in every run with the same
        seed."""
        from mockforge.mocking.data.chance import Dice

        return Dice(f"{self.seed}/{crc32(name.encode())}/{number}")
