"""The WebSocket protocol server: decides over connections, and swaps its stubs when it is told to reload."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import anyio
from anyio import to_thread

from mockforge.contracts import Outlook, ProtocolServer
from mockforge.explanations import Explanation
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.mocking.problems import problem
from mockforge.mocking.state import shared_state
from mockforge.mocking.stubs import RequestFacts, StubSet, nearest
from mockforge_ws.clients import Clients, compile_message
from mockforge_ws.config import WebSocketConfig
from mockforge_ws.conversation import Conversation, Surroundings
from mockforge_ws.metrics import register
from mockforge_ws.notes import PROTOCOL, Notes
from mockforge_ws.proxy import Proxy
from mockforge_ws.scripts import Player
from mockforge_ws.stubs.action import StubAction, wrong_origin
from mockforge_ws.stubs.compiler import TEMPLATE_NAMES, Kit
from mockforge_ws.stubs.loading import Mocks, load
from mockforge_ws.wire import Accept, Limits, Opening, RefusedError, WebSocketListener

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from anyio.abc import TaskStatus

    from mockforge.contracts import ConnectionInfo, Target
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge.mocking.scripts import CompileValue, Made
    from mockforge.mocking.stubs import Stub
    from mockforge_ws.asyncapi.talk import Talk
    from mockforge_ws.recording import Recorder

log = logging.getLogger("mockforge.ws")

_STUB_BYTES: Final = 4_000
"""About what a stub holds besides the text of its definition: its compiled script."""


class WebSocketServer(ProtocolServer):
    """Serves the stubs with ``websocket`` on a port of its own, and those connections that the HTTP server
    hands over. The wire's :class:`~mockforge_ws.wire.Application`. ``stubs`` are those of the moment."""

    name: ClassVar[str] = "ws"
    push_key: ClassVar[str] = PROTOCOL

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self._config = kernel.settings.section("websocket", WebSocketConfig)
        self._state = shared_state(kernel)
        self._mocks = self._load(self._config)
        self.stubs = self._mocks.stubs
        self._notes = Notes(kernel, messages=self._config.log_messages)
        self._around = self._surroundings()
        limits = Limits.of(self._config)
        self.recorder = self._make_recorder()
        self.proxy = Proxy(self._config.proxy, limits, self._notes, self.recorder)
        self.listener = WebSocketListener(
            self,
            limits,
            host=self._config.host,
            port=self._config.port,
            tls=self._config.tls,
            budget=kernel.budget,
        )
        self._clients = Clients(self.listener)
        self._drained = anyio.Event()
        self._recorded = anyio.Event()
        register(kernel, self)

    # -------------------------------------------------------------- what the wire asks

    def decide(
        self, exchange: Exchange, subprotocols: tuple[str, ...]
    ) -> Accept | Response | Awaitable[Accept | Response]:
        """Which stub answers, and how, or what the upstream server says."""
        request = exchange.request
        if self.proxy.takes(answered=True):
            return self._pass_on(exchange, subprotocols)
        facts = RequestFacts(request)
        stubs = self.stubs
        found = stubs.index(PROTOCOL).find(request.method, request.path, facts, stubs.states)
        if found is None:
            if self.proxy.takes(answered=False):
                return self._pass_on(exchange, subprotocols)
            return self._unanswered(exchange, facts)
        stub, values = found
        action: StubAction = stub.action
        exchange.source = f"stub:{stub.id}"
        exchange.template = None if stub.path is None else str(stub.path)
        origin = request.header("origin")
        if origin and not _allowed(origin, self._config.origins, action.origins):
            return wrong_origin(origin)
        if action.talk is not None:
            refusal = self._checked(action.talk, stub.parameters(values), facts, exchange)
            if refusal is not None:
                return refusal
        stub.take(stubs.states)
        conversation = Conversation(self._around, stub, exchange, values)
        if action.talk is not None:
            return _talking(action.talk, conversation, subprotocols)
        if action.program is None:
            return action.refuse or Response(403)
        return Accept(
            Player(action.program, conversation),
            action.subprotocol(subprotocols),
            action.headers,
        )

    def _checked(
        self, talk: Talk, parameters: Mapping[str, str], facts: RequestFacts, exchange: Exchange
    ) -> Response | None:
        """The refusal of an opening request that does not fit the document; ``None``: it is let in."""
        mode = talk.manner.mode
        if mode == "off":
            return None
        findings = exchange.findings = talk.opening.findings(facts, parameters)
        if not findings or mode == "warn":
            return None
        detail = "The opening request does not fit the AsyncAPI document."
        return problem(400, "opening-invalid", detail, findings=findings)

    def _pass_on(
        self, exchange: Exchange, subprotocols: tuple[str, ...]
    ) -> Response | Awaitable[Accept | Response]:
        origin = exchange.request.header("origin")
        if origin and not _allowed(origin, self._config.origins, None):
            return wrong_origin(origin)
        return self.proxy.open(exchange, subprotocols)

    def answered(self, exchange: Exchange) -> None:
        """Note how an opening request was answered."""
        self._around.notes.opening(exchange)

    def _unanswered(self, exchange: Exchange, facts: RequestFacts) -> Response:
        explanation = self._explain(facts)
        exchange.explanation = explanation
        if not len(self.stubs):
            detail = "There are no stubs with `websocket`: give some with --ws-script or --mocks."
        else:
            detail = f"No stub answers a WebSocket connection to {exchange.request.path}."
        paths = list(dict.fromkeys(_path_of(self.stubs, miss.stub) for miss in explanation.near))
        if paths:
            detail += f" Nearest: {', '.join(paths)}."
        return problem(404, "no-stub", detail, near=explanation.near, paths=paths)

    def _explain(self, facts: RequestFacts) -> Explanation:
        request = facts.request
        stubs = self.stubs
        near = nearest(
            stubs.index(PROTOCOL), request.method, request.path, facts, states=stubs.states
        )
        return Explanation(f"{request.method} {request.path}", near)

    def explain(self, request: Request) -> Explanation:
        """Which stubs come nearest to ``request``; nothing is counted."""
        return self._explain(RequestFacts(request))

    def foretell(self, request: Request) -> Outlook:
        stubs = self.stubs
        facts = RequestFacts(request)
        found = stubs.index(PROTOCOL).find(request.method, request.path, facts, stubs.states)
        if found is None:
            return Outlook("none", None, self._explain(facts))
        stub = found[0]
        path = None if stub.path is None else str(stub.path)
        return Outlook(f"stub:{stub.id}", path, self._explain(facts))

    def stub_set(self) -> StubSet:
        return self.stubs

    # -------------------------------------------------------------- connections of the HTTP server

    def upgrade(self, exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        request = exchange.request
        if (
            not self._config.upgrade
            or request.fields.get(b"upgrade", b"").lower() != b"websocket"
            or not self._answers(request)
        ):
            return False
        try:
            opening = Opening(request)
        except RefusedError:  # then it is a request like any other
            return False
        request.protocol = PROTOCOL
        return self.listener.take_over(exchange, opening, transport, buffered)

    def _answers(self, request: Request) -> bool:
        """Whether there is a stub for the path of ``request``, or a server to pass it on to."""
        if self.proxy.takes(answered=False):
            return True
        index = self.stubs.index(PROTOCOL)
        return next(index.candidates(request.method, request.path), None) is not None

    # -------------------------------------------------------------- life

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        await self.listener.start(through=self._shared_socket())
        try:
            async with anyio.create_task_group() as tasks:
                task_status.started(self.listener.addresses()[0])
                if self.recorder is not None:
                    tasks.start_soon(self._run_recorder, self.recorder)
                await self._drained.wait()
                tasks.cancel_scope.cancel()
        finally:
            self.listener.abort()
            self.proxy.abort()

    def _make_recorder(self) -> Recorder | None:
        if self._config.record.to is None or self._config.proxy.upstream is None:
            return None
        from mockforge_ws.recording import Recorder

        return Recorder(self._config.record, self.kernel.core.redact)

    async def _run_recorder(self, recorder: Recorder) -> None:
        await recorder.run()
        self._recorded.set()

    def _shared_socket(self) -> str | None:
        """The address of the server that has our Unix socket already, where it hands connections over: one
        ``--host unix:/path`` is for all protocols."""
        host = self._config.host
        shared = self._config.upgrade and host in self.kernel.addresses.values()
        return host if shared else None

    async def drain(self) -> None:
        await self.listener.drain()
        await self.proxy.drain()
        if self.recorder is not None:
            self.recorder.finish()
            await self._recorded.wait()
        self._drained.set()

    async def reload(self) -> None:
        config = self.kernel.settings.section("websocket", WebSocketConfig)
        mocks = await to_thread.run_sync(self._load, config)
        stubs = mocks.stubs
        for stub in self.stubs:
            if stub.file is None and stub.id not in stubs:
                stubs.put({"id": stub.id, **stub.definition})
        limits = Limits.of(config)
        self.proxy.follow(config.proxy, limits)
        self._mocks = mocks
        self.stubs = stubs
        self._config = config
        self._notes.messages = config.log_messages
        self._around = self._surroundings()
        self.listener.follow(limits)

    def reset(self) -> None:
        """Back to what was loaded: stubs and their counts, scenarios and state."""
        self.stubs.reset()
        self._state.reset()

    def _load(self, config: WebSocketConfig) -> Mocks:
        from mockforge.mocking.matching import predicate_names

        kit = Kit(self._templates, self.kernel.plugins.predicates(predicate_names()))
        return load(config, kit, self._state.scenarios)

    def _templates(self) -> Any:
        from mockforge.mocking.templating import make_templates

        return make_templates(self.kernel, names=TEMPLATE_NAMES)

    def _surroundings(self) -> Surroundings:
        return Surroundings(self._state, self.kernel.seed, self._notes)

    # -------------------------------------------------------------- from outside

    def connection_infos(self, limit: int, after: int = 0) -> list[ConnectionInfo]:
        return self._clients.infos(limit, after)

    def close_connection(
        self, connection_id: int, code: int | None = None, reason: str = ""
    ) -> bool:
        return self._clients.close(connection_id, code, reason)

    def push(self, target: Target, message: Any) -> int:
        return self._clients.push(target, message)

    @classmethod
    def compile_message(
        cls,
        spec: Any,
        path: tuple[str | int, ...],
        compile_value: CompileValue,
        compile_text: CompileValue,
    ) -> Made:
        return compile_message(spec, path, compile_value, compile_text)

    # -------------------------------------------------------------- what there is to say

    def connections(self) -> int:
        return self.listener.connections

    def more_addresses(self) -> Mapping[str, str]:
        secure = self.listener.tls_addresses()
        return {"wss": secure[0]} if secure else {}

    def memory_bytes(self) -> int:
        """Estimate of what the stubs hold."""
        return self._mocks.memory_bytes() + sum(_STUB_BYTES + stub.size for stub in self.stubs)

    def watched(self) -> Iterable[Path]:
        config = self._config
        yield from (*config.scripts, *config.mocks, *config.documents, *self._mocks.files)
        if config.replay_file is not None:
            yield config.replay_file

    def warnings(self) -> Iterable[Finding]:
        return self.stubs.findings

    def summary(self) -> Iterable[str]:
        """How many stubs there are, and where to connect."""
        upstream = self.proxy.settings.upstream
        yield from _summary(self.stubs, answers=upstream is not None)
        if upstream is not None:
            yield f"passes on to {upstream}"
        if self.recorder is not None:
            yield f"records to {self.recorder.settings.to}"
        yield from self._mocks.lines


def _summary(stubs: StubSet, *, answers: bool) -> Iterator[str]:
    """``answers`` is whether something else does."""
    count = len(stubs)
    if not count:
        if answers:
            return
        yield "nothing to answer: give stubs or a document, `mockforge serve chat.yaml`"
        return
    paths = [str(stub.path) for stub in stubs if stub.path is not None]
    shown = f": {', '.join(paths[:5])}{' ...' if len(paths) > 5 else ''}" if paths else ""
    yield f"{count} {'stub' if count == 1 else 'stubs'}{shown}"


def _talking(talk: Talk, conversation: Conversation, offered: tuple[str, ...]) -> Accept:
    """A connection to a channel. Where a document says nothing of subprotocols, none is agreed to."""
    from mockforge_ws.asyncapi.session import ChannelSession

    subprotocol = next((name for name in talk.opening.subprotocols if name in offered), None)
    return Accept(ChannelSession(talk, conversation), subprotocol)


def _path_of(stubs: StubSet, stub_id: str) -> str:
    stub: Stub[Any] | None = stubs.get(stub_id)
    return "any path" if stub is None or stub.path is None else str(stub.path)


def _allowed(origin: str, of_settings: tuple[str, ...], of_stub: tuple[str, ...] | None) -> bool:
    allowed = of_settings if of_stub is None else of_stub
    return "*" in allowed or origin in allowed
