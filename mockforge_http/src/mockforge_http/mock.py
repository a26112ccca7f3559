"""What the server mocks at one moment: documents, routes, responders. Made at start and at each reload."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mockforge.contracts import RouteInfo
from mockforge.findings import Finding
from mockforge.mocking.fixtures import FixtureStore
from mockforge.mocking.routing import PathTemplate
from mockforge_http.config import HttpConfig
from mockforge_http.cors import CorsPolicy
from mockforge_http.documents import Cache, Document, OperationRef, open_document
from mockforge_http.faults.configured import ConfiguredFaults
from mockforge_http.fixtures import FixtureResponder
from mockforge_http.operations.checking import AnswerCheck, RequestCheck
from mockforge_http.operations.responder import OperationResponder, Routes
from mockforge_http.operations.store import OperationSlot, OperationStore
from mockforge_http.proxy import Proxy, ProxyResponder
from mockforge_http.stubs import Stubs
from mockforge_http.validation.modes import Modes

if TYPE_CHECKING:
    from mockforge.contracts import Responder
    from mockforge.kernel import Kernel
    from mockforge_http.operations.answering import Answering
    from mockforge_http.operations.operation import Operation
    from mockforge_http.resources.table import ResourceTable


class Mock:
    """Immutable after it is made; :meth:`close` gives its files back."""

    def __init__(self, config: HttpConfig, kernel: Kernel) -> None:
        self.config = config
        self.documents: list[Document] = []
        self._answering: list[Callable[[], Answering]] = []
        self.findings: list[Finding] = []
        self.routes = Routes()
        self.modes = Modes(config.validation)
        self.faults = ConfiguredFaults(config, kernel.seed)
        self.store: OperationStore[Operation] = OperationStore(int(config.operation_cache))
        self.resources = _resources(config, kernel)
        """The collections whose items are kept, if any are to be."""
        self.fixtures = _fixtures(config, kernel)
        """What fixtures answer from, and stubs and templates take theirs from."""
        self.proxy = Proxy(config.proxy, own_cors=config.cors.enabled)
        """What passes requests on to other servers."""
        self.stubs = Stubs(
            config,
            kernel,
            routes=self.routes,
            proxy=self.proxy,
            fixtures=self.fixtures,
            hold=self.faults.waiting.hold,
        )
        try:
            for path in config.specs:
                self._add_document(path, kernel.seed)
            self.findings += self.stubs.load(self.store)
            responders = self._responders(kernel)
        except BaseException:
            self.close()
            raise
        self.pipeline = self.faults.pipeline(
            routes=self.routes,
            responders=responders,
            transformers=kernel.plugins.response_transformers(),
            cors=CorsPolicy(config.cors),
            source_header=config.source_header,
            note_failure=kernel.plugins.note_failure,
            check_answer=self._answer_check(),
            explain=self.stubs.explain,
            asked_for=self.stubs.names_method,
        )

    def _answer_check(self) -> AnswerCheck | None:
        validation = self.config.validation
        if validation.responses == "off" and not validation.strict:
            return None
        return AnswerCheck(
            self.store,
            max_findings=validation.max_findings,
            fails=validation.strict or validation.responses == "fail",
        )

    def _responders(self, kernel: Kernel) -> Sequence[Responder]:
        found: list[Responder] = [
            responder for responder in kernel.plugins.responders() if responder.protocol == "http"
        ]
        for responder in found:
            responder.start(kernel)
        found.append(self.stubs)
        if self.fixtures is not None:
            stream_from = int(self.config.fixture_stream)
            found.append(FixtureResponder(self.fixtures, stream_from=stream_from))
        forwarding = ProxyResponder.of(self.proxy)
        if forwarding is not None:
            found.append(forwarding)
        found.append(
            RequestCheck(self.store, self.routes, max_findings=self.config.validation.max_findings)
        )
        if self.resources is not None:
            from mockforge_http.resources.responder import ResourceResponder

            self.resources.finish()
            self.findings += self.resources.findings
            most = self.config.validation.max_findings
            found.append(ResourceResponder(self.resources, self.store, max_findings=most))
        found.append(OperationResponder(self.store))
        return sorted(found, key=lambda responder: responder.priority)

    def _add_document(self, path: Path, seed: int) -> None:
        document = open_document(path, cache=self.cache(), root=self.config.spec_root)
        self.documents.append(document)
        self.findings += document.findings
        answering = functools.cache(partial(_answering, document, self.modes, self.config, seed))
        self._answering.append(answering)
        slots = [
            (ref, OperationSlot(partial(_operation, ref, answering), ref))
            for ref in document.operations()
        ]
        for ref, slot in slots:
            self._add_routes(document, ref, slot)
        if self.resources is not None:
            self.resources.add(document, answering, slots)

    @property
    def answering(self) -> list[Answering]:
        """What answers for each document."""
        return [answering() for answering in self._answering]

    def cache(self) -> Cache | None:
        """Where prepared documents are kept."""
        if not self.config.cache:
            return None
        folder = self.config.cache_dir
        return Cache.default() if folder is None else Cache(folder)

    def _add_routes(
        self, document: Document, ref: OperationRef, slot: OperationSlot[Operation]
    ) -> None:
        template = PathTemplate(ref.template)
        for base in self._bases(ref.base_paths or document.servers_base_paths()):
            placed = template.under(base)
            route = self.routes.add(ref.method, placed, slot)
            if route.target is not slot:
                self.findings.append(
                    Finding(
                        "route.shadowed",
                        f"{ref.method} {placed} is declared already as {route.template}; "
                        "the first declaration answers",
                        severity="warning",
                        file=str(document.path),
                        path=ref.pointer,
                    )
                )

    def _bases(self, declared: Iterable[str]) -> Iterator[str]:
        """Base paths to serve an operation below, each once."""
        bases = dict.fromkeys(base.rstrip("/") for base in declared)
        if self.config.base_path == "ignored" or not bases:
            bases = {"": None}
        elif self.config.base_path == "optional":
            bases[""] = None
        yield from bases

    def sample_path(self) -> str | None:
        """A path that GET answers, to show what can be called; one without parameters if there is."""
        templates = (
            ref.template
            for document in self.documents
            for ref in document.operations()
            if ref.method == "GET"
        )
        best = min(templates, key=lambda template: template.count("{"), default=None)
        return None if best is None else re.sub(r"\{[^{}]*\}", "1", best)

    def route_infos(self) -> Iterator[RouteInfo]:
        """What documents declare, under the paths at which it is served."""
        for route in self.routes.routes():
            ref = route.target.ref
            if ref is not None:
                yield RouteInfo(
                    "http", route.method, route.template, ref.operation_id, ref.base, ref.tags
                )

    def files(self) -> Iterator[Path]:
        """What to watch for changes."""
        for document in self.documents:
            yield from document.files
        yield from self.stubs.files()
        if self.resources is not None:
            yield from self.resources.files()

    def memory_bytes(self) -> int:
        """Bytes held by documents and route index; prepared operations are counted by the store."""
        held = sum(document.memory_bytes() for document in self.documents)
        return held + self.routes.memory_bytes()

    def take_over(self, old: Mock) -> None:
        """Go on with the counters of ``old``: they never fall."""
        self.store.evicted += old.store.evicted
        if self.resources is not None and old.resources is not None:
            self.resources.prepared.evicted += old.resources.prepared.evicted
        self.faults.take_over(old.faults)
        self.proxy.counts.update(old.proxy.counts)
        self.stubs.take_over(old.stubs)
        if self.fixtures is not None and old.fixtures is not None:
            self.fixtures.cache.evicted += old.fixtures.cache.evicted

    def close(self) -> None:
        """Close the documents."""
        for document in self.documents:
            document.close()


def _fixtures(config: HttpConfig, kernel: Kernel) -> FixtureStore | None:
    if config.fixtures is None:
        return None
    return FixtureStore(
        config.fixtures,
        kernel.plugins.fixture_loaders(),
        max_bytes=int(config.fixture_max_size),
        cache_bytes=int(config.fixture_cache),
    )


def _answering(document: Document, modes: Modes, config: HttpConfig, seed: int) -> Answering:
    from mockforge_http.operations.answering import Answering

    return Answering(
        document,
        modes,
        seed=seed,
        dynamic=config.dynamic,
        mends=config.examples == "mended" and not config.validation.strict,
        max_body=int(config.max_body),
    )


def _operation(ref: OperationRef, answering: Callable[[], Answering]) -> Operation:
    from mockforge_http.operations.operation import Operation

    return Operation(ref, answering())


def _resources(config: HttpConfig, kernel: Kernel) -> ResourceTable | None:
    if not (config.stateful or config.resources):
        return None
    from mockforge.mocking.state import shared_state
    from mockforge_http.resources.table import ResourceTable

    return ResourceTable(
        shared_state(kernel),
        config.resources,
        kernel.plugins.fixture_loaders(),
        infers=config.stateful,
        max_items=config.max_items,
        limit=int(config.operation_cache),
    )
