"""What compiling HTTP stubs needs from the mock they belong to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import anyio

from mockforge.mocking.stubs import TemplateKit

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from mockforge.contracts import CustomPredicate, ProtocolServer
    from mockforge.mocking.data.chance import LateDice
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge.mocking.routing import PathTemplate
    from mockforge.mocking.state import State
    from mockforge.mocking.templating import Templates
    from mockforge_http.stubs.filetemplates import FileTemplates

Hold = Callable[["Response", float], "Awaitable[Response]"]
"""Gives a response back after so many seconds."""


class Forward(Protocol):
    """Sends one request on to an upstream that was checked when its stub was compiled. ``refused`` says why
    none will be sent, where that is known then."""

    refused: str | None

    async def __call__(self, exchange: Exchange) -> Response: ...


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


async def held(response: Response, seconds: float) -> Response:
    """``response`` after ``seconds``."""
    await anyio.sleep(seconds)
    return response


class Kit(TemplateKit):
    """``make_templates`` is called when the first template is compiled. ``expand`` is whether answers that do
    not say ``template`` are templates (``core.templates.expand``), ``fixtures`` the folder of fixtures,
    ``stream_from`` the size from which files are sent piece by piece, ``largest_file`` that of the largest
    file that is read whole, ``seed`` what all chance starts from, ``forward`` what compiles
    ``response.proxy``, ``hold`` what delays answers, ``servers`` gives those that run."""

    def __init__(
        self,
        make_templates: Callable[[], Templates],
        state: State,
        *,
        seed: int = 0,
        expand: bool = False,
        predicates: Mapping[str, CustomPredicate] | None = None,
        operations: Operations | None = None,
        fixtures: Path | None = None,
        stream_from: int = 1024**2,
        largest_file: int = 16 * 1024**2,
        forward: Callable[[Any, tuple[str | int, ...]], Forward] | None = None,
        hold: Hold = held,
        servers: Callable[[], Iterable[type[ProtocolServer]]] = tuple,
    ) -> None:
        super().__init__(make_templates)
        self.state = state
        self.seed = seed
        self.expand = expand
        self.predicates = predicates or {}
        self.operations = operations
        self.fixtures = fixtures
        self.stream_from = stream_from
        self.largest_file = largest_file
        self.forward = forward
        self.hold = hold
        self.servers = servers

    @cached_property
    def file_templates(self) -> FileTemplates:
        """The templates of files."""
        from mockforge_http.stubs.filetemplates import FileTemplates

        return FileTemplates(self.templates, self.largest_file)

    @property
    def files_kept(self) -> tuple[int, int, int]:
        """Bytes of the templates of files that are kept, their limit, and how many were let go."""
        files: FileTemplates | None = self.__dict__.get("file_templates")
        return (0, 0, 0) if files is None else (files.held, files.limit, files.evicted)

    @cached_property
    def _dice(self) -> LateDice:
        from mockforge.mocking.data.chance import LateDice

        return LateDice()

    def chance(self, name: str, number: int) -> Random:
        """Chance for the ``number``-th answer of the stub ``name``: the same in every run with the same
        seed. It is one object, seeded anew: good until something is waited for."""
        dice = self._dice
        dice.seed_later(self.seed, number, name)
        return dice

    def lasting_chance(self, name: str, number: int, purpose: str) -> Random:
        """Like :meth:`chance`, for what goes on while other requests are answered."""
        from mockforge.mocking.data.chance import Dice

        return Dice(f"{self.seed}/{number}/{purpose}/{name}")
