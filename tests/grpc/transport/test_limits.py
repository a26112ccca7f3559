"""Everything a client can make grow is bounded, and says so."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Any

import pytest

from mockforge_grpc.status import OK, Code
from mockforge_grpc.transport import EngineName, GrpcLimits
from tests.grpc.transport.serving import (
    ENGINES,
    PATIENCE,
    WIRE_ENGINES,
    Paths,
    Recorder,
    Serving,
    serving,
)
from tests.grpc.transport.wire import PREFACE, frame, framed, wire

every_engine = pytest.mark.parametrize("engine", ENGINES)
own_engine = pytest.mark.parametrize("engine", WIRE_ENGINES)

ENHANCE_YOUR_CALM = 11


def limited(served: Serving, name: str) -> int:
    return served.engine.stats.limits[name]


@own_engine
def test_connections_above_the_limit_are_sent_away(engine: EngineName) -> None:
    with serving(engine, Paths(), max_connections=2) as served, ExitStack() as stack:
        first, second = (stack.enter_context(wire(served)) for _ in range(2))
        third = stack.enter_context(wire(served))
        third.until(lambda: False)
        assert third.closed
        assert third.goaway == [(ENHANCE_YOUR_CALM, 0)]
        assert third.goaway_reason == b"too many connections"
        assert limited(served, "connections") == 1
        assert first.call().status == second.call().status == "0"
        second.close()
        served.wait_for(lambda: served.engine.connections == 1)
        assert stack.enter_context(wire(served)).call().status == "0"


@every_engine
def test_calls_above_the_limit_of_a_connection_are_refused(engine: EngineName) -> None:
    with (
        serving(engine, application := Paths(), max_concurrent_streams=3) as served,
        wire(served) as client,
    ):
        assert client.h2.remote_settings.max_concurrent_streams == 3
        client.call()  # its settings are acknowledged
        for _ in range(3):
            client.open("/test.Echo/Silent")
        application.last(4)
        served.wait_for(lambda: served.engine.streams == 3)
        client.h2.remote_settings[3] = 100  # a client that does not care
        client.h2.remote_settings.acknowledge()
        extra = client.open("/test.Echo/Unary")
        answer = client.answers[extra]
        client.until(lambda: answer.reset is not None or client.closed)
        assert client.closed or answer.reset == 7  # REFUSED_STREAM, or the whole connection
        assert len(application.receivers) == 4


@own_engine
def test_a_client_that_resets_again_and_again_is_sent_away(engine: EngineName) -> None:
    with serving(engine, Paths(), max_resets=50) as served, wire(served) as client:
        for _ in range(300):
            stream = client.h2.get_next_available_stream_id()
            client.h2.send_headers(stream, client.headers("/test.Echo/Silent"))
            client.h2.reset_stream(stream, 8)
        client.flush()
        client.until(lambda: client.goaway)
        assert client.goaway[0][0] == ENHANCE_YOUR_CALM
        assert client.goaway_reason == b"too many resets"
        assert limited(served, "resets") == 1
        served.wait_for(lambda: served.engine.connections == 0)
        assert served.engine.streams == 0
        assert served.engine.stats.calls <= 300


@own_engine
def test_a_client_that_pings_again_and_again_is_sent_away(engine: EngineName) -> None:
    with serving(engine, Paths(), max_pings=50) as served, wire(served) as client:
        for _ in range(40):
            client.h2.ping(b"12345678")
        client.flush()
        client.until(lambda: client.pongs == 40)
        assert client.call().status == "0"  # as for grpc-go: an answer makes up for pings
        for _ in range(200):
            client.h2.ping(b"12345678")
        client.flush()
        client.until(lambda: client.goaway)
        assert client.goaway[0][0] == ENHANCE_YOUR_CALM
        assert client.goaway_reason == b"too_many_pings"
        assert limited(served, "pings") == 1


@own_engine
def test_empty_frames_again_and_again_count_as_pings(engine: EngineName) -> None:
    with serving(engine, Paths(), max_pings=20) as served, wire(served) as client:
        stream = client.open("/test.Echo/Silent")
        client.octets(frame(0, b"", stream=stream) * 100)
        client.until(lambda: client.goaway)
        assert client.goaway[0][0] == ENHANCE_YOUR_CALM


@own_engine
def test_settings_again_and_again_count_as_pings(engine: EngineName) -> None:
    with serving(engine, Paths(), max_pings=20) as served, wire(served) as client:
        client.octets(frame(4, b"\0\4\0\1\0\0") * 100)
        client.until(lambda: client.goaway)
        assert client.goaway[0][0] == ENHANCE_YOUR_CALM


@own_engine
def test_a_client_that_says_nothing_is_cut(engine: EngineName) -> None:
    with serving(engine, Paths(), handshake=0.05) as served:
        with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as plain:
            assert plain.recv(100) == b""
        with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as plain:
            plain.sendall(PREFACE[:10])
            while plain.recv(100):
                pass
        assert limited(served, "handshake") == 2


@own_engine
def test_a_connection_without_calls_is_sent_away(engine: EngineName) -> None:
    with serving(engine, application := Paths(), idle=0.1) as served, wire(served) as client:
        stream = client.open("/test.Echo/Silent")
        receiver = application.last()
        served.wait_for(lambda: limited(served, "idle") or True)
        assert not client.goaway
        served.run(receiver.call.finish, OK)
        client.answer(stream)
        client.until(lambda: client.closed)
        assert client.goaway == [(0, stream)]
        assert limited(served, "idle") == 1


@own_engine
def test_a_silent_client_is_pinged_and_kept_when_it_answers(engine: EngineName) -> None:
    with serving(engine, Paths(), ping=0.05, pong=20) as served, wire(served) as client:
        client.until(lambda: client.pings == 3)
        assert client.pings == 3
        assert client.call().status == "0"


@own_engine
def test_a_client_that_does_not_answer_pings_is_cut(engine: EngineName) -> None:
    with (
        serving(engine, application := Paths(), ping=0.05, pong=0.05) as served,
        wire(served) as client,
    ):
        client.open("/test.Echo/Silent")
        receiver = application.last()
        client.rest()
        assert client.closed
        ((status, by),) = receiver.endings
        assert (status.code, by) == (Code.CANCELLED, "connection")
        assert limited(served, "keepalive") == 1


@own_engine
def test_bytes_of_messages_that_are_being_received_are_bounded_for_all(engine: EngineName) -> None:
    with serving(engine, application := Paths(), max_held=300_000) as served, ExitStack() as stack:
        clients = [stack.enter_context(wire(served)) for _ in range(4)]
        streams = []
        for client in clients:
            streams.append(client.open("/test.Echo/Bidi"))
            client.send(streams[-1], b"\0\0\x10\0\0" + b"x" * 60_000)  # of 1 MiB
        application.last(4)
        served.wait_for(lambda: served.engine.held_bytes() == 4 * 60_005)
        extra = clients[0].open("/test.Echo/Bidi")
        clients[0].send(extra, b"\0\0\x10\0\0" + b"x" * 60_000)
        answer = clients[0].answer(extra)
        assert answer.status == "8"
        assert answer.message == "the mock holds too many messages"
        assert limited(served, "held") == 1
        clients[1].h2.reset_stream(streams[1], 8)
        clients[1].flush()
        served.wait_for(lambda: served.engine.held_bytes() == 3 * 60_005)


class Pushing(Recorder):
    """Sends 100 KB without looking."""

    def message(self, data: bytes) -> None:
        for _ in range(10):
            self.call.send(b"x" * 10_000)


@own_engine
def test_bytes_that_are_not_read_are_bounded_for_all(engine: EngineName) -> None:
    with (
        serving(engine, application := Paths(Push=Pushing), max_held=400_000) as served,
        wire(served, window=0) as client,
    ):
        answers = []
        for _ in range(6):
            stream = client.open("/test.Echo/Push")
            client.send(stream, framed(b""))
            answers.append(client.answers[stream])
        client.until(lambda: answers[-1].reset is not None)
        assert limited(served, "held") >= 1
        assert served.run(served.engine.held_bytes) <= 400_000
        last: Any = application.last()
        assert [by for _, by in last.endings] == ["limit"]
        client.close()
        served.wait_for(lambda: served.engine.held_bytes() == 0)


class Telling(Recorder):
    """Sends while it is not blocked, for ever."""

    sent = 0

    def message(self, data: bytes) -> None:
        self.writable()

    def writable(self) -> None:
        while not self.call.blocked:
            self.call.send(b"x" * 1000)
            self.sent += 1


@own_engine
def test_a_stalled_reader_costs_no_more_than_its_buffer_and_nobody_else_waits(
    engine: EngineName,
) -> None:
    with (
        serving(engine, application := Paths(Tell=Telling), write_buffer=50_000) as served,
        wire(served, window=10_000) as stalled,
        wire(served) as other,
    ):
        stream = stalled.open("/test.Echo/Tell")
        stalled.send(stream, framed(b""))
        receiver = application.last()
        served.wait_for(lambda: receiver.call.blocked)
        sent = receiver.sent
        assert sent * 1005 < 10_000 + 50_000 + 10_000
        for client in (other, stalled):
            for _ in range(5):
                assert client.call().status == "0"
        assert receiver.sent == sent or stalled.answers[stream].data
        stalled.h2.reset_stream(stream, 8)
        stalled.flush()
        served.wait_for(lambda: receiver.endings)
        served.wait_for(lambda: served.engine.held_bytes() == 0)


@own_engine
def test_a_client_that_stops_reading_its_socket_is_bounded(engine: EngineName) -> None:
    with (
        serving(engine, application := Paths(Tell=Telling), ping=0.2, pong=0.2) as served,
        wire(served, window=2**30) as client,
    ):
        client.h2.increment_flow_control_window(2**30)
        stream = client.open("/test.Echo/Tell")
        client.send(stream, framed(b""))
        receiver = application.last()
        served.wait_for(lambda: receiver.call.blocked)
        assert served.run(served.engine.held_bytes) < 200_000
        ((_, by),) = served.wait_for(lambda: receiver.endings)  # it answers no pings
        assert by == "connection"


@own_engine
def test_a_held_call_keeps_no_more_than_its_window(engine: EngineName) -> None:
    class Hold(Recorder):
        def __init__(self, call: Any) -> None:
            super().__init__(call)
            call.hold()

    with (
        serving(engine, application := Paths(Hold=Hold), stream_window=65_535) as served,
        wire(served) as client,
    ):
        stream = client.open("/test.Echo/Hold")
        client.send(stream, (framed(b"x" * 95) * 700)[:65_535])
        assert client.h2.local_flow_control_window(stream) == 0
        receiver = application.last()
        served.wait_for(lambda: served.engine.held_bytes() == 65_535)
        assert client.call().status == "0"
        assert receiver.messages == []
        served.run(receiver.call.release)
        served.wait_for(lambda: len(receiver.messages) == 655)
        client.until(lambda: client.h2.local_flow_control_window(stream) > 30_000)


@own_engine
def test_held_calls_do_not_use_up_the_window_of_their_connection(engine: EngineName) -> None:
    class Hold(Recorder):
        def __init__(self, call: Any) -> None:
            super().__init__(call)
            call.hold()

    with (
        serving(engine, application := Paths(Hold=Hold), connection_window=200_000) as served,
        wire(served) as client,
    ):
        for turn in range(4):  # and nothing of it is lost or won
            for _ in range(10):
                stream = client.open("/test.Echo/Hold")
                for _ in range(4):
                    client.until(lambda: client.h2.outbound_flow_control_window > 20_000)
                    client.send(stream, framed(b"x" * 16_000))
            assert client.call().status == "0"
            served.wait_for(lambda: served.engine.held_bytes() == 10 * 4 * 16_005)
            for receiver in list(application.receivers)[turn * 11 :][:10]:
                served.run(receiver.call.release)  # type: ignore[attr-defined]
            served.wait_for(lambda: served.engine.held_bytes() == 0)
            assert client.h2.outbound_flow_control_window <= 200_000


@own_engine
def test_http1_is_told_what_this_port_speaks(engine: EngineName) -> None:
    with serving(engine, Paths()) as served:
        with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            answer = plain.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 505 ")
        assert b"gRPC" in answer
        assert served.engine.stats.refused["protocol"] == 1


@every_engine
def test_garbage_ends_the_connection_and_nothing_else(engine: EngineName) -> None:
    with serving(engine, Paths()) as served:
        for octets in (b"\0" * 100, b"\xff" * 100, PREFACE + b"\xff" * 100, b"HELO\r\n\r\n" * 10):
            with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as plain:
                plain.sendall(octets)
                try:
                    while plain.recv(1000):
                        pass
                except ConnectionResetError:
                    pass
        with wire(served) as client:
            assert client.call().status == "0"


@own_engine
def test_draining_says_goaway_twice_and_lets_calls_end(engine: EngineName) -> None:
    import asyncio

    with serving(engine, application := Paths()) as served, wire(served) as client:
        stream = client.open("/test.Echo/Silent")
        receiver = application.last()
        drained = asyncio.run_coroutine_threadsafe(served.engine.drain(), served.loop)
        client.until(lambda: len(client.goaway) == 1)
        assert client.goaway == [(0, 2**31 - 1)]
        client.octets(frame(6, bytes(8), flags=1))  # h2 answers no more pings after a GOAWAY
        client.octets(b"")
        data = b""
        while data[-17:-8] != b"\0\0\x08\x07\0\0\0\0\0":
            data += client.socket.recv(1000)
        assert data[-8:] == stream.to_bytes(4, "big") + bytes(4)
        served.run(receiver.call.send, b"late")
        served.run(receiver.call.finish, OK)
        assert b"late" in client.rest()
        drained.result(PATIENCE)
        assert served.engine.connections == 0


@every_engine
def test_memory_is_told(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served:
        assert served.engine.memory_bytes() == 0
        with wire(served) as client:
            client.open("/test.Echo/Silent")
            application.last()
            one = served.run(served.engine.memory_bytes)
            client.open("/test.Echo/Silent")
            application.last(2)
            assert served.run(served.engine.memory_bytes) > one > 0
            assert served.run(lambda: served.engine.streams) == 2


def test_sweeps_are_as_frequent_as_the_shortest_limit_needs() -> None:
    assert GrpcLimits(ping=0.1).tick == pytest.approx(0.025)
    assert GrpcLimits(ping=0.001).tick == 0.01
    assert GrpcLimits(ping=0, pong=0, idle=0, handshake=0).tick == 1.0
