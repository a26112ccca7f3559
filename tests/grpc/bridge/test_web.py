"""gRPC-Web: frames in, frames and trailers out."""

from __future__ import annotations

import gzip
import struct
from base64 import b64decode, b64encode
from urllib.parse import unquote

import pytest

from mockforge_grpc.bridge.settings import BridgeSettings
from mockforge_grpc.status import Code, Status
from tests.grpc.bridge.making import (
    Answered,
    Heard,
    Scripted,
    ask,
    book,
    details_of,
    fails,
    rpc,
    sends,
)

WEB = "application/grpc-web+proto"
TEXT = "application/grpc-web-text"
TWO = (book(name="a"), book(name="b", displayName="x" * 2000))


def frame(data: bytes, flags: int = 0) -> bytes:
    return struct.pack(">BI", flags, len(data)) + data


def frames(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        flags, length = struct.unpack(">BI", body[:5])
        assert len(body) >= 5 + length
        found.append((flags, body[5 : 5 + length]))
        body = body[5 + length :]
    return found


def trailers(data: bytes) -> dict[str, str]:
    assert data.endswith(b"\r\n")
    lines = data.decode("ascii").removesuffix("\r\n").split("\r\n")
    return dict(line.split(": ", 1) for line in lines)


def call(
    application: Scripted,
    name: str = "GetBook",
    body: bytes | None = None,
    settings: BridgeSettings | None = None,
    **headers: str,
) -> Answered:
    fields = {"Content-Type": WEB, **{key.replace("_", "-"): text for key, text in headers.items()}}
    sent = frame(book(name="q")) if body is None else body
    return ask(application, "POST", rpc(name), headers=fields, body=sent, settings=settings)


@pytest.mark.parametrize(
    "content_type", [WEB, "application/grpc-web", "application/grpc-web+proto; a=b"]
)
def test_a_unary_call_answers_a_message_and_trailers(content_type: str) -> None:
    application = Scripted(sends(TWO[0]))
    answered = call(application, Content_Type=content_type)
    assert (answered.status, answered.headers["content-type"]) == (200, WEB)
    (flags, data), (end, last) = frames(answered.body)
    assert (flags, data, end) == (0, TWO[0], 0x80)
    assert trailers(last) == {"grpc-status": "0"}
    assert application.last.messages == [book(name="q")]


def test_a_stream_is_a_frame_for_each_message() -> None:
    answered = call(Scripted(sends(*TWO)), "WatchBooks", frame(b""))
    assert [data for flags, data in frames(answered.body) if not flags] == list(TWO)


def test_the_text_form_is_base64_both_ways_in_pieces_with_padding() -> None:
    application = Scripted(sends(*TWO))
    body = b64encode(frame(book(name="1"))) + b64encode(frame(book(name="22")))
    answered = call(application, "Talk", body, Content_Type=TEXT)
    assert answered.headers["content-type"] == "application/grpc-web-text+proto"
    pieces = answered.body.replace(b"=", b"= ").replace(b"= =", b"==").split(b" ")
    whole = b"".join(b64decode(piece) for piece in pieces)
    assert [data for flags, data in frames(whole) if not flags] == list(TWO)
    assert application.last.messages == [book(name="1"), book(name="22")]


def test_an_error_is_in_the_trailers_with_message_and_details() -> None:
    details = details_of(("library.v1.Author", b""))
    answered = call(Scripted(fails(Code.NOT_FOUND, "kein Büch\n%", details)))
    ((flags, data),) = frames(answered.body)
    said = trailers(data)
    assert (answered.status, flags, said["grpc-status"]) == (200, 0x80, "5")
    assert unquote(said["grpc-message"]) == "kein Büch\n%"
    raw = said["grpc-status-details-bin"]
    assert details[0] in b64decode(raw + "=" * (-len(raw) % 4))


def test_metadata_are_headers_and_trailers_are_in_the_last_frame() -> None:
    def answer(heard: Heard) -> None:
        heard.call.send_metadata([("x-served-by", "mock")])
        heard.call.send(TWO[0])
        heard.call.finish(Status(Code.OK), [("x-cost", "3"), ("x-b-bin", b"\x01")])

    application = Scripted(answer)
    answered = call(
        application, x_user="rex", X_Grpc_Web="1", X_User_Agent="grpc-web", Grpc_Timeout="1S"
    )
    assert application.last.call.metadata == [("x-user", "rex")]
    assert application.last.call.timeout == 1
    assert answered.headers["x-served-by"] == "mock"
    assert trailers(frames(answered.body)[-1][1]) == {
        "grpc-status": "0",
        "x-cost": "3",
        "x-b-bin": "AQ",
    }


def test_compressed_messages_are_read_and_written() -> None:
    application = Scripted(sends(*TWO))
    body = frame(gzip.compress(book(name="z")), 1)
    answered = call(
        application, "WatchBooks", body, Grpc_Encoding="gzip", Grpc_Accept_Encoding="identity, gzip"
    )
    assert application.last.messages == [book(name="z")]
    assert answered.headers["grpc-encoding"] == "gzip"
    (small, _), (large, data), _ = frames(answered.body)
    assert (small, large) == (0, 1)
    assert gzip.decompress(data) == TWO[1]


@pytest.mark.parametrize(
    ("body", "headers", "code", "said"),
    [
        (b"\0\0", {}, Code.INVALID_ARGUMENT, "within the prefix"),
        (frame(b"abc")[:-1], {}, Code.INVALID_ARGUMENT, "3 bytes is announced, and 2 follow"),
        (frame(b"", 0x80), {}, Code.INVALID_ARGUMENT, "0x80"),
        (frame(b"x", 1), {}, Code.INTERNAL, "without an encoding"),
        (frame(b"x", 1), {"Grpc_Encoding": "gzip"}, Code.INVALID_ARGUMENT, "well-formed"),
        (frame(b""), {"Grpc_Encoding": "br"}, Code.UNIMPLEMENTED, "gzip, identity"),
        (b"", {}, Code.INVALID_ARGUMENT, "0 messages"),
        (frame(b"") * 2, {}, Code.INVALID_ARGUMENT, "2 messages"),
        (frame(b"x" * 101), {}, Code.RESOURCE_EXHAUSTED, "101 bytes"),
        (
            frame(gzip.compress(b"x" * 5000, mtime=0), 1),
            {"Grpc_Encoding": "gzip"},
            Code.RESOURCE_EXHAUSTED,
            "larger than 100",
        ),
        (b"AAAAAAA", {"Content_Type": TEXT}, Code.INVALID_ARGUMENT, "base64"),
        (b"AA!A", {"Content_Type": TEXT}, Code.INVALID_ARGUMENT, "base64"),
    ],
)
def test_a_broken_request_is_refused_in_trailers(
    body: bytes, headers: dict[str, str], code: Code, said: str
) -> None:
    application = Scripted(sends(TWO[0]))
    answered = call(application, "GetBook", body, BridgeSettings(max_message=100), **headers)
    whole = b64decode(answered.body) if "Content_Type" in headers else answered.body
    ((_, data),) = frames(whole)
    assert trailers(data)["grpc-status"] == str(int(code))
    assert said in unquote(trailers(data)["grpc-message"])
    assert application.heard == []


@pytest.mark.parametrize("path", [rpc("Nothing"), "/other.Service/Method"])
def test_an_unknown_method_is_unimplemented(path: str) -> None:
    headers = {"Content-Type": WEB}
    answered = ask(Scripted(), "POST", path, headers=headers, body=frame(b""))
    ((_, data),) = frames(answered.body)
    assert trailers(data)["grpc-status"] == "12"


def test_an_unknown_content_type_is_told_which_there_are() -> None:
    answered = call(Scripted(), Content_Type="application/grpc-web+thrift")
    assert (answered.status, "accept-post" in answered.headers) == (415, True)


def test_json_in_frames_is_understood() -> None:
    application = Scripted(sends(TWO[0]))
    answered = call(
        application, body=frame(b'{"name": "j"}'), Content_Type="application/grpc-web+json"
    )
    assert application.last.messages == [book(name="j")]
    assert frames(answered.body)[0][1] == b'{"name":"a"}'
