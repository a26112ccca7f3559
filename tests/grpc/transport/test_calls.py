"""Calls of all kinds by grpcio's client, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from mockforge_grpc.status import OK, Code, Status
from mockforge_grpc.transport import Call, EngineName, Receiver
from tests.grpc.transport.serving import (
    ENGINES,
    PATIENCE,
    Echo,
    Paths,
    Recorder,
    Serving,
    Silent,
    serving,
)

pytestmark = pytest.mark.parametrize("engine", ENGINES)


@contextmanager
def channel(serving: Serving, **options: Any) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(
        serving.target, options=[(f"grpc.{key}", value) for key, value in options.items()]
    ) as made:
        yield made


def collecting(made: grpc.Channel, name: str = "Collect") -> Any:
    return made.stream_unary(f"/test.Echo/{name}")


def repeating(made: grpc.Channel, name: str = "Repeat") -> Any:
    return made.unary_stream(f"/test.Echo/{name}")


def unary(made: grpc.Channel, name: str = "Unary", service: str = "test.Echo") -> Any:
    return made.unary_unary(f"/{service}/{name}")


def bidi(made: grpc.Channel, name: str = "Bidi") -> Any:
    return made.stream_stream(f"/test.Echo/{name}")


def test_unary_calls_are_answered(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, channel(served) as made:
        call = unary(made)
        for message in (b"", b"x", b"y" * 100_000):
            assert call(message, timeout=PATIENCE) == message


def test_all_kinds_of_streams_are_answered(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, channel(served) as made:
        pieces = [b"a", b"", b"b" * 70_000, b"c"]
        collect = collecting(made)
        assert collect(iter(pieces), timeout=PATIENCE) == b"".join(pieces)
        repeat = repeating(made)
        assert list(repeat(b"once", timeout=PATIENCE)) == [b"once"]
        assert list(bidi(made)(iter(pieces), timeout=PATIENCE)) == pieces
        assert list(bidi(made)(iter([]), timeout=PATIENCE)) == []


def test_messages_are_answered_one_by_one(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, channel(served) as made:
        answers = bidi(made)(iter(pingpong := PingPong()), timeout=PATIENCE)
        for message in (b"1", b"2", b"3"):
            pingpong.put(message)
            assert next(answers) == message
        pingpong.put(None)
        assert list(answers) == []


class PingPong:
    """Messages as they are put."""

    def __init__(self) -> None:
        import queue

        self._queue: queue.Queue[bytes | None] = queue.Queue()
        self.put = self._queue.put

    def __iter__(self) -> Iterator[bytes]:
        while (message := self._queue.get(timeout=PATIENCE)) is not None:
            yield message


def test_a_large_message_goes_both_ways_through_small_windows(engine: EngineName) -> None:
    with (
        serving(engine, Paths(), stream_window=65_535, connection_window=65_535) as served,
        channel(served) as made,
    ):
        message = bytes(range(256)) * 12_000
        assert unary(made)(message, timeout=PATIENCE) == message


def test_an_unknown_method_is_for_the_application(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, channel(served) as made:
        with pytest.raises(grpc.RpcError) as caught:
            unary(made, "Method", "no.Such")(b"", timeout=PATIENCE)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert caught.value.details() == "unknown method /no.Such/Method"


@pytest.mark.parametrize("code", [code for code in Code if code])
def test_every_status_code_arrives(engine: EngineName, code: Code) -> None:
    def refuse(call: Call) -> Receiver:
        call.finish(Status(code, f"says {code.name}"))
        return Recorder(call)

    with serving(engine, Paths(Refuse=refuse)) as served, channel(served) as made:
        with pytest.raises(grpc.RpcError) as caught:
            unary(made, "Refuse")(b"", timeout=PATIENCE)
        assert caught.value.code().value[0] == code
        assert caught.value.details() == f"says {code.name}"


class Detailed(Recorder):
    """Metadata, a message, and an error with everything."""

    def message(self, data: bytes) -> None:
        self.call.send_metadata(
            [("x-initial", "first"), ("x-octets-bin", b"\0\xff"), ("X-Upper", "u")]
        )
        self.call.send(data)
        status = Status(
            Code.NOT_FOUND, "no caf\N{LATIN SMALL LETTER E WITH ACUTE}, 100 %\n", (b"\n\1a",)
        )
        self.call.finish(
            status, [("x-trailing", "last"), ("x-trailing", "of two"), ("t-bin", b"\1")]
        )


def test_metadata_messages_and_details_arrive(engine: EngineName) -> None:
    with serving(engine, Paths(Detailed=Detailed)) as served, channel(served) as made:
        call = bidi(made, "Detailed")(iter([b"m"]), timeout=PATIENCE)
        assert next(call) == b"m"
        with pytest.raises(grpc.RpcError):
            next(call)
        initial = dict(call.initial_metadata())
        assert initial["x-initial"] == "first"
        assert initial["x-octets-bin"] == b"\0\xff"
        assert initial["x-upper"] == "u"
        assert call.code() is grpc.StatusCode.NOT_FOUND
        assert call.details() == "no caf\N{LATIN SMALL LETTER E WITH ACUTE}, 100 %\n"
        trailing = list(call.trailing_metadata())
        assert [value for name, value in trailing if name == "x-trailing"] == ["last", "of two"]
        assert ("t-bin", b"\1") in trailing
        details = dict(trailing)["grpc-status-details-bin"]
        text = "no caf\xe9, 100 %\n".encode()
        assert details == b"\x08\5\x12" + bytes([len(text)]) + text + b"\x1a\3\n\1a"


def test_the_application_sees_what_the_client_sent(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, channel(served) as made:
        metadata = (("x-user", "rex"), ("x-user", "two"), ("octets-bin", b"\0\1,\xff"))
        unary(made)(b"", timeout=60, metadata=metadata)
        call = application.last().call
        seen = list(call.metadata)
        assert [value for name, value in seen if name == "x-user"] == ["rex", "two"]
        assert ("octets-bin", b"\0\1,\xff") in seen
        assert any(name == "user-agent" for name, _ in seen)
        assert not {name for name, _ in seen} & {"te", "content-type", "grpc-timeout", ":path"}
        assert call.path == "/test.Echo/Unary"
        assert 50 < call.timeout < 61
        assert call.loop is served.loop
        if engine != "grpcio":
            assert call.peer.startswith("127.0.0.1:")
            assert call.authority == served.target
            assert call.secure is False
            assert (b":method", b"POST") in call.raw_headers


def test_an_expired_deadline_ends_the_call_on_both_sides(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, channel(served) as made:
        with pytest.raises(grpc.RpcError) as caught:
            unary(made, "Silent")(b"", timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        receiver = application.last()
        ((status, by),) = served.wait_for(lambda: receiver.endings)
        assert status.code in (Code.DEADLINE_EXCEEDED, Code.CANCELLED)
        assert by in ("deadline", "client")  # whose clock was first
        served.wait_for(lambda: served.engine.streams == 0)


def test_a_cancelled_call_is_seen(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, channel(served) as made:
        call = bidi(made, "Silent")(iter([b"a"]))
        receiver = application.last()
        served.wait_for(lambda: receiver.messages)
        call.cancel()
        ((status, by),) = served.wait_for(lambda: receiver.endings)
        assert (status.code, by) == (Code.CANCELLED, "client")
        served.wait_for(lambda: served.engine.streams == 0)
        assert served.engine.stats.cancelled == 1


def test_no_cancellation_is_taken_for_the_end_of_the_messages(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, channel(served) as made:
        for _ in range(100):
            call = bidi(made)(iter(pingpong := PingPong()))
            pingpong.put(b"x")
            next(call)
            call.cancel()
            pingpong.put(None)
        served.wait_for(lambda: served.engine.streams == 0)
        receivers: list[Any] = application.receivers
        assert [receiver.half for receiver in receivers] == [False] * 100
        assert [[by for _, by in receiver.endings] for receiver in receivers] == [["client"]] * 100
        assert served.engine.stats.cancelled == 100


def test_a_lost_connection_ends_its_calls(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served:
        with channel(served) as made:
            call = bidi(made, "Silent")(iter([b"a"]))
            receiver = application.last()
            served.wait_for(lambda: receiver.messages)
        ((status, _),) = served.wait_for(lambda: receiver.endings)
        assert status.code is Code.CANCELLED
        served.wait_for(lambda: served.engine.streams == 0)
        assert call.code() is grpc.StatusCode.CANCELLED


def test_what_an_application_raises_is_UNKNOWN(  # noqa: N802 - the code
    engine: EngineName, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Recorder):
        def message(self, data: bytes) -> None:
            raise ValueError(data)

    def failing(call: Call) -> Receiver:
        raise ValueError(call.path)

    with serving(engine, Paths(Failing=Failing, Worse=failing)) as served, channel(served) as made:
        for name in ("Failing", "Worse"):
            with pytest.raises(grpc.RpcError) as caught:
                unary(made, name)(b"", timeout=PATIENCE)
            assert caught.value.code() is grpc.StatusCode.UNKNOWN
        assert served.engine.stats.failed == 2
    assert "the application failed in a call of /test.Echo/Worse" in caplog.text


def test_a_message_of_the_limit_is_taken_and_one_more_byte_is_not(engine: EngineName) -> None:
    with (
        serving(engine, application := Paths(), max_message=1000) as served,
        channel(served) as made,
    ):
        assert unary(made)(b"x" * 1000, timeout=PATIENCE) == b"x" * 1000
        with pytest.raises(grpc.RpcError) as caught:
            unary(made)(b"x" * 1001, timeout=PATIENCE)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "larger than max" in (caught.value.details() or "")
        with pytest.raises(grpc.RpcError) as caught:
            list(bidi(made)(iter([b"x" * 1001]), timeout=PATIENCE))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(application.receivers) >= 2


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compressed_messages_are_read(engine: EngineName, compression: grpc.Compression) -> None:
    with serving(engine, Paths()) as served, channel(served) as made:
        message = b"compress me " * 1000
        assert unary(made)(message, timeout=PATIENCE, compression=compression) == message
        answers = bidi(made)(
            iter([message, b"", message]), timeout=PATIENCE, compression=compression
        )
        assert list(answers) == [message, b"", message]


def test_a_message_larger_than_the_limit_after_decompression_is_refused(engine: EngineName) -> None:
    with serving(engine, Paths(), max_message=10_000) as served, channel(served) as made:
        with pytest.raises(grpc.RpcError) as caught:
            unary(made)(b"\0" * 5_000_000, timeout=PATIENCE, compression=grpc.Compression.Gzip)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_answers_are_compressed_where_the_application_asks_and_the_client_accepts(
    engine: EngineName,
) -> None:
    class Compressed(Recorder):
        def message(self, data: bytes) -> None:
            assert self.call.compress("gzip")
            assert not self.call.compress("br")
            self.call.send(data)
            assert self.call.compression == "gzip"
            self.call.finish(OK)

    with serving(engine, Paths(Compressed=Compressed)) as served, channel(served) as made:
        message = b"compress me " * 10_000
        assert unary(made, "Compressed")(message, timeout=PATIENCE) == message
        if engine != "grpcio":
            assert served.engine.stats.bytes_out < 10_000


class Flood(Recorder):
    """Sends as long as it is not blocked, 5 MB in all."""

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        self.left = 500
        self.most = 0

    def half_closed(self) -> None:
        self.writable()

    def writable(self) -> None:
        while self.left and not self.call.blocked:
            self.call.send(b"x" * 10_000)
            self.left -= 1
        if not self.left:
            self.call.finish(OK)


_READS_LITTLE = {"http2.bdp_probe": 0, "http2.lookahead_bytes": 65_536}
"""A client that asks for no more than this ahead of its reader."""


def test_a_client_that_does_not_read_blocks_only_its_call(engine: EngineName) -> None:
    with (
        serving(engine, application := Paths(Flood=Flood)) as served,
        channel(served, **_READS_LITTLE) as made,
    ):
        answers = repeating(made, "Flood")(b"", timeout=PATIENCE)
        assert len(next(answers)) == 10_000
        receiver = application.last()
        served.wait_for(lambda: receiver.call.blocked)
        assert receiver.left
        assert served.run(served.engine.held_bytes) < 200_000
        for _ in range(20):
            assert unary(made)(b"meanwhile", timeout=PATIENCE) == b"meanwhile"
        assert receiver.left
        assert sum(1 for _ in answers) == 499


class Holding(Recorder):
    """Takes no message but the first until it is told."""

    def message(self, data: bytes) -> None:
        super().message(data)
        if len(self.messages) == 1:
            self.call.hold()

    def half_closed(self) -> None:
        super().half_closed()
        self.call.send(b"%d" % sum(map(len, self.messages)))
        self.call.finish(OK)


def test_a_receiver_that_holds_makes_its_client_wait_and_no_other(engine: EngineName) -> None:
    sent: list[int] = []

    def messages() -> Iterator[bytes]:
        for number in range(400):
            sent.append(number)
            yield b"x" * 10_000

    with serving(engine, application := Paths(Holding=Holding)) as served, channel(served) as made:
        calls = [collecting(made, "Holding").future(messages(), timeout=60) for _ in range(4)]
        application.last(4)
        holding = list(application.receivers)
        served.wait_for(lambda: all(receiver.messages for receiver in holding))  # type: ignore[attr-defined]
        for _ in range(20):
            assert unary(made)(b"meanwhile", timeout=PATIENCE) == b"meanwhile"
        assert len(sent) < 1600
        assert served.run(served.engine.held_bytes) <= 4 * (65_536 + 16_384)
        for receiver in holding:
            assert receiver.messages == [b"x" * 10_000]  # type: ignore[attr-defined]
            served.run(receiver.call.release)  # type: ignore[attr-defined]
        for call in calls:
            assert call.result(60) == b"4000000"


def test_an_answer_may_come_before_the_client_has_sent_all(engine: EngineName) -> None:
    class Early(Recorder):
        def message(self, data: bytes) -> None:
            self.call.send(b"early")
            self.call.finish(OK)

    pingpong = PingPong()
    with serving(engine, Paths(Early=Early)) as served, channel(served) as made:
        call = bidi(made, "Early")(iter(pingpong), timeout=PATIENCE)
        pingpong.put(b"one")
        assert list(call) == [b"early"]
        assert call.code() is grpc.StatusCode.OK
        served.wait_for(lambda: served.engine.streams == 0)
        pingpong.put(None)


def test_answers_may_come_later(engine: EngineName) -> None:
    class Later(Recorder):
        def message(self, data: bytes) -> None:
            self.call.loop.call_later(0.01, self._answer, data)

        def _answer(self, data: bytes) -> None:
            self.call.send_metadata([("x-late", "yes")])
            self.call.send(data)
            self.call.loop.call_later(0.01, self.call.finish, OK)

    with serving(engine, Paths(Later=Later, Unary=Later)) as served, channel(served) as made:
        for name in ("Later", "Unary"):
            answer, call = unary(made, name).with_call(b"late", timeout=PATIENCE)
            assert answer == b"late"
            assert dict(call.initial_metadata())["x-late"] == "yes"


def test_many_calls_at_once(engine: EngineName) -> None:
    with serving(engine, Paths()) as served, channel(served) as made:
        calls = [unary(made).future(b"%d" % number, timeout=60) for number in range(500)]
        assert [call.result(60) for call in calls] == [b"%d" % number for number in range(500)]
        served.wait_for(lambda: served.engine.streams == 0)
        assert served.engine.stats.calls == 500
        assert served.engine.stats.messages_in == served.engine.stats.messages_out == 500


def test_draining_lets_calls_end_and_takes_no_new_ones(engine: EngineName) -> None:
    import asyncio

    with serving(engine, application := Paths(Slow=Echo)) as served, channel(served) as made:
        pingpong = PingPong()
        call = bidi(made, "Slow")(iter(pingpong), timeout=60)
        pingpong.put(b"before")
        assert next(call) == b"before"
        drained = asyncio.run_coroutine_threadsafe(served.engine.drain(), served.loop)
        pingpong.put(b"during")
        assert next(call) == b"during"
        assert not drained.done()
        pingpong.put(None)
        assert list(call) == []
        drained.result(PATIENCE)
        with pytest.raises(grpc.RpcError) as caught:
            unary(made)(b"", timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert len(application.receivers) == 1


def test_aborting_cuts_calls(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, channel(served) as made:
        call = bidi(made, "Silent")(iter([b"a"]), timeout=PATIENCE)
        receiver = application.last()
        served.wait_for(lambda: receiver.messages)
        served.run(served.engine.abort)
        with pytest.raises(grpc.RpcError) as caught:
            list(call)
        assert caught.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        assert served.wait_for(lambda: receiver.endings)


def test_a_call_that_is_over_ignores_what_is_said(engine: EngineName) -> None:
    with serving(engine, application := Paths()) as served, channel(served) as made:
        assert unary(made)(b"x", timeout=PATIENCE) == b"x"
        call = application.last().call
        for what in (
            lambda: call.send(b"more"),
            lambda: call.finish(OK),
            lambda: call.send_metadata([("a", "b")]),
            call.hold,
            call.release,
        ):
            served.run(what)
        assert unary(made)(b"y", timeout=PATIENCE) == b"y"


def test_silent_is_for_ever_without_a_deadline(engine: EngineName) -> None:
    with serving(engine, application := Paths(Forever=Silent)) as served, channel(served) as made:
        call = unary(made, "Forever").future(b"x")
        receiver = application.last()
        served.wait_for(lambda: receiver.half)
        assert receiver.call.timeout is None
        assert not call.done()
        call.cancel()
        served.wait_for(lambda: receiver.endings)
