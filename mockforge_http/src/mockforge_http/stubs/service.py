"""The stubs of one mock: loaded from ``http.mocks``, put at run time, asked first, and explained.

Cheap until there is a stub: what compiles, matches and renders is imported then.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from mockforge.config.core import CoreConfig
from mockforge.contracts import Responder
from mockforge.errors import MockForgeError, all_errors

if TYPE_CHECKING:
    from mockforge.explanations import Explanation
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge.mocking.fixtures import FixtureStore
    from mockforge.mocking.stubs import Stub, StubSet
    from mockforge_http.config import HttpConfig
    from mockforge_http.operations.operation import Operation
    from mockforge_http.operations.responder import Routes
    from mockforge_http.operations.store import OperationStore
    from mockforge_http.proxy import Proxy
    from mockforge_http.stubs.kit import Hold, Kit
    from mockforge_http.stubs.turn import Turn

log = logging.getLogger("mockforge.http.stubs")

_STUB_BYTES: Final = 3_000
"""About what a stub holds besides the text of its definition, its rendered answer included."""


class Stubs(Responder):
    """``after`` is told of answers whose stub has more to send, once they are out; the server sets it."""

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 100

    def __init__(
        self,
        config: HttpConfig,
        kernel: Kernel,
        *,
        routes: Routes,
        proxy: Proxy,
        fixtures: FixtureStore | None,
        hold: Hold,
    ) -> None:
        self._config = config
        self._kernel = kernel
        self._routes = routes
        self._proxy = proxy
        self._fixtures = fixtures
        self._hold = hold
        self._set: StubSet | None = None
        self._kit: Kit | None = None
        self._evicted_before = 0
        self._respond: Callable[[Exchange], Response | Awaitable[Response] | None] | None = None
        self.after: Callable[[Turn], None] | None = None

    # -------------------------------------------------------------- serving

    def respond(self, exchange: Exchange) -> Response | Awaitable[Response] | None:
        respond = self._respond
        return None if respond is None else respond(exchange)

    def names_method(self, exchange: Exchange) -> bool:
        """Whether the stub that answers says so for this method by name."""
        stub = self.find(exchange)
        return stub is not None and exchange.request.method in stub.methods

    def find(self, exchange: Exchange) -> Stub[Any] | None:
        """The stub that would answer; nothing is counted."""
        stubs = self._set
        if not stubs:
            return None
        from mockforge_http.stubs.facts import Facts

        request = exchange.request
        index = stubs.index("http")
        found = index.find(request.method, request.path, Facts(exchange), stubs.states)
        return None if found is None else found[0]

    def explain(self, exchange: Exchange) -> Explanation | None:
        """The stubs and operations that came nearest to a request; ``None`` where there are no stubs."""
        stubs = self._set
        if not stubs:
            return None
        from mockforge.explanations import Explanation
        from mockforge.mocking.stubs import nearest
        from mockforge_http.stubs.facts import Facts

        request = exchange.request
        facts = Facts(exchange)
        near = nearest(
            stubs.index("http"),
            request.method,
            request.path,
            facts,
            states=stubs.states,
            body=0 if facts.content is None else len(facts.content.raw),
        )
        miss = self._routes.miss(request.path)
        operations = miss.near or tuple(f"{method} {request.path}" for method in miss.allowed)
        return Explanation(f"{request.method} {request.path}", near, operations)

    # -------------------------------------------------------------- what there is

    def __len__(self) -> int:
        return 0 if self._set is None else len(self._set)

    def __iter__(self) -> Iterator[Stub[Any]]:
        return iter(()) if self._set is None else iter(self._set)

    @property
    def set(self) -> StubSet:
        """All stubs; made when it is first asked for."""
        if self._set is None:
            from mockforge.mocking.stubs import StubSet

            kit = self._made_kit()
            self._take(
                StubSet(
                    self._compilers(kit),
                    max_stubs=self._config.max_stubs,
                    states=kit.state.scenarios,
                )
            )
        assert self._set is not None  # noqa: S101 - just taken
        return self._set

    def load(self, store: OperationStore[Operation]) -> list[Finding]:
        """Read the files of ``http.mocks``; what was odd about them, answers that do not fit the documents
        included. StubError, StubErrors: what is wrong."""
        if not self._config.mocks:
            return []
        from mockforge.mocking.stubs import load_stubs

        kit = self._made_kit()
        loaded = load_stubs(
            self._config.mocks,
            self._compilers(kit),
            max_stubs=self._config.max_stubs,
            states=kit.state.scenarios,
            foreign=foreign_readers(),
        )
        self._take(loaded)
        return [*loaded.findings, *self._unsendable(), *self._contradictions(store)]

    def check(self, path: Path, store: OperationStore[Operation]) -> Iterator[Finding]:
        """Everything that is wrong with or odd about the stubs in a file; they are not taken in."""
        from mockforge.mocking.stubs import StubError, load_stubs
        from mockforge.mocking.stubs.errors import as_finding
        from mockforge_http.stubs.check import DocumentCheck
        from mockforge_http.stubs.operations import AnyOperation

        kit = self._make_kit()
        if not len(self._routes):
            kit.operations = AnyOperation()
        try:
            loaded = load_stubs([path], self._compilers(kit), max_stubs=self._config.max_stubs)
        except StubError as error:
            yield from map(as_finding, all_errors(error))
            return
        yield from loaded.findings
        if len(self._routes):
            yield from DocumentCheck(self._routes, store).findings(loaded)

    def put(self, definition: Mapping[str, Any]) -> Stub[Any]:
        """Take in a stub, in place of the one with the same id; see :meth:`StubSet.put`."""
        return self.set.put(definition)

    def remove(self, stub_id: str) -> bool:
        """Take out the stub with this id; whether there was one."""
        return self._set is not None and self._set.remove(stub_id)

    def reset(self) -> None:
        """Back to what was loaded, all counts from the beginning."""
        if self._set is not None:
            self._set.reset()

    def take_over(self, old: Stubs) -> None:
        """Keep the stubs that were put at run time, and go on counting, after a reload."""
        self._evicted_before += old.files_kept[2]
        for stub in old:
            if stub.file is not None:
                continue
            try:
                self.put({"id": stub.id, **stub.definition})
            except MockForgeError as error:
                log.warning("stub %s is gone after the reload: %s", stub.id, error)

    def files(self) -> Iterator[Path]:
        """What to watch for changes."""
        yield from self._config.mocks

    def summary(self) -> Iterator[str]:
        """``12 stubs from 3 files``."""
        if self._config.mocks:
            files = len({stub.file for stub in self if stub.file is not None})
            yield f"{_counted(len(self), 'stub')} from {_counted(files, 'file')}"

    def memory_bytes(self) -> int:
        """Estimate of what is held."""
        return sum(_STUB_BYTES + stub.size for stub in self)

    @property
    def files_kept(self) -> tuple[int, int, int]:
        """Bytes of the templates of files that are kept, their limit, and how many were let go."""
        held, limit, evicted = (0, 0, 0) if self._kit is None else self._kit.files_kept
        return held, limit, self._evicted_before + evicted

    # -------------------------------------------------------------- making

    def _take(self, stubs: StubSet) -> None:
        from mockforge_http.stubs.responder import StubResponder

        self._set = stubs
        self._respond = StubResponder(stubs, self._made_kit(), self._answered).respond

    def _answered(self, turn: Turn) -> None:
        if self.after is not None:
            self.after(turn)

    def _compilers(self, kit: Kit) -> list[Any]:
        from mockforge_http.stubs.compiler import HttpStubCompiler

        return [HttpStubCompiler(kit)]

    def _made_kit(self) -> Kit:
        if self._kit is None:
            self._kit = self._make_kit()
        return self._kit

    def _make_kit(self) -> Kit:
        from mockforge.mocking.matching import predicate_names
        from mockforge.mocking.state import shared_state
        from mockforge_http.proxy import compile_forward
        from mockforge_http.stubs.kit import Kit
        from mockforge_http.stubs.operations import DeclaredOperations

        config, kernel = self._config, self._kernel
        return Kit(
            self._templates,
            shared_state(kernel),
            seed=kernel.seed,
            expand=kernel.settings.section("core", CoreConfig).templates.expand,
            predicates=kernel.plugins.predicates(predicate_names()),
            operations=DeclaredOperations(self._routes),
            fixtures=config.fixtures,
            stream_from=int(config.fixture_stream),
            largest_file=int(config.fixture_max_size),
            forward=lambda spec, path: compile_forward(self._proxy, spec, path),
            hold=self._hold,
            servers=lambda: kernel.plugins.selected_protocols().values(),
        )

    def _templates(self) -> Any:
        from mockforge_http.stubs.templates import make_templates

        return make_templates(self._kernel, self._fixtures)

    def _contradictions(self, store: OperationStore[Operation]) -> Iterator[Finding]:
        if not len(self._routes) or not len(self):
            return
        from mockforge_http.stubs.check import AT_START, DocumentCheck

        yield from DocumentCheck(self._routes, store).findings(self, AT_START)

    def _unsendable(self) -> Iterator[Finding]:
        """A warning where stubs have webhooks and no host is allowed."""
        from mockforge.findings import Finding

        if self._config.callbacks.allow:
            return
        for stub in self:
            if stub.action.webhooks:
                yield Finding(
                    "stub.webhook-refused",
                    f"the webhooks of stub {stub.id} will be refused: `http.callbacks.allow` names no "
                    "host",
                    "warning",
                    file=stub.file,
                    line=stub.line,
                    column=stub.column,
                )
                return


def foreign_readers() -> list[Callable[[Path, list[Finding]], Any]]:
    """What reads folders of other formats below ``http.mocks``."""
    from mockforge_http.importing.wiremock import read_folder

    return [read_folder]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
