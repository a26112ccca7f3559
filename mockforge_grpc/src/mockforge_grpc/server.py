"""The gRPC protocol server: compiles protos and stubs, has an engine listen, and swaps what is served when it
is told to reload."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import anyio
from anyio import to_thread

from mockforge.contracts import ProtocolServer, RouteInfo
from mockforge.mocking.state import shared_state
from mockforge_grpc.config import GrpcConfig

if TYPE_CHECKING:
    from anyio.abc import TaskStatus

    from mockforge.contracts import Outlook
    from mockforge.explanations import Explanation
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Request
    from mockforge.mocking.stubs import StubSet
    from mockforge_grpc.proxy import Proxy
    from mockforge_grpc.recording import Recorder
    from mockforge_grpc.schema import Method, Schema
    from mockforge_grpc.services.holding import Holding
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.services.world import World
    from mockforge_grpc.transport import Engine

log = logging.getLogger("mockforge.grpc")

_STUB_BYTES: Final = 4_000
"""About what a stub holds besides the text of its definition: its compiled answers."""


class GrpcServer(ProtocolServer):
    """Serves all methods of the protos: from stubs, or generated. ``services`` is the application, ``engine``
    what speaks gRPC."""

    name: ClassVar[str] = "grpc"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        from mockforge_grpc.limits import limits_of
        from mockforge_grpc.metrics import register
        from mockforge_grpc.services import set_running
        from mockforge_grpc.services.health import Health
        from mockforge_grpc.services.notes import Notes
        from mockforge_grpc.services.services import Services
        from mockforge_grpc.transport import make_engine

        self._config = config = kernel.settings.section("grpc", GrpcConfig)
        self._engine_name = config.engine  # a reload may say another, and this one goes on
        self._state = shared_state(kernel)
        self._notes = Notes(kernel)
        self._health = Health()
        self._drained = anyio.Event()
        self.recorder = self._make_recorder(config)
        self.proxy = self._make_proxy(config)
        self._recorded = anyio.Event()
        self.services = Services(self._load(config))
        self._notes.schema = self.services.schema
        self.engine: Engine = make_engine(
            self._engine_name,
            self.services,
            limits_of(config),
            host=self._host(config),
            port=config.port,
            tls=config.tls,
            budget=kernel.budget,
        )
        set_running(kernel, self.services)
        register(kernel, self)

    def _host(self, config: GrpcConfig) -> str:
        """Where to listen. One ``--host unix:/path`` is for all protocols, and a connection cannot be of
        several: gRPC then has a socket of its own beside that of the others."""
        host = config.host
        if not host.startswith("unix:") or "http" not in self.kernel.plugins.selected_protocols():
            return host
        return f"{host}.grpc" if self.kernel.settings.value("http.host") == host else host

    @property
    def holding(self) -> Holding:
        """What calls keep for scripts and stubs."""
        return self._notes.holding

    @property
    def stubs(self) -> StubSet:
        """Those of the moment."""
        return self.services.world.stubs

    @property
    def schema(self) -> Schema:
        """That of the moment."""
        return self.services.schema

    # -------------------------------------------------------------- loading

    def _load(self, config: GrpcConfig) -> World:
        """All that is served by ``config``. ProtoError, StubError, ConfigError: what is wrong."""
        from mockforge.mocking.matching import predicate_names
        from mockforge_grpc.services.world import World
        from mockforge_grpc.stubs import Kit
        from mockforge_grpc.stubs.loading import load
        from mockforge_grpc.transport import engine_class

        schema = self._load_schema(config)
        try:
            kit = Kit(
                self._templates,
                schema,
                predicates=self.kernel.plugins.predicates(predicate_names()),
                generated_messages=config.generated_messages,
                wire_faults=engine_class(self._engine_name).wire_faults,
                engine=self._engine_name,
            )
            stubs = load(config, kit, self._state.scenarios)
            return World(
                config,
                schema,
                stubs,
                kit,
                state=self._state,
                seed=self.kernel.seed,
                notes=self._notes,
                fallback=self._fallback,
                passes_on=config.proxy.upstream is not None,
                passes_always=config.proxy.upstream is not None and config.proxy.when == "always",
            )
        except BaseException:
            schema.close()
            raise

    def _load_schema(self, config: GrpcConfig) -> Schema:
        from mockforge.cache_folder import user_cache_folder
        from mockforge_grpc.schema import Upstream, load_schema

        upstreams = [
            Upstream(
                each.target,
                each.tls,
                each.ca,
                _lowered(each.metadata),
                float(each.timeout),
            )
            for each in config.reflect
        ]
        cache = None
        if config.cache and config.protos:
            cache = user_cache_folder() if config.cache_dir is None else config.cache_dir
        passed_to = config.proxy.upstream
        if passed_to is not None and not config.protos and not upstreams:
            upstreams = [
                Upstream(
                    passed_to.target,
                    passed_to.secure,
                    config.proxy.tls.ca,
                    _lowered(config.proxy.metadata),
                )
            ]
        return load_schema([*config.protos, *upstreams], config.roots, cache=cache)

    def _make_recorder(self, config: GrpcConfig) -> Recorder | None:
        if config.record.to is None or config.proxy.upstream is None:
            return None
        from mockforge_grpc.recording import Recorder

        return Recorder(config.record, self.kernel.core.redact)

    def _make_proxy(self, config: GrpcConfig) -> Proxy:
        from mockforge_grpc.proxy import Proxy

        return Proxy(config.proxy, self.recorder, max_message=int(config.max_message))

    def _templates(self) -> Any:
        from mockforge.mocking.templating import make_templates
        from mockforge_grpc.stubs import TEMPLATE_NAMES

        return make_templates(self.kernel, names=TEMPLATE_NAMES)

    def _fallback(self, world: World, method: Method) -> Callable[[Session], None]:
        """What answers calls of ``method`` that no stub is for."""
        from mockforge_grpc.services.generated import generated
        from mockforge_grpc.services.reflection import reflection
        from mockforge_grpc.services.unanswered import no_stub, not_served

        config = world.config
        for served, answer in (
            (config.health, self._health.fallback(world, method)),
            (config.reflection, reflection(world, method)),
        ):
            if answer is not None:
                if served:
                    return answer
                if method.service not in world.schema.services:
                    return not_served
        if world.passes_on:
            return self.proxy.pass_on
        return generated(world, method) if config.generate else no_stub

    # -------------------------------------------------------------- life

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        await self.engine.start()
        try:
            async with anyio.create_task_group() as tasks:
                if self.recorder is not None:
                    tasks.start_soon(self._run_recorder, self.recorder)
                task_status.started(self.engine.addresses()[0].removeprefix("grpc://"))
                await self._drained.wait()
        finally:
            self.engine.abort()
            with anyio.CancelScope(shield=True):
                await self.engine.stopped()
            with anyio.CancelScope(shield=True):
                await self.proxy.close()
            self.services.world.retire()

    async def drain(self) -> None:
        self._health.drain()
        await self.engine.drain()
        await self.proxy.close()
        if self.recorder is not None:
            self.recorder.finish()
            await self._recorded.wait()
        self._drained.set()

    async def _run_recorder(self, recorder: Recorder) -> None:
        await recorder.run()
        self._recorded.set()

    async def reload(self) -> None:
        config = self.kernel.settings.section("grpc", GrpcConfig)
        world = await to_thread.run_sync(self._load, config)
        try:
            for stub in self.stubs:
                if stub.file is None and stub.id not in world.stubs:
                    world.stubs.put({"id": stub.id, **stub.definition})
        except BaseException:
            world.schema.close()
            raise
        self.proxy.follow(config.proxy, max_message=int(config.max_message))
        old, self.services.world = self.services.world, world
        self._notes.schema = world.schema
        old.retire()
        self._config = config
        asyncio.get_running_loop().call_soon(_collect)

    def reset(self) -> None:
        """Back to what was loaded: stubs and their counts, scenarios and state."""
        self.stubs.reset()
        self._state.reset()

    # -------------------------------------------------------------- what there is to say

    def explain(self, request: Request) -> Explanation:
        """Which stubs come nearest to a call: ``request.path`` is that of its method, the body the JSON form
        of its message (of several, a line each), the headers its metadata. Nothing is counted."""
        from mockforge_grpc.services.asking import explain_request

        return explain_request(self.services.world, request)

    def foretell(self, request: Request) -> Outlook:
        """What would answer a call, which is described as for :meth:`explain`."""
        from mockforge_grpc.services.asking import foretell_request

        return foretell_request(self.services.world, request)

    def stub_set(self) -> StubSet:
        return self.stubs

    def routes(self) -> Iterable[RouteInfo]:
        """The methods of the services that were given."""
        schema = self.schema
        for service in schema.services.values():
            if schema.is_given(service.file):
                for method in service.methods:
                    yield RouteInfo(
                        "grpc", method.kind, method.path, method.full_name, service.file
                    )

    def connections(self) -> int:
        return self.engine.connections

    def more_addresses(self) -> Mapping[str, str]:
        secure = self.engine.tls_addresses()
        return {"grpcs": secure[0].removeprefix("grpcs://")} if secure else {}

    def memory_bytes(self) -> int:
        """Estimate of what the stubs hold."""
        return sum(_STUB_BYTES + stub.size for stub in self.stubs)

    def watched(self) -> Iterable[Path]:
        yield from self.schema.watched
        yield from self._config.mocks

    def warnings(self) -> Iterable[Finding]:
        yield from self.schema.findings
        yield from self.stubs.findings

    def summary(self) -> Iterable[str]:
        """What is served."""
        schema, stubs = self.schema, self.stubs
        if not schema.services:
            yield "no services: give protos, `mockforge serve --proto greeter.proto`"
            return
        yield schema.summary
        if len(stubs):
            yield f"{len(stubs)} {'stub' if len(stubs) == 1 else 'stubs'}"
        upstream = self.proxy.settings.upstream
        if upstream is not None:
            yield f"passes {'all' if self.proxy.always else 'other'} calls on to {upstream.target}"
        if self.recorder is not None:
            yield f"records to {self.recorder.settings.to}"


def _lowered(metadata: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Metadata as grpcio takes them."""
    return tuple((name.lower(), value) for name, value in metadata.items())


def _collect() -> None:
    """Let go of the old descriptors: they refer to each other in circles."""
    import gc

    gc.collect()
