"""JSON over HTTP: what requests become, and how answers and errors look."""

from __future__ import annotations

import asyncio
import gzip
import json
from base64 import b64encode
from typing import Any

import pytest

from mockforge.mocking.exchange import Response
from mockforge.mocking.faults import Reset
from mockforge_grpc.bridge.errors import HTTP_STATUS
from mockforge_grpc.bridge.front import Front
from mockforge_grpc.bridge.settings import BridgeSettings
from mockforge_grpc.status import Code, Status
from tests.grpc.bridge.making import (
    Heard,
    Scripted,
    answer_to,
    ask,
    ask_maybe,
    book,
    details_of,
    fails,
    library,
    message,
    request_of,
    rpc,
    sends,
)

BOOK = {"name": "shelves/1/books/2", "displayName": "Emma", "kind": "NOVEL", "pages": "474"}


def bookish() -> Scripted:
    return Scripted(sends(book(**BOOK)))


@pytest.mark.parametrize(
    ("method", "target", "body", "path", "heard"),
    [
        ("GET", "/v1/shelves/1/books/2", None, "GetBook", {"name": "shelves/1/books/2"}),
        ("HEAD", "/v1/shelves/1/books/2", None, "GetBook", {"name": "shelves/1/books/2"}),
        ("GET", "/v1/book/a%2Fb", None, "GetBook", {"name": "a/b"}),
        ("GET", "/v1/papers/a/b/c", None, "GetBook", {"name": "a/b/c"}),
        (
            "GET",
            "/v1/shelves/1/books/2?readMask=name,displayName",
            None,
            "GetBook",
            {"name": "shelves/1/books/2", "read_mask": "name,displayName"},
        ),
        (
            "POST",
            "/v1/shelves/1/books?validate_only=true",
            {"display_name": "Emma"},
            "CreateBook",
            {"parent": "shelves/1", "book": {"display_name": "Emma"}, "validate_only": True},
        ),
        (
            "PATCH",
            "/v1/shelves/1/books/2?update_mask=pages",
            {"name": "not this", "pages": 3},
            "UpdateBook",
            {"book": {"name": "shelves/1/books/2", "pages": "3"}, "update_mask": "pages"},
        ),
        (
            "POST",
            "/v1/shelves/1/books/2:move",
            {"otherShelf": "3", "name": "not this"},
            "MoveBook",
            {"name": "shelves/1/books/2", "other_shelf": "3"},
        ),
        ("PURGE", "/v1/shelves/9", None, "Purge", {"name": "shelves/9"}),
        ("POST", rpc("Search"), {"pageSize": 3}, "Search", {"page_size": 3}),
        ("POST", rpc("GetBook"), {"name": "x"}, "GetBook", {"name": "x"}),
        ("POST", rpc("GetBook"), None, "GetBook", {}),
    ],
)
def test_a_request_becomes_the_message_of_its_method(
    method: str, target: str, body: Any, path: str, heard: Any
) -> None:
    application = Scripted(lambda each: each.call.finish(Status(Code.NOT_FOUND)))
    answered = ask(application, method, target, json_body=body)
    assert application.last.call.path == rpc(path)
    assert application.last.json() == heard
    assert application.last.half
    assert answered.status == 404
    assert answered.exchange.source == f"grpc:library.v1.Library/{path}"


def test_an_answer_is_json_with_the_names_of_json() -> None:
    answered = ask(bookish(), "GET", "/v1/shelves/1/books/2")
    assert (answered.status, answered.headers) == (200, {"content-type": "application/json"})
    assert answered.json == BOOK
    assert answered.exchange.template == "/v1/{name=shelves/*/books/*}"


def test_fields_with_their_default_are_there_if_that_is_wanted() -> None:
    answered = ask(bookish(), "GET", "/v1/book/x", settings=BridgeSettings(defaults=True))
    assert answered.json["edition"] == 0
    assert answered.json["tags"] == []


@pytest.mark.parametrize("books", [[], [{"name": "a"}, {"name": "b"}]])
def test_a_response_body_is_one_field_of_the_answer(books: list[Any]) -> None:
    application = Scripted(sends(message("ListBooksResponse", books=books)))
    assert ask(application, "GET", "/v1/shelves/1/titles").json == books


def test_an_http_body_is_passed_on_as_it_is_both_ways() -> None:
    raw = message(
        "google.api.HttpBody", content_type="image/png", data=b64encode(b"\x89P").decode()
    )
    answered = ask(Scripted(sends(raw)), "GET", "/v1/shelves/1/books/2:download")
    assert (answered.headers["content-type"], answered.body) == ("image/png", b"\x89P")
    application = bookish()
    ask(
        application,
        "PUT",
        "/v1/shelves/1/books/2:upload",
        headers={"Content-Type": "text/plain"},
        body=b"once",
    )
    assert application.last.json() == {
        "name": "shelves/1/books/2",
        "file": {"content_type": "text/plain", "data": b64encode(b"once").decode()},
    }


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.OK])
def test_every_code_has_its_http_status_and_is_said_in_json(code: Code) -> None:
    info = message("Author", name="Jane")
    details = details_of(("library.v1.Author", info), ("unknown.Thing", b"\x08\x01"))
    answered = ask(Scripted(fails(code, "no", details)), "GET", "/v1/book/x")
    assert answered.status == HTTP_STATUS[code]
    assert answered.json == {
        "code": int(code),
        "message": "no",
        "details": [
            {"@type": "type.googleapis.com/library.v1.Author", "name": "Jane"},
            {"@type": "type.googleapis.com/unknown.Thing", "value": "CAE="},
        ],
    }


