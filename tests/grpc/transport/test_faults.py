"""What the fast engine breaks on purpose, and that the other one refuses to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockforge_grpc.status import OK
from mockforge_grpc.transport import Call, EngineName, Receiver, make_engine
from mockforge_grpc.transport.limits import GrpcLimits
from tests.grpc.transport.serving import WIRE_ENGINES, Paths, Recorder, serving
from tests.grpc.transport.wire import Answer, WireClient, framed, wire

own_engine = pytest.mark.parametrize("engine", WIRE_ENGINES)


class Faulty(Recorder):
    """Does ``fault`` when its message comes."""

    def __init__(self, call: Call, fault: Callable[[Call], None]) -> None:
        super().__init__(call)
        self._fault = fault

    def message(self, data: bytes) -> None:
        self._fault(self.call)


def faulty(fault: Callable[[Call], None]) -> Paths:
    def begin(call: Call) -> Receiver:
        return Faulty(call, fault)

    return Paths(Fault=begin)


def called(client: WireClient) -> Answer:
    stream = client.open("/test.Echo/Fault")
    client.send(stream, framed(b"x"), end=True)
    answer = client.answers[stream]
    client.until(lambda: answer.ended or answer.reset is not None)
    return answer


@own_engine
@pytest.mark.parametrize("code", [0, 2, 7, 8, 11])
def test_a_reset_has_the_code_that_was_asked_for(engine: EngineName, code: int) -> None:
    application = faulty(lambda call: call.reset(code))
    with serving(engine, application) as served, wire(served) as client:
        assert called(client).reset == code
        assert client.call().status == "0"
        assert application.receivers[0].endings == []  # type: ignore[attr-defined]


@own_engine
def test_what_was_sent_before_a_reset_arrives(engine: EngineName) -> None:
    def fault(call: Call) -> None:
        call.send(b"first")
        call.reset()

    with serving(engine, faulty(fault)) as served, wire(served) as client:
        answer = called(client)
        assert answer.data == framed(b"first")
        assert answer.reset == 8


@own_engine
def test_a_disconnect_cuts_the_connection(engine: EngineName) -> None:
    def fault(call: Call) -> None:
        call.send(b"first")
        call.disconnect()

    with serving(engine, faulty(fault)) as served:
        with wire(served) as client:
            called(client)
            assert client.closed
            assert not client.goaway
        served.wait_for(lambda: served.engine.connections == 0)


@own_engine
def test_a_message_can_be_cut_short(engine: EngineName) -> None:
    def fault(call: Call) -> None:
        call.send_raw(framed(b"whole message")[:10])
        call.finish(OK)

    with serving(engine, faulty(fault)) as served, wire(served) as client:
        answer = called(client)
        assert answer.data == framed(b"whole message")[:10]
        assert answer.status == "0"


@own_engine
def test_octets_can_be_put_between_frames(engine: EngineName) -> None:
    def fault(call: Call) -> None:
        call.send(b"first")
        call.send_octets(b"\0\0\3\0\0\0\0\0\0bad")  # DATA on stream 0

    with serving(engine, faulty(fault)) as served, wire(served) as client:
        stream = client.open("/test.Echo/Fault")
        client.send(stream, framed(b"x"))
        data = b""
        while not data.endswith(b"bad"):
            data += client.socket.recv(1000)
        assert framed(b"first") + b"\0\0\3\0\0\0\0\0\0bad" in data


@own_engine
@pytest.mark.parametrize("body", [b"", b"no upstream"])
def test_a_proxy_can_be_played(engine: EngineName, body: bytes) -> None:
    def fault(call: Call) -> None:
        call.finish_http(503, [("Content-Type", "text/plain"), ("Retry-After", "1")], body)

    with serving(engine, faulty(fault)) as served, wire(served) as client:
        answer = called(client)
        assert answer.headers == {
            ":status": "503",
            "content-type": "text/plain",
            "retry-after": "1",
        }
        assert answer.data == body
        assert answer.trailers == {}


def test_the_grpcio_engine_says_that_it_has_no_faults_of_the_wire() -> None:
    engine = make_engine("grpcio", Paths(), GrpcLimits())
    assert not engine.wire_faults
    faults: list[Callable[[Call], None]] = [
        lambda call: call.reset(),
        lambda call: call.disconnect(),
        lambda call: call.send_raw(b"x"),
        lambda call: call.send_octets(b"x"),
        lambda call: call.finish_http(503, [], b""),
    ]
    raised: list[str] = []

    def try_all(call: Call) -> None:
        for fault in faults:
            with pytest.raises(NotImplementedError, match="needs the engine http2") as caught:
                fault(call)
            raised.append(str(caught.value))
        call.send(b"fine")
        call.finish(OK)

    with serving("grpcio", faulty(try_all)) as served, wire(served) as client:
        assert called(client).status == "0"
    assert len(raised) == len(faults)


def test_the_own_engine_says_that_it_has() -> None:
    assert make_engine("http2", Paths(), GrpcLimits()).wire_faults
