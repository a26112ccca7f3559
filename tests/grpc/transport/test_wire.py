"""What the specification says of gRPC over HTTP/2, seen on the wire."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest

from mockforge_grpc.status import OK, Code, Status
from mockforge_grpc.transport import Call, EngineName, Receiver
from tests.grpc.transport.serving import (
    ENGINES,
    WIRE_ENGINES,
    Echo,
    Paths,
    Recorder,
    serving,
)
from tests.grpc.transport.wire import frame, framed, wire

every_engine = pytest.mark.parametrize("engine", ENGINES)
own_engine = pytest.mark.parametrize("engine", WIRE_ENGINES)


@every_engine
def test_the_status_is_in_trailers(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        answer = client.call(framed(b"hello"))
        assert answer.headers[":status"] == "200"
        assert answer.headers["content-type"] == "application/grpc"
        assert answer.data == framed(b"hello")
        assert answer.trailers["grpc-status"] == "0"
        assert "grpc-status" not in answer.headers
        assert not answer.trailers_only
        assert answer.reset is None


@every_engine
def test_an_error_before_any_message_is_trailers_only(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        answer = client.call(path="/test.Echo/Unheard")
        assert answer.trailers_only
        assert answer.headers[":status"] == "200"
        assert answer.headers["content-type"] == "application/grpc"
        assert answer.headers["grpc-status"] == "12"
        assert answer.data == b""


@every_engine
def test_an_error_after_messages_is_in_trailers(engine: EngineName) -> None:
    class Halfway(Recorder):
        def message(self, data: bytes) -> None:
            self.call.send(b"one")
            self.call.send(b"two")
            self.call.finish(Status(Code.ABORTED, "halfway"))

    with serving(engine, Paths(Halfway=Halfway)) as served, wire(served) as client:
        answer = client.call(path="/test.Echo/Halfway")
        assert answer.data == framed(b"one") + framed(b"two")
        assert answer.trailers["grpc-status"] == "10"
        assert answer.trailers["grpc-message"] == "halfway"


@every_engine
def test_messages_are_percent_encoded(engine: EngineName) -> None:
    def refuse(call: Call) -> Receiver:
        call.finish(Status(Code.INTERNAL, "100% \N{SNOWMAN}\r\n~ end"))
        return Recorder(call)

    with serving(engine, Paths(Refuse=refuse)) as served, wire(served) as client:
        answer = client.call(path="/test.Echo/Refuse")
        assert answer.message == "100%25 %E2%98%83%0D%0A~ end"


@every_engine
def test_a_message_may_come_in_any_pieces(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        octets = framed(b"first") + framed(b"") + framed(b"x" * 300)
        stream = client.open("/test.Echo/Collect")
        for octet in octets:
            client.send(stream, bytes([octet]))
        client.send(stream, b"", end=True)
        assert client.answer(stream).data == framed(b"first" + b"x" * 300)
        assert application.last().messages == [b"first", b"", b"x" * 300]
        answer = client.call(octets + framed(b"last"), path="/test.Echo/Bidi")
        assert answer.data == octets + framed(b"last")


@own_engine
@pytest.mark.parametrize("flag", [2, 128, 255])
def test_an_unknown_flag_is_INTERNAL(engine: EngineName, flag: int) -> None:  # noqa: N802
    with serving(engine, application := Paths()) as served, wire(served) as client:
        answer = client.call(framed(b"x", flag))
        assert answer.status == "13"
        assert answer.message == f"received unexpected payload format {flag}"
        ((status, by),) = application.last().endings
        assert (status.code, by) == (Code.INTERNAL, "limit")
        assert served.engine.stats.refused["message_encoding"] == 1


@own_engine
def test_a_message_that_is_cut_short_is_INTERNAL(engine: EngineName) -> None:  # noqa: N802
    with serving(engine, Paths()) as served, wire(served) as client:
        for body in (b"\0", b"\0\0\0\0", framed(b"hello")[:-1], framed(b"whole") + b"\0\0"):
            answer = client.call(body, path="/test.Echo/Bidi")
            assert answer.status == "13"
            assert answer.message == "unexpected end of the stream: a message is cut short"


@every_engine
def test_an_unknown_compression_is_UNIMPLEMENTED_and_those_that_are_accepted_are_named(  # noqa: N802
    engine: EngineName,
) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        answer = client.call(framed(b"x", 1), ("grpc-encoding", "snappy"))
        if engine == "grpcio":  # its library says so since it parses the header strictly
            assert answer.status == "13"
            return
        assert answer.status == "12"
        accepted = {**answer.headers, **answer.trailers}["grpc-accept-encoding"]
        assert {part.strip() for part in accepted.split(",")} == {"identity", "deflate", "gzip"}


@own_engine
def test_a_compressed_message_without_an_encoding_is_INTERNAL(engine: EngineName) -> None:  # noqa: N802
    with serving(engine, Paths()) as served, wire(served) as client:
        for more in ((), (("grpc-encoding", "identity"),)):
            answer = client.call(framed(gzip.compress(b"x"), 1), *more)
            assert answer.status == "13"
            assert answer.message == "compressed flag set with identity or empty encoding"


@own_engine
def test_messages_that_do_not_decompress_are_INTERNAL(engine: EngineName) -> None:  # noqa: N802
    with serving(engine, Paths()) as served, wire(served) as client:
        whole = gzip.compress(b"message")
        for broken in (b"", b"no gzip", whole[:-1], whole + b"more"):
            answer = client.call(framed(broken, 1), ("grpc-encoding", "gzip"))
            assert answer.status == "13"
        answer = client.call(framed(zlib.compress(b"x") + b"y", 1), ("grpc-encoding", "deflate"))
        assert answer.status == "13"


@own_engine
def test_answers_are_compressed_as_the_request_was(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        message = b"again " * 100
        answer = client.call(
            framed(gzip.compress(message), 1),
            ("grpc-encoding", "gzip"),
            ("grpc-accept-encoding", "gzip,identity"),
        )
        assert answer.headers["grpc-encoding"] == "gzip"
        assert answer.data[0] == 1
        assert gzip.decompress(answer.data[5:]) == message
        answer = client.call(
            framed(zlib.compress(message), 1),
            ("grpc-encoding", "deflate"),
            ("grpc-accept-encoding", "identity"),
        )
        assert "grpc-encoding" not in answer.headers
        assert answer.data == framed(message)


@every_engine
def test_an_oversized_message_is_refused_before_it_is_all_there(engine: EngineName) -> None:
    with serving(engine, Paths(), max_message=100_000) as served, wire(served) as client:
        stream = client.open("/test.Echo/Bidi")
        client.send(stream, b"\0\x7f\xff\xff\xff" + b"x" * 1000)
        answer = client.answer(stream)
        assert answer.status == "8"
        assert "larger than max" in (answer.message or "")


@own_engine
def test_an_expired_deadline_is_DEADLINE_EXCEEDED(engine: EngineName) -> None:  # noqa: N802
    with serving(engine, application := Paths()) as served, wire(served) as client:
        answer = client.call(framed(b"x"), ("grpc-timeout", "20m"), path="/test.Echo/Silent")
        assert answer.status == "4"
        assert answer.trailers_only
        ((status, by),) = application.last().endings
        assert (status.code, by) == (Code.DEADLINE_EXCEEDED, "deadline")
        assert served.engine.stats.limits["deadline"] == 1


@every_engine
def test_units_of_timeouts(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        for text, seconds in (("2H", 7200), ("3M", 180), ("4S", 4), ("90000m", 90)):
            client.call(framed(b""), ("grpc-timeout", text))
            assert seconds - 3 < application.last().call.timeout < seconds * 1.02


@own_engine
@pytest.mark.parametrize("timeout", ["", "5", "S", "123456789S", "-1S", "1s", "1.5S", "1 S"])
def test_a_malformed_timeout_is_refused(engine: EngineName, timeout: str) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        answer = client.call(framed(b""), ("grpc-timeout", timeout))
        assert answer.headers[":status"] == "400"
        assert answer.status == "13"
        assert "malformed grpc-timeout" in (answer.message or "")
        assert not application.receivers
        assert served.engine.stats.refused["timeout"] == 1


@every_engine
def test_a_reset_stream_is_cancelled_and_nothing_more_comes_on_it(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        stream = client.open("/test.Echo/Silent")
        client.send(stream, framed(b"x"))
        receiver = application.last()
        served.wait_for(lambda: receiver.messages)
        client.h2.reset_stream(stream, 8)
        client.flush()
        ((status, by),) = served.wait_for(lambda: receiver.endings)
        assert (status.code, by) == (Code.CANCELLED, "client")
        served.run(receiver.call.send, b"too late")
        served.run(receiver.call.finish, OK)
        assert client.call().status == "0"
        assert client.answers[stream].headers == {}


@own_engine
def test_frames_that_break_http2_end_the_connection(engine: EngineName) -> None:
    frames = {
        "DATA on stream 0": frame(0, b"x"),
        "HEADERS on an even stream": frame(1, b"\x82", flags=5, stream=2),
        "SETTINGS of odd size": frame(4, b"x"),
        "PING of wrong size": frame(6, b"short"),
        "WINDOW_UPDATE of 0": frame(8, b"\0\0\0\0"),
        "a frame above the largest size": frame(0, b"x" * 20_000, stream=1),
        "CONTINUATION without HEADERS": frame(9, b"\x82", stream=1),
    }
    with serving(engine, Paths()) as served:
        for octets in frames.values():
            with wire(served) as client:
                client.octets(octets)
                client.until(lambda client=client: client.goaway and client.closed)
                assert client.closed
                assert client.goaway[-1][0] in (1, 3, 6)  # PROTOCOL, FLOW_CONTROL, FRAME_SIZE
        with wire(served) as client:
            assert client.call().status == "0"


@own_engine
@pytest.mark.parametrize(
    "kind", ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"]
)
def test_content_types_of_grpc_are_taken(engine: EngineName, kind: str) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        answer = client.call(framed(b"x"), ("content-type", kind))
        assert answer.status == "0"
        assert answer.headers["content-type"] == kind.partition(";")[0]


@own_engine
@pytest.mark.parametrize(
    "kind", ["application/json", "application/grpc+json", "application/grpc-web", "text/plain", ""]
)
def test_other_content_types_are_415(engine: EngineName, kind: str) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        answer = client.call(framed(b"x"), ("content-type", kind))
        assert answer.headers[":status"] == "415"
        assert answer.status == "3"
        assert answer.trailers_only
        assert not application.receivers
        assert served.engine.stats.refused["content_type"] == 1


@own_engine
def test_methods_but_POST_are_405(engine: EngineName) -> None:  # noqa: N802
    with serving(engine, Paths()) as served, wire(served) as client:
        stream = client.open("/test.Echo/Unary", (":method", "GET"), end=True)
        answer = client.answer(stream)
        assert answer.headers[":status"] == "405"
        assert answer.status == "13"
        assert served.engine.stats.refused["method"] == 1


@every_engine
def test_binary_metadata_may_be_joined_by_commas_and_unpadded(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        padded = base64.b64encode(b"\0\1\2\3").decode()
        client.call(framed(b""), ("a-bin", padded), ("b-bin", padded.rstrip("=")))
        seen = list(application.last().call.metadata)
        assert ("a-bin", b"\0\1\2\3") in seen
        assert ("b-bin", b"\0\1\2\3") in seen
        if engine != "grpcio":
            client.call(framed(b""), ("a-bin", f"{padded},AA,"))
            values = [value for name, value in application.last(2).call.metadata if name == "a-bin"]
            assert values == [b"\0\1\2\3", b"\0", b""]


@own_engine
@pytest.mark.parametrize("value", ["A", "a b!", "AA,A"])
def test_binary_metadata_that_is_no_base64_is_refused(engine: EngineName, value: str) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        answer = client.call(framed(b""), ("a-bin", value))
        assert answer.headers[":status"] == "400"
        assert answer.status == "13"
        assert not application.receivers


@every_engine
def test_too_much_metadata_is_RESOURCE_EXHAUSTED(engine: EngineName) -> None:  # noqa: N802
    with (
        serving(engine, application := Paths(), max_metadata=8192) as served,
        wire(served) as client,
    ):
        assert client.call(framed(b""), ("a", "x" * 7000)).status == "0"
        answer = client.call(framed(b""), ("a", "x" * 9000))
        assert answer.status == "8"
        assert len(application.receivers) == 1
        assert client.call().status == "0"


@every_engine
def test_a_header_bomb_ends_the_connection(engine: EngineName) -> None:
    with serving(engine, Paths()) as served:
        with wire(served) as client:
            stream = client.open("/test.Echo/Unary", *[("a", "x" * 3900)] * 4000)  # 16 MB of 16 KB
            answer = client.answers[stream]
            client.until(lambda: client.closed or answer.ended or answer.reset is not None)
            assert client.closed or answer.status == "8"
        with wire(served) as client:
            assert client.call().status == "0"


@own_engine
def test_trailers_of_a_client_end_what_it_sends(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, wire(served) as client:
        stream = client.open("/test.Echo/Bidi")
        client.send(stream, framed(b"x"))
        client.h2.send_headers(stream, [("x-late", "1")], end_stream=True)
        client.flush()
        assert client.answer(stream).status == "0"
        assert application.last().messages == [b"x"]


@own_engine
def test_a_client_is_told_to_stop_when_its_answer_is_out(engine: EngineName) -> None:
    class Early(Recorder):
        def message(self, data: bytes) -> None:
            self.call.send(b"y" * 200_000)
            self.call.finish(OK)

    with serving(engine, Paths(Early=Early)) as served, wire(served) as client:
        stream = client.open("/test.Echo/Early")
        client.send(stream, framed(b"x"))
        answer = client.answers[stream]
        client.until(lambda: answer.reset is not None)
        assert answer.reset == 0  # NO_ERROR, and nothing of the answer is lost
        assert answer.data == framed(b"y" * 200_000)
        assert answer.trailers["grpc-status"] == "0"


@own_engine
def test_a_long_message_of_an_error_arrives(engine: EngineName) -> None:
    def refuse(call: Call) -> Receiver:
        call.finish(Status(Code.INTERNAL, "x" * 40_000))
        return Recorder(call)

    with serving(engine, Paths(Refuse=refuse)) as served, wire(served) as client:
        client.h2.max_inbound_frame_size = 65_536
        client.h2.decoder.max_header_list_size = 100_000
        assert client.call(path="/test.Echo/Refuse").message == "x" * 40_000


@own_engine
def test_a_client_may_say_goaway(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        assert client.call().status == "0"
        client.octets(frame(7, bytes(8)))
        client.rest()
        served.wait_for(lambda: served.engine.connections == 0)


@every_engine
def test_pings_are_answered(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, wire(served) as client:
        client.h2.ping(b"12345678")
        client.flush()
        client.until(lambda: client.pongs)
        assert client.pongs == 1


@own_engine
def test_a_message_is_read_once_it_is_complete_not_at_the_end_of_the_stream(
    engine: EngineName,
) -> None:
    with serving(engine, Paths(Early=Echo)) as served, wire(served) as client:
        stream = client.open("/test.Echo/Early")
        client.send(stream, framed(b"one")[:4])
        client.send(stream, framed(b"one")[4:] + framed(b"two"))
        answer = client.answers[stream]
        client.until(lambda: len(answer.data) == 16)
        assert answer.data == framed(b"one") + framed(b"two")
        client.send(stream, b"", end=True)
        assert client.answer(stream).status == "0"
