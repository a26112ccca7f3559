"""What the fast engine writes at once, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection

from mockforge_grpc.status import OK
from mockforge_grpc.transport import GrpcLimits
from mockforge_grpc.transport.http2.connection import Connection
from mockforge_grpc.transport.http2.hub import Hub
from mockforge_grpc.transport.http2.session import session_maker
from mockforge_grpc.transport.stats import TransportStats
from tests.grpc.transport.serving import Paths, Recorder
from tests.grpc.transport.wire import framed

pure_or_not = pytest.mark.parametrize("pure", [False, True])


Test = Callable[..., Coroutine[Any, Any, None]]


def in_loop(test: Test) -> Callable[..., None]:
    """Runs a test in an event loop of its own."""

    @wraps(test)
    def run(*arguments: Any, **more: Any) -> None:
        asyncio.run(test(*arguments, **more))

    return run


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


class Exchange:
    """A connection between a client's session and the engine, without sockets."""

    def __init__(self, application: Paths, *, pure: bool) -> None:
        loop = asyncio.get_running_loop()
        make = session_maker(pure=pure)[1]
        self.hub = Hub(application, GrpcLimits(), TransportStats(), make, loop)
        self.connection = Connection(self.hub)
        self.transport = Transport()
        self.connection.connection_made(self.transport)
        self.client = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.client.initiate_connection()
        self.say()
        self.transport.writes.clear()

    def say(self) -> None:
        self.connection.data_received(self.client.data_to_send())

    def call(self, path: str, *, end: bool = True) -> int:
        stream = self.client.get_next_available_stream_id()
        self.client.send_headers(
            stream,
            [
                (":method", "POST"),
                (":scheme", "http"),
                (":path", path),
                (":authority", "a"),
                ("te", "trailers"),
                ("content-type", "application/grpc"),
            ],
        )
        self.client.send_data(stream, framed(b"hello"), end_stream=end)
        return stream

    def end(self) -> None:
        self.connection.connection_lost(None)
        self.hub.abort()


@pure_or_not
@in_loop
async def test_an_answer_is_one_write_inside_the_read(pure: bool) -> None:
    exchange = Exchange(Paths(), pure=pure)
    exchange.call("/test.Echo/Unary")
    exchange.say()
    (answer,) = exchange.transport.writes
    kinds = [type(event).__name__ for event in exchange.client.receive_data(answer)]
    assert kinds[-4:] == ["ResponseReceived", "DataReceived", "TrailersReceived", "StreamEnded"]
    assert exchange.hub.streams == 0
    exchange.end()


@pure_or_not
@in_loop
async def test_answers_of_calls_that_came_together_are_one_write(pure: bool) -> None:
    exchange = Exchange(Paths(), pure=pure)
    for _ in range(20):
        exchange.call("/test.Echo/Unary")
    exchange.say()
    assert len(exchange.transport.writes) == 1
    assert exchange.hub.stats.messages_out == 20
    exchange.end()


@pure_or_not
@in_loop
async def test_what_is_sent_later_is_one_write_at_the_end_of_the_turn(pure: bool) -> None:
    exchange = Exchange(application := Paths(), pure=pure)
    exchange.call("/test.Echo/Silent")
    exchange.say()
    exchange.transport.writes.clear()
    receiver: Any = application.last()
    receiver.call.send(b"one")
    receiver.call.send(b"two")
    receiver.call.finish(OK)
    assert exchange.transport.writes == []
    await asyncio.sleep(0)
    assert len(exchange.transport.writes) == 1
    exchange.end()


@pure_or_not
@in_loop
async def test_nothing_is_framed_while_the_transport_takes_no_more(pure: bool) -> None:
    exchange = Exchange(Paths(), pure=pure)
    exchange.connection.pause_writing()
    exchange.call("/test.Echo/Unary")
    exchange.say()
    assert exchange.transport.writes == []
    exchange.connection.resume_writing()
    assert len(exchange.transport.writes) == 1
    exchange.end()


@in_loop
async def test_a_finished_call_leaves_no_cycle_for_the_garbage_collector() -> None:
    import gc
    import weakref

    class Small(Recorder):
        def message(self, data: bytes) -> None:
            self.call.send(data)
            self.call.finish(OK)

    application = Paths(Small=Small)
    exchange = Exchange(application, pure=False)
    gc.collect()
    gc.disable()
    try:
        exchange.call("/test.Echo/Small")
        exchange.say()
        gone = weakref.ref(application.receivers.pop())
        assert gone() is None
    finally:
        gc.enable()
    exchange.end()
