"""Engines for tests, in an event loop of their own thread, and an application that does what a test says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from mockforge.config.listeners import ListenerTls
from mockforge_grpc.status import OK, Code, Status
from mockforge_grpc.transport import (
    Application,
    Call,
    EndedBy,
    Engine,
    EngineName,
    GrpcLimits,
    Kind,
    Receiver,
    make_engine,
)

PATIENCE = 20.0
"""Seconds after which a test has hung."""
ENGINES: tuple[EngineName, ...] = ("http2", "h2", "grpcio")
WIRE_ENGINES: tuple[EngineName, ...] = ("http2", "h2")

Begin = Callable[[Call], Receiver]


class Recorder(Receiver):
    """Keeps what happens; a test changes what is done about it by overriding."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.messages: list[bytes] = []
        self.endings: list[tuple[Status, EndedBy]] = []
        self.half = False

    def message(self, data: bytes) -> None:
        self.messages.append(data)

    def half_closed(self) -> None:
        self.half = True

    def writable(self) -> None:
        """Nothing waits."""

    def ended(self, status: Status, *, by: EndedBy) -> None:
        self.endings.append((status, by))


class Echo(Recorder):
    """Sends back each message, and OK at the end."""

    def message(self, data: bytes) -> None:
        super().message(data)
        self.call.send(data)

    def half_closed(self) -> None:
        super().half_closed()
        self.call.finish(OK)


class Unary(Recorder):
    """Sends back the message with OK, at once."""

    def message(self, data: bytes) -> None:
        self.call.send(data)
        self.call.finish(OK)


class Collected(Recorder):
    """A client stream: the messages joined, at the end."""

    def half_closed(self) -> None:
        self.call.send(b"".join(self.messages))
        self.call.finish(OK)


class Silent(Recorder):
    """Never answers."""


class Unknown(Recorder):
    """UNIMPLEMENTED."""

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        call.finish(Status(Code.UNIMPLEMENTED, f"unknown method {call.path}"))


class Paths(Application):
    """Begins calls with what stands for their path; ``receivers`` are all so far."""

    def __init__(self, **more: Begin) -> None:
        self.begins: dict[str, Begin] = {
            "/test.Echo/Unary": Unary,
            "/test.Echo/Collect": Collected,
            "/test.Echo/Repeat": Echo,
            "/test.Echo/Bidi": Echo,
            "/test.Echo/Silent": Silent,
            **{f"/test.Echo/{name}": begin for name, begin in more.items()},
        }
        self.kinds = {
            "/test.Echo/Unary": Kind(client_streaming=False, server_streaming=False),
            "/test.Echo/Repeat": Kind(client_streaming=False, server_streaming=True),
            "/test.Echo/Bidi": Kind(client_streaming=True, server_streaming=True),
        }
        self.receivers: list[Receiver] = []
        self.changed = threading.Condition()

    def begin(self, call: Call) -> Receiver:
        receiver = self.begins.get(call.path, Unknown)(call)
        with self.changed:
            self.receivers.append(receiver)
            self.changed.notify_all()
        return receiver

    def kind(self, path: str) -> Kind | None:
        return self.kinds.get(path)

    def last(self, count: int = 1) -> Any:
        """The last receiver, once there are ``count``."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.receivers) >= count, PATIENCE)
            return self.receivers[-1]


class Serving:
    """A running engine. ``run`` does something in its event loop."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.engine = engine
        self.loop = loop

    @property
    def target(self) -> str:
        """``127.0.0.1:50051``."""
        return self.engine.addresses()[0].removeprefix("grpc://")

    @property
    def tls_target(self) -> str:
        return self.engine.tls_addresses()[0].removeprefix("grpcs://")

    @property
    def port(self) -> int:
        return int(self.target.rpartition(":")[2])

    def run(self, what: Callable[..., Any], *given: Any) -> Any:
        async def do() -> Any:
            return what(*given)

        return asyncio.run_coroutine_threadsafe(do(), self.loop).result(PATIENCE)

    def wait_for(self, what: Callable[[], Any]) -> Any:
        """Until ``what`` is true, asked in the event loop."""
        until = monotonic() + PATIENCE
        while not (found := self.run(what)):
            assert monotonic() < until, "it did not come about"
            sleep(0.002)
        return found


@contextmanager
def serving(
    name: EngineName,
    application: Application,
    *,
    host: str = "127.0.0.1",
    tls: ListenerTls = ListenerTls(),  # noqa: B008 - it cannot be changed
    **limits: Any,
) -> Iterator[Serving]:
    """An engine that serves ``application`` within ``limits``. What it holds at the end is nothing."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    engine = make_engine(name, application, GrpcLimits(**limits), host=host, tls=tls)

    async def stop() -> None:
        engine.abort()
        await engine.stopped()

    try:
        asyncio.run_coroutine_threadsafe(engine.start(), loop).result(PATIENCE)
        served = Serving(engine, loop)
        try:
            yield served
        finally:
            asyncio.run_coroutine_threadsafe(stop(), loop).result(PATIENCE)
            served.wait_for(lambda: not engine.streams and not engine.connections)
            assert engine.held_bytes() == 0
            assert engine.streams == 0
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()
