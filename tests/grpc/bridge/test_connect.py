"""The Connect protocol: unary calls, GET, streams, errors."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import quote

import pytest

from mockforge_grpc.bridge.errors import HTTP_STATUS
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
from tests.grpc.bridge.test_web import frame, frames

BIG = book(name="a", displayName="x" * 2000)
TWO = (book(name="a"), book(name="b"))


def unary(
    application: Scripted,
    body: bytes = b'{"name": "q"}',
    name: str = "GetBook",
    settings: BridgeSettings | None = None,
    **headers: str,
) -> Answered:
    fields = {
        "Content-Type": "application/json",
        "Connect-Protocol-Version": "1",
        **{key.replace("_", "-"): text for key, text in headers.items()},
    }
    return ask(application, "POST", rpc(name), headers=fields, body=body, settings=settings)


def stream(
    application: Scripted, name: str, body: bytes, codec: str = "proto", **headers: str
) -> Answered:
    kind = f"application/connect+{codec}"
    fields = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    answered = ask(application, "POST", rpc(name), headers=fields, body=body)
    assert (answered.status, answered.headers["content-type"]) == (200, kind)
    return answered


def ended(answered: Answered) -> Any:
    flags, data = frames(answered.body)[-1]
    assert flags == 2
    return json.loads(data)


def test_a_unary_call_in_json() -> None:
    application = Scripted(sends(TWO[0]))
    answered = unary(application)
    assert (answered.status, answered.json) == (200, {"name": "a"})
    assert answered.headers == {"content-type": "application/json"}
    assert application.last.messages == [book(name="q")]


def test_a_unary_call_in_bytes_needs_no_header_of_its_own() -> None:
    application = Scripted(sends(TWO[0]))
    headers = {"Content-Type": "application/proto"}
    answered = ask(application, "POST", rpc("GetBook"), headers=headers, body=book(name="q"))
    assert (answered.headers["content-type"], answered.body) == ("application/proto", TWO[0])
    assert application.last.messages == [book(name="q")]


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.OK])
def test_an_error_is_connects_json_by_its_http_status(code: Code) -> None:
    details = details_of(("library.v1.Author", b"\x0a\x01x"))
    answered = unary(Scripted(fails(code, "no", details)))
    name = "canceled" if code is Code.CANCELLED else code.name.lower()
    assert answered.status == HTTP_STATUS[code]
    assert answered.headers["content-type"] == "application/json"
    assert answered.json == {
        "code": name,
        "message": "no",
        "details": [{"type": "library.v1.Author", "value": "CgF4", "debug": {"name": "x"}}],
    }


def test_trailers_are_headers_with_a_prefix() -> None:
    def answer(heard: Heard) -> None:
        heard.call.send_metadata([("x-served-by", "mock")])
        heard.call.send(TWO[0])
        heard.call.finish(Status(Code.OK), [("x-cost", "3")])

    application = Scripted(answer)
    answered = unary(application, X_User="rex", Connect_Timeout_Ms="1500")
    assert answered.headers["x-served-by"] == "mock"
    assert answered.headers["trailer-x-cost"] == "3"
    assert application.last.call.metadata == [("x-user", "rex")]
    assert application.last.call.timeout == 1.5


def test_compression_follows_the_client() -> None:
    application = Scripted(sends(BIG))
    body = gzip.compress(b'{"name": "z"}')
    answered = unary(application, body, Content_Encoding="gzip")
    assert application.last.messages == [book(name="z")]
    assert answered.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answered.body))["name"] == "a"
    for accept in ("identity", "br", "gzip;q=0"):
        assert "content-encoding" not in unary(application, Accept_Encoding=accept).headers
    assert unary(application, Accept_Encoding="br, gzip").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"{", {}, "invalid_argument"),
        (b'{"nam": 1}', {}, "invalid_argument"),
        (b"{}", {"Connect_Timeout_Ms": "soon"}, "invalid_argument"),
        (b"{}", {"Connect_Timeout_Ms": "12345678901"}, "invalid_argument"),
        (b"{}", {"Connect_Protocol_Version": "2"}, "invalid_argument"),
        (b"{}", {"Content_Encoding": "br"}, "unimplemented"),
        (b"{}", {"Content_Encoding": "gzip"}, "invalid_argument"),
        (b'{"name": "%s"}' % (b"x" * 200), {}, "resource_exhausted"),
    ],
)
def test_a_broken_request_is_refused(body: bytes, headers: dict[str, str], code: str) -> None:
    application = Scripted(sends(TWO[0]))
    answered = unary(application, body, settings=BridgeSettings(max_message=100), **headers)
    assert answered.json["code"] == code
    assert answered.status == HTTP_STATUS[Code.named(code)]
    assert application.heard == []


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("WatchBooks", "application/json"),
        ("GetBook", "application/connect+proto"),
        ("GetBook", "application/thrift"),
        ("WatchBooks", "application/connect+thrift"),
    ],
)
def test_a_content_type_that_does_not_fit_is_unsupported(name: str, content_type: str) -> None:
    answered = unary(Scripted(), name=name, Content_Type=content_type)
    assert (answered.status, "accept-post" in answered.headers) == (415, True)


@pytest.mark.parametrize(
    "query",
    [
        "connect=v1&encoding=json&message=" + quote('{"name": "g+"}'),
        "message=" + quote('{"name":"g+"}', safe="") + "&encoding=json&more=x",
        "encoding=proto&base64=1&connect=v1&message="
        + urlsafe_b64encode(book(name="g+")).decode().rstrip("="),
        "encoding=proto&base64=1&compression=gzip&message="
        + quote(urlsafe_b64encode(gzip.compress(book(name="g+"), mtime=0))),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_method_without_side_effects_is_called_by_get(query: str, method: str) -> None:
    application = Scripted(sends(TWO[0]))
    answered = ask(application, method, f"{rpc('GetBook')}?{query}")
    assert answered.status == 200
    assert application.last.messages == [book(name="g+")]
    codec = "proto" if "proto" in query else "json"
    assert answered.headers["content-type"] == f"application/{codec}"


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("CreateBook", "encoding=json&message=%7B%7D", 405),
        ("WatchBooks", "encoding=json&message=%7B%7D", 405),
        ("GetBook", "encoding=thrift&message=x", 415),
        ("GetBook", "encoding=json&message=%7B%7D&connect=v2", 400),
        ("GetBook", "encoding=proto&message=a&base64=1", 400),
        ("GetBook", "encoding=json&message=x", 400),
        ("GetBook", "encoding=json&message=x&compression=br", 501),
    ],
)
def test_a_get_that_makes_no_call_is_refused(name: str, query: str, status: int) -> None:
    application = Scripted(sends(TWO[0]))
    assert ask(application, "GET", f"{rpc(name)}?{query}").status == status
    assert application.heard == []


@pytest.mark.parametrize("codec", ["proto", "json"])
def test_streams_are_envelopes_with_an_end(codec: str) -> None:
    application = Scripted(sends(*TWO))
    sent = [book(name="1"), book(name="2")]
    body = b"".join(
        frame(b'{"name":"%d"}' % (at + 1) if codec == "json" else sent[at]) for at in range(2)
    )
    answered = stream(application, "Talk", body, codec)
    assert application.last.messages == sent
    expected = [b'{"name":"a"}', b'{"name":"b"}'] if codec == "json" else list(TWO)
    assert [data for flags, data in frames(answered.body) if flags == 0] == expected
    assert ended(answered) == {}


def test_the_end_of_a_stream_has_error_and_trailers() -> None:
    def answer(heard: Heard) -> None:
        heard.call.send_metadata([("x-a", "1")])
        heard.call.send(TWO[0])
        heard.call.finish(
            Status(Code.CANCELLED, "enough"), [("x-b", "2"), ("x-b", "3"), ("x-c-bin", b"\1")]
        )

    answered = stream(Scripted(answer), "WatchBooks", frame(b""))
    assert answered.headers["x-a"] == "1"
    assert ended(answered) == {
        "error": {"code": "canceled", "message": "enough"},
        "metadata": {"x-b": ["2", "3"], "x-c-bin": ["AQ"]},
    }


def test_a_client_stream_is_answered_by_a_stream_of_one() -> None:
    application = Scripted(sends(b""))
    answered = stream(application, "ImportBooks", frame(b"") * 3)
    assert len(application.last.messages) == 3
    assert [flags for flags, _ in frames(answered.body)] == [0, 2]


def test_compressed_envelopes_are_read_and_written() -> None:
    application = Scripted(sends(TWO[0], BIG))
    body = frame(gzip.compress(b""), 1) + frame(gzip.compress(TWO[1]), 1)
    answered = stream(application, "Talk", body, Connect_Content_Encoding="gzip")
    assert application.last.messages == [b"", TWO[1]]
    assert answered.headers["connect-content-encoding"] == "gzip"
    assert [flags for flags, _ in frames(answered.body)] == [0, 1, 2]
    assert gzip.decompress(frames(answered.body)[1][1]) == BIG


@pytest.mark.parametrize(
    ("body", "code"), [(b"\0", "invalid_argument"), (frame(b"", 2), "invalid_argument")]
)
def test_broken_envelopes_are_an_error_at_the_end(body: bytes, code: str) -> None:
    assert ended(stream(Scripted(), "Talk", body))["error"]["code"] == code


@pytest.mark.parametrize("path", [rpc("Nothing"), "/other.Service/Method"])
def test_an_unknown_method_is_unimplemented(path: str) -> None:
    headers = {"Content-Type": "application/connect+json"}
    answered = ask(Scripted(), "POST", path, headers=headers, body=frame(b"{}"))
    assert ended(answered)["error"]["code"] == "unimplemented"
    headers = {"Content-Type": "application/proto"}
    answered = ask(Scripted(), "POST", path, headers=headers)
    assert (answered.status, answered.json["code"]) == (501, "unimplemented")


def test_details_can_be_read_back() -> None:
    details = details_of(("google.rpc.ErrorInfo", b"\x0a\x01R"))
    (detail,) = unary(Scripted(fails(Code.ABORTED, "", details))).json["details"]
    assert detail["type"] == "google.rpc.ErrorInfo"
    assert b64decode(detail["value"] + "==") == b"\x0a\x01R"