def test_details_of_google_rpc_are_known_without_being_imported() -> None:
    details = details_of(("google.rpc.ErrorInfo", b"\x0a\x01R\x12\x01D"))
    answered = ask(Scripted(fails(Code.ABORTED, "", details)), "GET", "/v1/book/x")
    assert answered.json["details"] == [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "D"}
    ]


def test_a_call_that_ends_well_without_a_message_is_an_internal_error() -> None:
    answered = ask(Scripted(sends()), "GET", "/v1/book/x")
    assert (answered.status, answered.json["code"]) == (500, Code.INTERNAL)


@pytest.mark.parametrize(
    ("method", "target", "body", "said"),
    [
        ("GET", "/v1/shelves/1/books?pageSize=many", b"", "pageSize: expected an integer"),
        ("GET", "/v1/shelves/1/books?page_sise=1", b"", "did you mean page_size?"),
        ("GET", "/v1/shelves/1/books?parent=x", b"", "parent: is taken from the path"),
        ("GET", "/v1/shelves/1/books?page_size=1&page_size=2", b"", "is given 2 times"),
        ("GET", "/v1/shelves/1/books?filter=x", b"", "filter.name="),
        ("GET", "/v1/shelves/1/books?scores=1", b"", "scores[key]=value"),
        ("GET", "/v1/shelves/1/books?kinds=SATIRE", b"", "SATIRE"),
        ("POST", "/v1/shelves/1/books/2:move?other_shelf=1", b"{}", "taken from the body"),
        ("POST", "/v1/shelves/1/books/2:move", b"[1]", "JSON object"),
        ("POST", "/v1/shelves/1/books/2:move", b"{", "not JSON"),
        ("POST", "/v1/shelves/1/books", b'{"pages": "x"}', "pages"),
        ("POST", "/v1/shelves/1/books", b'{"sequel": {"pagez": 1}}', "pagez"),
        ("PATCH", "/v1/shelves/1/books/2", b"3", "no object"),
        ("POST", rpc("Search"), b'{"nothing": 1}', "nothing"),
    ],
)
def test_what_does_not_fit_is_an_invalid_argument_that_says_where(
    method: str, target: str, body: bytes, said: str
) -> None:
    application = bookish()
    answered = ask(application, method, target, body=body)
    assert (answered.status, answered.json["code"]) == (400, Code.INVALID_ARGUMENT)
    assert said in answered.json["message"]
    assert application.heard == []


def test_a_message_above_the_limit_is_refused() -> None:
    settings = BridgeSettings(max_message=100)
    fits = {"display_name": "x" * 90}
    assert ask(bookish(), "POST", rpc("Talk"), json_body=fits, settings=settings).status == 200
    answered = ask(
        bookish(), "POST", rpc("Talk"), json_body={"display_name": "x" * 101}, settings=settings
    )
    assert (answered.status, answered.json["code"]) == (429, Code.RESOURCE_EXHAUSTED)
    assert "grpc.max_message" in answered.json["message"]


def test_a_compressed_body_is_read_and_bounded() -> None:
    application = bookish()
    body = gzip.compress(json.dumps({"name": "x"}).encode())
    headers = {"Content-Encoding": "gzip"}
    assert ask(application, "POST", rpc("GetBook"), headers=headers, body=body).status == 200
    assert application.last.json() == {"name": "x"}
    bomb = gzip.compress(b" " * 1_000_000)
    settings = BridgeSettings(max_message=10_000)
    answered = ask(
        application, "POST", rpc("GetBook"), headers=headers, body=bomb, settings=settings
    )
    assert answered.json["code"] == Code.RESOURCE_EXHAUSTED
    for wrong in ({"Content-Encoding": "br"}, headers):
        assert ask(application, "POST", rpc("GetBook"), headers=wrong, body=b"{}").status in (
            400,
            501,
        )


