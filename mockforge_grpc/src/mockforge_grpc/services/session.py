"""One call under way: what came, what was sent, who answers. Sessions are what criteria look at, and what
scripts and built-in services send through."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from random import Random
from struct import pack
from typing import TYPE_CHECKING, Any

from mockforge.errors import MockForgeError
from mockforge.explanations import cut
from mockforge_grpc.schema import MalformedMessageError
from mockforge_grpc.scripts import CallScope, Player
from mockforge_grpc.status import OK, Code, Status
from mockforge_grpc.stubs.answer import FixedAnswer, MadeAnswer, noted
from mockforge_grpc.stubs.facts import Facts
from mockforge_grpc.transport.call import CANCEL, Receiver

if TYPE_CHECKING:
    import asyncio

    from mockforge.mocking.scripts import Program
    from mockforge.mocking.stubs import Stub
    from mockforge_grpc.proxy.relay import Relay
    from mockforge_grpc.services.routes import Route
    from mockforge_grpc.stubs import StubAction
    from mockforge_grpc.stubs.answer import Answer
    from mockforge_grpc.transport.call import Call, EndedBy, Metadata

log = logging.getLogger("mockforge.grpc")

NO_REQUEST = Status(Code.UNIMPLEMENTED, "the method takes one message, and none came")
TWO_REQUESTS = Status(Code.UNIMPLEMENTED, "the method takes one message, and more came")


class Session(Facts, Receiver):
    """A call of a known method. Subclasses say when it is answered: :class:`~.unary.OneRequest`,
    :class:`~.streams.RequestStream`."""

    __slots__ = (
        "_after",
        "_kept",
        "_metadata_sent",
        "_out",
        "_sent_metadata",
        "_trailers",
        "call",
        "count",
        "exchange",
        "player",
        "route",
        "sent",
        "sent_bytes",
        "stub",
        "timer",
        "world",
    )

    def __init__(self, route: Route, call: Call) -> None:
        # All of Facts.__init__, without the call: one of these is made for every call.
        self.method = route.method
        self.caller = self.call = call
        self.messages = []
        self._first = self._contents = self._fields = None
        self.route = route
        self.world = route.world
        self.count = 0
        self.sent = 0
        self.sent_bytes = 0
        self.stub: Stub[Facts] | None = None
        self.player: Player | Relay | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._out: bytearray | None = None
        self._kept: bytearray | None = None
        self._sent_metadata: Metadata = ()
        self._trailers: Metadata = ()
        self._metadata_sent = False
        self._after: Callable[[], None] | None = None
        self.world.calls += 1
        self.exchange = self.world.notes.opened(route.kind, call)
        self.exchange.template = route.path

    # -------------------------------------------------------------- choosing

    def answer(self) -> None:
        """Find the stub, or else the fallback, and answer: what a client sends has come as far as it must."""
        world, route = self.world, self.route
        try:
            self.parse_first()
        except MalformedMessageError as error:
            self.exchange.error = str(error)
            self.finish(Status(Code.INTERNAL, f"the request cannot be read: {error.message}"))
            return
        states = world.stubs.states
        found = (
            None if world.passes_always else world.index.find(route.kind, route.path, self, states)
        )
        if found is None:
            self.fall_back()
            return
        stub = self.stub = found[0]
        stub.take(states)
        action: StubAction = stub.action
        self.exchange.source = action.source or action.name(stub.id)
        fixed = action.fixed
        if fixed is not None:
            self.answer_fixed(fixed)
            return
        number = stub.matched
        self.give(
            action.choose(self.method, number, world.chance("order", stub.id, number)), number
        )

    def fall_back(self) -> None:
        """Answer as is done where no stub is for the call."""
        self._guarded(self.route.fallback)

    def give(self, answer: Answer, number: int) -> None:
        """Answer as ``answer`` says, the ``number``-th time."""
        if answer.__class__ is FixedAnswer:
            self.answer_fixed(answer)
        elif answer.__class__ is MadeAnswer:
            self._guarded(lambda _: self._answer_made(answer, number))
        else:
            self._guarded(lambda _: self._begin(answer, number))

    def answer_fixed(self, fixed: FixedAnswer) -> None:
        """Give the answer that is the same for everyone."""
        call = self.call
        if fixed.metadata:
            call.send_metadata(fixed.metadata)
        if fixed.body is not None:
            call.send(fixed.body)
        call.finish(fixed.status, fixed.trailers)
        self._over(fixed.response, fixed.size)

    def _answer_made(self, answer: MadeAnswer, number: int) -> None:
        body = answer.make(self.scope(self.world.chance(self.name, number)))
        if answer.metadata:
            self.send_metadata(answer.metadata)
        self._trailers = answer.trailers
        self.send(body)
        self.finish()

    def _begin(self, answer: Any, number: int) -> None:
        name = self.name
        scope = self.scope(lambda: self.world.lasting_chance(name, number))
        metadata, trailers = answer.metadata, answer.trailers
        if callable(metadata):
            metadata = metadata(scope)
        if metadata:
            self.send_metadata(metadata)
        self._trailers = trailers(scope) if callable(trailers) else trailers
        self.play(answer.program, scope)

    def play(self, program: Program, scope: CallScope) -> None:
        """Have a script go on with the call; it sees the messages that are kept already."""
        self.take_over(Player(self, program, scope))

    def take_over(self, player: Player | Relay) -> None:
        """Have ``player`` go on with the call; it is handed the messages that are kept already."""
        self.player = player
        for message in self.messages:
            player.message(message)
        if self.has_half_closed:
            player.half_closed()
        player.start()

    @property
    def has_half_closed(self) -> bool:
        """Whether the client has said all."""
        return True

    @property
    def max_queued(self) -> int:
        """Messages that may wait for a script."""
        return self.world.max_queued

    @property
    def name(self) -> str:
        """What chance is told apart by: the stub, or the method."""
        return self.route.path if self.stub is None else self.stub.id

    # -------------------------------------------------------------- what templates see

    def scope(self, chance: Random | Callable[[], Random]) -> CallScope:
        """What templates and scripts see and draw from."""
        return CallScope(self._base, chance)

    def _base(self) -> Mapping[str, Any]:
        action: StubAction | None = None if self.stub is None else self.stub.action
        keeps = action is not None and action.collects
        tells = action is None or action.tells
        return {
            "request": self.json(),
            "requests": [content.json for content in self.contents] if keeps else [],
            "metadata": _joined(self.fields) if tells else {},
            "method": self.method.full_name,
            "state": self.world.state,
        }

    # -------------------------------------------------------------- sending

    def send_metadata(self, metadata: Metadata) -> None:
        """Send initial metadata. MockForgeError: something was sent already."""
        if self._metadata_sent or self.sent:
            raise MockForgeError(
                "metadata come before the first message, and once", hint="use `trailers`"
            )
        self._metadata_sent = True
        self._sent_metadata = metadata
        self.call.send_metadata(metadata)

    def add_trailers(self, trailers: Metadata) -> None:
        """Keep metadata for the end."""
        self._trailers = (*self._trailers, *trailers)

    def send(self, message: bytes) -> None:
        """Send a message. MockForgeError: the method has one, and it was sent."""
        if self.sent and not self.route.server_streaming:
            raise MockForgeError(f"{self.method.full_name} answers with one message")
        self.note_sent(message)
        self.call.send(message)

    def note_sent(self, message: bytes) -> None:
        """Keep a message for the journal, as far as it is kept there."""
        self.sent += 1
        self.sent_bytes += len(message)
        out = self._out
        if out is None:
            out = self._out = bytearray()
        if len(out) <= self.world.notes.max_body:
            if self.route.server_streaming:
                out += pack("!I", len(message))
            out += message[: self.world.notes.max_body + 1]

    def note_received(self, message: bytes) -> None:
        """Likewise for one that came."""
        self.count += 1
        kept = self._kept
        if kept is None:
            kept = self._kept = bytearray()
        if len(kept) <= self.world.notes.max_body:
            kept += pack("!I", len(message))
            kept += message[: self.world.notes.max_body + 1]

    # -------------------------------------------------------------- ending

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.exchange.duration_ns != 0

    def finish(self, status: Status = OK) -> None:
        """End the call."""
        if status.ok and not self.sent and not self.route.server_streaming:
            status = Status(Code.INTERNAL, "the mock ended the call without an answer")
        self.call.finish(status, self._trailers)
        self._noted(status)

    def fail(self, error: MockForgeError, status: Status | None = None) -> None:
        """End the call because answering went wrong."""
        stub = self.stub
        place = error.place or (None if stub is None else stub.place)
        who = self.route.path if stub is None else f"stub {stub.id}"
        log.error("%s cannot answer %s: %s (%s)", who, self.route.path, error, error.hint or place)
        self.exchange.error = f"{type(error).__name__}: {error}"
        if status is None:
            message = f"the mock failed: {who}: {error}"
            status = Status(Code.INTERNAL, cut(message, 1000))
        self.call.finish(status, self._trailers)
        self._noted(status)

    def reset(self, code: int = CANCEL) -> None:
        """End the call with RST_STREAM."""
        self._broken(lambda: self.call.reset(code), f"reset with error code {code}")

    def disconnect(self) -> None:
        """Cut the connection."""
        self._broken(self.call.disconnect, "disconnected")

    def finish_http(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        """Answer as HTTP does."""
        self._broken(
            lambda: self.call.finish_http(status, headers, body), f"answered HTTP {status}"
        )

    def _broken(self, end: Callable[[], None], what: str) -> None:
        end()
        self.exchange.error = f"on purpose: {what}"
        self._over(None, self.sent_bytes)

    def ended(self, status: Status, *, by: EndedBy) -> None:
        self.exchange.error = f"ended by {by}"
        self._noted(status)

    def writable(self) -> None:
        if self.player is not None:
            self.player.writable()

    def when_over(self, do: Callable[[], None]) -> None:
        """Have ``do`` called once when the call is over."""
        self._after = do

    def _noted(self, status: Status) -> None:
        body = b"" if self._out is None else bytes(self._out)
        self._over(noted(status, self._sent_metadata, self._trailers, body), self.sent_bytes)

    def _over(self, response: Any, sent: int) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.player is not None:
            self.player.stop()
        exchange = self.exchange
        if exchange.duration_ns:
            return
        if self._kept is not None:
            exchange.request.body = bytes(self._kept)
        elif self.messages:
            exchange.request.body = self.messages[0]
        self.world.notes.closed(exchange, response, sent)
        self.world.left()
        if self._after is not None:
            self._after()
            self._after = None

    def _guarded(self, step: Callable[[Any], None]) -> None:
        """What goes wrong in an answer ends its call."""
        try:
            step(self)
        except MockForgeError as error:
            self.fail(error)
        except Exception as error:
            log.exception("answering %s failed", self.route.path)
            self.exchange.error = f"{type(error).__name__}: {error}"
            self.finish(Status(Code.INTERNAL, "the mock failed"))

    # -------------------------------------------------------------- latency and failures

    def troubled(self) -> bool:
        """Fail or hold the call back, where the settings say so; whether it is not to be answered now."""
        trouble = self.route.trouble
        if trouble is None:
            return False
        failure = trouble.failure()
        seconds = trouble.delay()
        if failure is not None:
            self.exchange.source = "failure"
            if seconds:
                self.timer = self.call.loop.call_later(seconds, self._late, failure)
            else:
                self.finish(failure)
            return True
        if seconds:
            self.timer = self.call.loop.call_later(seconds, self._late, None)
        return seconds > 0

    def _late(self, failure: Status | None) -> None:
        self.timer = None
        if failure is not None:
            self.finish(failure)
        else:
            self.answer()


def _joined(fields: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in fields.items()}
