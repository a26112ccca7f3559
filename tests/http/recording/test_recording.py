"""What becomes of exchanges: stubs, sequences, files, and what is left out."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from mockforge.errors import StartError
from mockforge.mocking.exchange import Request, Response
from mockforge_http.recording import fixtures as fixtures_module
from mockforge_http.recording import stubs as stubs_module

from .making import JSON, Pieces, drain, record, recorder, request, stub, stubs


def answer(body: bytes = b"hello", status: int = 200, *headers: tuple[str, str]) -> Response:
    return Response(status, headers or [("Content-Type", "text/plain")], body)


# ------------------------------------------------------------------ requests


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        (request("GET", "/pets/1"), {"path": "/pets/1"}),
        (request("GET", "/a%20b/%7Bx%7D"), {"path": {"equals": "/a%20b/%7Bx%7D"}}),
        (
            request("GET", "/x?b=2&a=%26+1&e="),
            {"path": "/x", "query": {"b": "2", "a": "& 1", "e": ""}},
        ),
        (
            request("GET", "/x?a=1&a=2"),
            {"path": "/x", "query": {"a": "1"}, "allOf": [{"query": {"a": "2"}}]},
        ),
        (request("GET", "/x?api_key=abc&a=1"), {"path": "/x", "query": {"a": "1"}}),
        (
            request("POST", "/x", [JSON], b'{"a": [1, 2.5], "b": null}'),
            {"path": "/x", "body": {"jsonExact": {"a": [1, 2.5], "b": None}}},
        ),
        (
            request("POST", "/x", [JSON], b'{"user": "rex", "deep": [{"Password": "s3cret", "b": 1}]}'),
            {"path": "/x", "body": {"json": {"user": "rex", "deep": [{"b": 1}]}}},
        ),
        (
            request("POST", "/x", [JSON], b"{broken"),
            {"path": "/x", "body": {"equals": "{broken"}},
        ),
        (
            request("POST", "/x", [("Content-Type", "application/x-www-form-urlencoded")], b"a=1&b=2"),
            {"path": "/x", "body": {"equals": "a=1&b=2"}},
        ),
        (
            request(
                "POST",
                "/x",
                [("Content-Type", "application/x-www-form-urlencoded")],
                b"user=rex&password=s3cret",
            ),
            {"path": "/x", "body": {"form": {"user": "rex"}}},
        ),
        (
            request("POST", "/x", [("Content-Type", "multipart/form-data; boundary=1")], b"--1--"),
            {"path": "/x"},
        ),
        (
            request("POST", "/x", [], b"\xff\x00"),
            {"path": "/x", "body": {"base64": base64.b64encode(b"\xff\x00").decode()}},
        ),
        (request("POST", "/x", [], b"x" * 70_000), {"path": "/x"}),
        (request("POST", "/x", [("Content-Encoding", "gzip")], b"\x1f\x8b"), {"path": "/x"}),
        (request("GET", "/x", [("Authorization", "Bearer x"), ("X-A", "1")]), {"path": "/x"}),
    ],
)  # fmt: skip
def test_a_stub_asks_for_what_tells_a_request_apart(
    tmp_path: Path, asked: Request, written: dict[str, Any]
) -> None:
    record(recorder(tmp_path), (asked, answer()))
    made = stub(tmp_path)["request"]
    assert made == {"method": asked.method, **written}
    text = "".join(path.read_text() for path in tmp_path.glob("*.yaml"))
    assert "s3cret" not in text
    assert "Bearer" not in text


def test_chosen_headers_are_matched_but_never_secret_ones(tmp_path: Path) -> None:
    chosen = ("accept", "x-version", "X-API-KEY", "Authorization")
    asked = request(
        "GET",
        "/",
        [("Accept", "text/html, text/plain"), ("X-Version", "1"), ("x-version", "2"),
         ("X-Api-Key", "k3y"), ("authorization", "Basic x")],
    )  # fmt: skip
    record(recorder(tmp_path, match_headers=chosen), (asked, answer()))
    assert stub(tmp_path)["request"]["headers"] == {
        "Accept": "text/html, text/plain",
        "X-Version": "1",
    }


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("body", "media_type", "written"),
    [
        (b'{"a":[1,"x",null]}', "application/json", {"json": {"a": [1, "x", None]}}),
        (b'{"a": 1}', "application/json", {"text": '{"a": 1}'}),
        (b'{"a":1.50}', "application/json", {"text": '{"a":1.50}'}),
        (b'{"a":1.5}', "application/json", {"text": '{"a":1.5}'}),
        (b'{"a":1,"a":2}', "application/json", {"text": '{"a":1,"a":2}'}),
        (b"no json", "application/json", {"text": "no json"}),
        (b'"{{ x }}"', "application/json", {"json": "{{ x }}", "template": False}),
        (b"a {% b %}", "text/plain", {"text": "a {% b %}", "template": False}),
        (b"line\r\nline\n", "text/plain; charset=utf-8", {"text": "line\r\nline\n"}),
        (b"", "text/plain", {}),
    ],
)
def test_small_texts_stand_in_the_stub(
    tmp_path: Path, body: bytes, media_type: str, written: dict[str, Any]
) -> None:
    answered = answer(body, 201, ("Content-Type", media_type))
    record(recorder(tmp_path), (request(), answered))
    headers = {"Content-Type": media_type}
    assert stub(tmp_path)["response"] == {"status": 201, "headers": headers, **written}


@pytest.mark.parametrize(
    ("body", "headers", "ending"),
    [
        (b"\xff\x00", (("Content-Type", "image/png"),), ".png"),
        (b"x" * 5000, (("Content-Type", "text/html; charset=utf-8"),), ".html"),
        (json.dumps(["x" * 5000]).encode(), (JSON,), ".json"),
        (b"\x1f\x8b", (JSON, ("Content-Encoding", "gzip")), ".bin"),
        (b"x" * 5000, (("Content-Type", "application/x-odd"),), ".bin"),
    ],
)
def test_large_and_binary_bodies_become_files(
    tmp_path: Path, body: bytes, headers: tuple[tuple[str, str], ...], ending: str
) -> None:
    record(recorder(tmp_path), (request("GET", "/x"), answer(body, 200, *headers)))
    response = stub(tmp_path)["response"]
    assert response["file"].startswith("__files/get-x-")
    assert response["file"].endswith(ending)
    assert (tmp_path / response["file"]).read_bytes() == body
    assert set(response) == {"status", "headers", "file"}


def test_a_body_without_a_media_type_gets_none(tmp_path: Path) -> None:
    record(recorder(tmp_path), (request(), answer(b"x", 200, ("ETag", '"1"'))))
    assert stub(tmp_path)["response"]["headers"] == {"ETag": '"1"', "Content-Type": None}


def test_volatile_headers_are_dropped_and_secrets_hidden(tmp_path: Path) -> None:
    headers = (
        JSON, ("Date", "x"), ("Server", "x"), ("Age", "1"), ("Content-Length", "2"), ("X-Request-Id", "x"),
        ("X-B3-TraceId", "x"), ("X-Mine", "x"), ("ETag", '"1"'), ("X-Api-Key", "k3y"),
        ("Set-Cookie", "sid=s3cret; Path=/; HttpOnly"), ("set-cookie", "b=s3cret"), ("Vary", "a"),
        ("Vary", "b"),
    )  # fmt: skip
    made = recorder(tmp_path, drop_headers=("X-MINE",))
    record(made, (request(), answer(b"{}", 200, *headers)))
    assert stub(tmp_path)["response"]["headers"] == {
        "Content-Type": "application/json",
        "ETag": '"1"',
        "X-Api-Key": "[redacted]",
        "Set-Cookie": ["sid=redacted; Path=/; HttpOnly", "b=redacted"],
        "Vary": ["a", "b"],
    }


def test_secret_parameters_of_addresses_in_answers_are_hidden(tmp_path: Path) -> None:
    address = "https://a.test/b?x=1&x-api-key=s3cret&Pass%77ord=hunter2&y=a%20b#password=s3cret&z=1"
    hidden = (
        "https://a.test/b?x=1&x-api-key=redacted&Pass%77ord=redacted&y=a%20b#password=redacted&z=1"
    )
    headers = [("Location", address), ("Link", f'<{address}>; rel="next"'), ("X-Other", "a?b=c")]
    record(recorder(tmp_path), (request(), answer(b"", 302, *headers)))
    assert stub(tmp_path)["response"]["headers"] == {
        "Location": hidden,
        "Link": f'<{hidden}>; rel="next"',
        "X-Other": "a?b=c",
    }


def test_an_answer_to_head_keeps_the_length_that_it_tells_of(tmp_path: Path) -> None:
    told = ("Content-Length", "1024")
    record(
        recorder(tmp_path),
        (request("HEAD"), answer(b"", 200, told)),
        (request("GET"), answer(b"x" * 1024, 200, told)),
    )
    lengths = {
        each["request"]["method"]: each["response"].get("headers", {}).get("Content-Length")
        for each in stubs(tmp_path)
    }
    assert lengths == {"HEAD": "1024", "GET": None}


def test_secret_members_of_json_answers_are_hidden_and_others_left_as_they_are(
    tmp_path: Path,
) -> None:
    record(
        recorder(tmp_path),
        (request("GET", "/1"), answer(b'{"id": 1, "password": "s3cret"}', 200, JSON)),
        (request("GET", "/2"), answer(b'{"id": 1, "note": "password"}', 200, JSON)),
    )
    bodies = {
        each["request"]["path"]: each["response"].get("json", each["response"].get("text"))
        for each in stubs(tmp_path)
    }
    assert bodies == {
        "/1": {"id": 1, "password": "[redacted]"},
        "/2": '{"id": 1, "note": "password"}',
    }


# ------------------------------------------------------------------ sequences


def told(folder: Path) -> list[str]:
    """The texts of the answers of the one stub, in order."""
    made = stub(folder)
    answers = made.get("responses") or [made["response"]]
    assert made.get("order") == ("sequence" if "responses" in made else None)
    return [response["text"] for response in answers]


@pytest.mark.parametrize(
    ("came", "written"),
    [("a", "a"), ("aaa", "a"), ("ab", "ab"), ("aab", "aab"), ("abbb", "ab"), ("aabbba", "aabbba"),
     ("abab", "abab")],
)  # fmt: skip
def test_answers_to_the_same_request_become_a_sequence(
    tmp_path: Path, came: str, written: str
) -> None:
    record(recorder(tmp_path), *((request(), answer(text.encode())) for text in came))
    assert "".join(told(tmp_path)) == written


def test_what_differs_in_volatile_headers_alone_is_the_same(tmp_path: Path) -> None:
    pairs = [(request(), answer(b"x", 200, JSON, ("Date", str(day)))) for day in range(5)]
    assert record(recorder(tmp_path), *pairs) == {"recorded": 1, "repeated": 4}


def test_a_sequence_is_bounded_and_its_repeats_make_room_for_what_follows(tmp_path: Path) -> None:
    made = recorder(tmp_path, max_responses=3)
    counts = record(made, *((request(), answer(text.encode())) for text in "aaaaaabcd"))
    assert told(tmp_path) == ["a", "a", "b"]
    assert counts == {"recorded": 2, "repeated": 5, "left_out": 2}


def test_files_of_a_sequence_do_not_replace_each_other(tmp_path: Path) -> None:
    bodies = [bytes([255, number]) for number in range(3)]
    record(recorder(tmp_path), *((request(), answer(body)) for body in bodies))
    files = [response["file"] for response in stub(tmp_path)["responses"]]
    assert [(tmp_path / file).read_bytes() for file in files] == bodies


def test_a_stub_that_was_taken_away_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    made = recorder(tmp_path)
    record(made, (request(), answer(b"a")))
    next(tmp_path.glob("*.yaml")).write_text("- broken: [")
    record(made, (request(), answer(b"b")))
    assert told(tmp_path) == ["b"]


def test_a_second_recording_replaces_what_it_sees_again(tmp_path: Path) -> None:
    record(recorder(tmp_path), (request(), answer(b"old")), (request("GET", "/x"), answer(b"kept")))
    record(recorder(tmp_path), (request(), answer(b"new")))
    assert sorted(each["response"]["text"] for each in stubs(tmp_path)) == ["kept", "new"]


# ------------------------------------------------------------------ limits


def test_different_requests_are_bounded(tmp_path: Path) -> None:
    made = recorder(tmp_path, max_stubs=3)
    counts = record(made, *((request("GET", f"/{number}"), answer()) for number in range(5)))
    assert counts == {"recorded": 3, "left_out": 2}
    assert len(stubs(tmp_path)) == 3
    assert made.memory_bytes() == 3 * 500
    assert made.memory_limit() == made.settings.max_bytes + 3 * 500


def test_bodies_that_are_too_large_are_left_out(tmp_path: Path) -> None:
    made = recorder(tmp_path, max_body=1000)
    counts = record(
        made,
        (request("GET", "/1"), answer(b"x" * 1000)),
        (request("GET", "/2"), answer(b"x" * 1001)),
        (request("GET", "/3"), Response(200, [], stream=Pieces(b"x" * 600, b"x" * 600))),
        (request("POST", "/4", [], b"x" * 1001), answer()),
    )
    assert counts == {"recorded": 1, "left_out": 3}


def test_what_waits_to_be_written_is_bounded(tmp_path: Path) -> None:
    made = recorder(tmp_path, max_bytes=100_000)
    most = 0
    for number in range(100):  # nobody writes meanwhile
        made.watch(request("GET", f"/{number}"), answer(b"x" * 10_000))
        most = max(most, made.held)
    assert 80_000 < most <= 100_000
    assert made.counts["dropped"] == 92
    assert record(made) == {"dropped": 92, "recorded": 8}


def test_streams_under_way_count_too_and_one_given_up_still_passes(tmp_path: Path) -> None:
    made = recorder(tmp_path, max_bytes=10_000)
    source = Pieces(*[b"x" * 3000] * 5)
    passed = made.watch(request(), Response(200, [], stream=source))
    assert len(anyio.run(drain, passed)) == 15_000
    assert source.closed
    assert (made.held, dict(made.counts)) == (0, {"dropped": 1})


def test_an_answer_that_is_not_whole_is_not_recorded(tmp_path: Path) -> None:
    made = recorder(tmp_path)
    broken = made.watch(request(), Response(200, [], stream=Pieces(b"x", error=OSError("gone"))))
    with pytest.raises(OSError, match="gone"):
        anyio.run(drain, broken)

    async def leave() -> None:
        source = Pieces(b"a", b"b")
        response = made.watch(request(), Response(200, [], stream=source))
        assert response.stream is not None
        assert await anext(response.stream) == b"a"
        await response.stream.aclose()  # type: ignore[attr-defined]
        assert source.closed
        made.watch(request(), Response(200, [], stream=Pieces(b"never read")))

    anyio.run(leave)
    assert record(made) == {"left_out": 3}
    assert stubs(tmp_path) == []


@pytest.mark.parametrize("status", [206, 304])
def test_answers_about_what_a_client_has_already_are_left_out(tmp_path: Path, status: int) -> None:
    assert record(recorder(tmp_path), (request(), answer(b"", status))) == {"left_out": 1}


def test_a_folder_that_cannot_be_written_to_is_said_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stubs_module, "write_file", full)
    made = recorder(tmp_path)
    with caplog.at_level("WARNING"):
        counts = record(made, *((request("GET", f"/{number}"), answer()) for number in range(3)))
    assert counts == {"failed": 3}
    assert caplog.text.count("no space left on device") == 1


def test_what_goes_wrong_is_said_once_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(path: Path, content: bytes) -> None:
        raise ValueError(path.name)

    monkeypatch.setattr(stubs_module, "write_file", broken)
    made = recorder(tmp_path)
    asked = [(request("GET", f"/{number}"), answer()) for number in range(150)]
    assert record(made, *asked, *asked[:10]) == {"failed": 160}
    assert len([each for each in caplog.records if each.levelname == "ERROR"]) == 100


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot be made") as caught:
        recorder(tmp_path / "file" / "below")
    assert "--record" in (caught.value.hint or "")


# ------------------------------------------------------------------ fixtures


def test_fixtures_are_plain_files_by_method_and_path(tmp_path: Path) -> None:
    html = ("Content-Type", "text/html; charset=utf-8")
    png = ("Content-Type", "image/png")
    record(
        recorder(tmp_path, as_="fixtures"),
        (request("GET", "/"), answer(b"<p>", 200, html)),
        (request("GET", "/pets"), answer(b"[1]", 200, JSON)),
        (request("GET", "/pets/1"), answer(b'{"id": 1}', 200, JSON)),
        (request("POST", "/pets"), answer(b"{}", 200, JSON)),
        (request("GET", "/logo.png"), answer(b"\xff", 200, png)),
        (request("GET", "/logo"), answer(b"\xff", 200, png)),
        (request("GET", "/a%20b/%C3%A9"), answer(b"x", 200, ("Content-Type", "text/plain"))),
    )
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {
        "GET/index.html", "GET/pets.json", "GET/pets/1.json", "POST/pets.json", "GET/logo.png",
        "GET/a b/é.txt",
    }  # fmt: skip
    assert (tmp_path / "GET/pets/1.json").read_bytes() == b'{"id": 1}'


def test_fixtures_that_were_written_are_remembered_in_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixtures_module, "_MOST_REMEMBERED", 3)
    made = recorder(tmp_path, as_="fixtures")
    asked = [(request("GET", f"/{number}"), answer(b"1", 200, JSON)) for number in range(4)]
    assert record(made, *asked[:3], *asked[:3]) == {"recorded": 3, "repeated": 3}
    full = made.memory_bytes()
    assert made.memory_limit() == made.settings.max_bytes + full
    # There is no room for a fourth: what was written is forgotten, and written again when it comes again.
    assert record(made, asked[3], asked[3], asked[0]) == {"recorded": 5, "repeated": 4}
    assert made.memory_bytes() < full
    assert len(list((tmp_path / "GET").iterdir())) == 4


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (request("GET", "/x"), answer(b"{}", 404, JSON)),
        (request("GET", "/x"), answer(b"", 200, JSON)),
        (request("GET", "/x"), answer(b"{broken", 200, JSON)),
        (request("GET", "/x"), answer(b"\xff", 200, ("Content-Type", "text/plain"))),
        (request("GET", "/x"), answer(b"a,b", 200, ("Content-Type", "text/csv"))),
        (request("GET", "/x"), answer(b"x", 200, ("Content-Type", "application/x-odd"))),
        (request("GET", "/x"), answer(b"\x1f", 200, JSON, ("Content-Encoding", "gzip"))),
        (request("GET", "/../x"), answer(b"{}", 200, JSON)),
        (request("GET", "/%2e%2e/x"), answer(b"{}", 200, JSON)),
        (request("GET", "/a%2Fb"), answer(b"{}", 200, JSON)),
        (request("GET", "/" + "x" * 300), answer(b"{}", 200, JSON)),
        (request("get", "/x"), answer(b"{}", 200, JSON)),
        (request("..", "/x"), answer(b"{}", 200, JSON)),
    ],
)
def test_what_a_fixture_cannot_say_is_left_out(
    tmp_path: Path, asked: Request, answered: Response
) -> None:
    folder = tmp_path / "fixtures"
    assert record(recorder(folder, as_="fixtures"), (asked, answered)) == {"left_out": 1}
    assert list(tmp_path.rglob("*")) == [folder]