def test_metadata_come_from_headers_and_go_back_into_them() -> None:
    def answer(heard: Heard) -> None:
        heard.call.send_metadata([("x-served-by", "mock"), ("x-bytes-bin", b"\x00\x01")])
        heard.call.send(book())
        heard.call.finish(Status(Code.OK), [("x-cost", "3")])

    application = Scripted(answer)
    headers = {
        "Host": "h",
        "Authorization": "Bearer t",
        "Grpc-Metadata-X-User": "rex",
        "X-Plain": " p ",
        "X-Bin": "AAE=, Ag",
        "Token-Bin": "AAE, Ag==",
        "Content-Length": "2",
        "Grpc-Timeout": "3S",
        "Connection": "close",
    }
    answered = ask(application, "POST", rpc("GetBook"), headers=headers, body=b"{}")
    assert application.last.call.metadata == [
        ("authorization", "Bearer t"),
        ("x-user", "rex"),
        ("x-plain", "p"),
        ("x-bin", b"\x00\x01"),
        ("x-bin", b"\x02"),
        ("token-bin", b"\x00\x01"),
        ("token-bin", b"\x02"),
    ]
    assert application.last.call.authority == "h"
    assert application.last.call.timeout == 3
    assert answered.headers == {
        "content-type": "application/json",
        "grpc-metadata-x-served-by": "mock",
        "grpc-metadata-x-bytes-bin": "AAE",
        "grpc-trailer-x-cost": "3",
    }


@pytest.mark.parametrize(
    "headers", [{"X-Bin": "!"}, {"Grpc-Timeout": "3"}, {"Grpc-Timeout": "-1S"}]
)
def test_headers_that_make_no_sense_are_refused(headers: dict[str, str]) -> None:
    answered = ask(bookish(), "POST", rpc("GetBook"), headers=headers)
    assert (answered.status, answered.json["code"]) == (400, Code.INVALID_ARGUMENT)


def test_a_method_that_its_service_does_not_have_is_unimplemented() -> None:
    answered = ask(bookish(), "POST", rpc("GetBok"), json_body={})
    assert (answered.status, answered.json["code"]) == (501, Code.UNIMPLEMENTED)
    assert "GetBook" in answered.json["message"]


@pytest.mark.parametrize(
    ("method", "target", "allow"),
    [
        ("PUT", "/v1/shelves/1/books/2", "DELETE, GET, HEAD, PATCH"),
        ("GET", rpc("Search"), "POST"),
        ("OPTIONS", rpc("Search"), "POST, OPTIONS"),
    ],
)
def test_another_method_is_told_which_there_are(method: str, target: str, allow: str) -> None:
    answered = ask(bookish(), method, target)
    assert answered.status == (204 if method == "OPTIONS" else 405)
    assert answered.headers["allow"] == allow


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/v2/shelves"),
        ("GET", "/v1"),
        ("POST", "/other.Service/Method"),
        ("POST", "/library.v1.Library"),
        ("POST", "/library.v1.Library/GetBook/more"),
        ("POST", "/openapi.json"),
    ],
)
def test_what_is_for_no_service_is_left_to_others(method: str, target: str) -> None:
    application = bookish()
    assert ask_maybe(application, method, target, body=b"{}") is None
    assert application.heard == []


def test_grpc_itself_is_sent_to_its_own_port() -> None:
    headers = {"Content-Type": "application/grpc"}
    answered = ask(bookish(), "POST", rpc("GetBook"), headers=headers)
    assert answered.status == 415
    assert "port of the gRPC server" in answered.json["detail"]


def test_a_fault_cuts_the_connection() -> None:
    async def run(name: str, *arguments: bytes) -> Response | None:
        application = Scripted(lambda heard: getattr(heard.call, name)(*arguments))
        front = Front(application, library(), BridgeSettings())
        return await answer_to(front, request_of("GET", "/v1/book/x"))

    for name, arguments in (
        ("reset", ()),
        ("disconnect", ()),
        ("send_raw", (b"\1\0\0\0\0",)),
        ("send_octets", (b"\0",)),
    ):
        response = asyncio.run(run(name, *arguments))
        assert response is not None
        assert isinstance(response.fault, Reset)


def test_an_answer_of_no_call_goes_out_as_it_is() -> None:
    application = Scripted(lambda heard: heard.call.finish_http(502, [("X-A", "b")], b"gone"))
    answered = ask(application, "GET", "/v1/book/x")
    assert (answered.status, answered.headers, answered.body) == (502, {"x-a": "b"}, b"gone")


def test_an_application_that_raises_ends_the_call_with_unknown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(heard: Heard) -> None:
        raise ValueError("oops")

    answered = ask(Scripted(answer), "GET", "/v1/book/x")
    assert (answered.status, answered.json["code"]) == (500, Code.UNKNOWN)
    assert "oops" in caplog.text


def test_a_message_in_pieces_of_its_frame_is_the_message() -> None:
    def answer(heard: Heard) -> None:
        framed = b"\0\0\0\0" + bytes([len(book(name="a"))]) + book(name="a")
        for at in range(len(framed)):
            heard.call.send_raw(framed[at : at + 1])
        heard.call.finish(Status(Code.OK))

    assert ask(Scripted(answer), "GET", "/v1/book/x").json == {"name": "a"}


def test_a_frame_that_is_cut_off_cuts_the_connection() -> None:
    def answer(heard: Heard) -> None:
        heard.call.send_raw(b"\0\0\0\0\5abc")
        heard.call.finish(Status(Code.OK))

    async def run() -> Response | None:
        front = Front(Scripted(answer), library(), BridgeSettings())
        return await answer_to(front, request_of("GET", "/v1/book/x"))

    response = asyncio.run(run())
    assert response is not None
    assert isinstance(response.fault, Reset)
