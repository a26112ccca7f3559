"""What stubs answer: messages, statuses with details, metadata, times."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from google.rpc import error_details_pb2, status_pb2

from tests.grpc.mocks.making import ENGINES, answer, client, mocking, stub, value_of

ENGINE = pytest.mark.parametrize("engine", ENGINES)


@ENGINE
def test_messages_with_templates_keep_their_types(tmp_path: Path, engine: str) -> None:
    made = stub(
        message={
            "text": "hi {{ request.name }} of {{ method }}, {{ metadata['x-user'] }}",
            "count": "{{ request.tags | length }}",
            "inner": {"size": 3, "more": [{"word": "{{ request.mood }}"}]},
            "words": "{{ request.tags }}",
            "big": "{{ request.big_number }}",
        }
    )
    with mocking(tmp_path, made, engine=engine) as server, client(server) as caller:
        asked = {"name": "rex", "tags": ["a", "b"], "mood": "GLAD", "big_number": 2**60}
        assert caller.call("Say", asked, metadata=[("x-user", "ann")]) == {
            "text": "hi rex of hello.Greeter/Say, ann",
            "count": 2,
            "inner": {"size": 3, "more": [{"word": "GLAD"}]},
            "words": ["a", "b"],
            "big": str(2**60),
        }


def test_templates_may_be_switched_off(tmp_path: Path) -> None:
    made = stub(message={"text": "{{ request.name }}"}, template=False)
    assert answer(tmp_path, made) == {"text": "{{ request.name }}"}


def test_an_answer_without_fields_is_an_empty_message(tmp_path: Path) -> None:
    with mocking(tmp_path, stub()) as server, client(server) as caller:
        assert caller.call("Say") == {}
        (entry,) = server.journal.recent()
        assert (entry.request_body, entry.status) == ("{}", 0)


@ENGINE
def test_a_status_has_message_and_rich_details(tmp_path: Path, engine: str) -> None:
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "NO_{{ request.name | upper }}",
            "metadata": {"a": "b"},
        },
        {"@type": "google.rpc.RetryInfo", "retryDelay": "1.5s"},
        {"@type": "type.googleapis.com/hello.Reply", "text": "own"},
    ]
    made = stub(
        status={"code": "not_found", "message": "keine Spur, 100 % ☂", "details": details},
        trailers={"x-cost": "3"},
    )
    ended = answer(tmp_path, made, {"name": "rex"}, engine=engine)
    assert (ended.code, ended.message) == ("NOT_FOUND", "keine Spur, 100 % ☂")
    assert ended.trailers["x-cost"] == "3"
    rich = status_pb2.Status.FromString(ended.trailers["grpc-status-details-bin"])
    assert (rich.code, rich.message) == (5, "keine Spur, 100 % ☂")
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert rich.details[0].Unpack(info)
    assert rich.details[1].Unpack(retry)
    assert (info.reason, dict(info.metadata)) == ("NO_REX", {"a": "b"})
    assert (retry.retry_delay.seconds, retry.retry_delay.nanos) == (1, 500_000_000)
    assert rich.details[2].type_url.endswith("hello.Reply")
    assert rich.details[2].value == b"\n\x03own"


def test_every_code_can_be_answered(tmp_path: Path) -> None:
    with mocking(tmp_path) as server, client(server) as caller:
        for code in range(1, 17):
            server.stub(stub(status=code, top={"id": "one"}))
            ended = caller.call("Say")
            server.stub(stub(status=ended.code, top={"id": "one"}))
            assert caller.call("Say").code == ended.code
        names = {entry.status for entry in server.journal.recent()}
        assert names == set(range(1, 17))


@ENGINE
def test_metadata_come_before_and_trailers_after(tmp_path: Path, engine: str) -> None:
    made = stub(
        message={"text": "x"},
        metadata={"x-served-by": "mock", "x-many": ["1", "2"], "x-octets-bin": "AP8="},
        trailers={"x-cost": 3, "x-for": "{{ request.name }}"},
    )
    with mocking(tmp_path, made, engine=engine) as server, client(server) as caller:
        call = caller.open("Say", [{"name": "rex"}])
        assert call.result() == {"text": "x"}
        first = [(each.key, each.value) for each in call.initial_metadata()]
        assert ("x-served-by", "mock") in first
        assert [value for key, value in first if key == "x-many"] == ["1", "2"]
        assert ("x-octets-bin", b"\x00\xff") in first
        last = {each.key: each.value for each in call.trailing_metadata()}
        assert (last["x-cost"], last["x-for"]) == ("3", "rex")
        (entry,) = server.journal.recent()
        assert ("x-octets-bin", "AP8=") in entry.response_headers
        assert ("x-cost", "3") in entry.response_headers


def test_an_answer_is_held_back(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert answer(tmp_path, stub(message={"text": "late"}, delay="120ms")) == {"text": "late"}
    assert time.monotonic() - begun >= 0.12


def test_a_deadline_that_passes_meanwhile_is_noted(tmp_path: Path) -> None:
    with mocking(tmp_path, stub(delay="1h")) as server, client(server) as caller:
        assert caller.call("Say", timeout=0.2).code == "DEADLINE_EXCEEDED"
        while not len(server.journal):
            time.sleep(0.01)
        (entry,) = server.journal.recent()
        assert entry.status in (4, 1)
        assert entry.error is not None


@pytest.mark.shows("core.seed")
def test_generated_answers_depend_on_seed_method_and_message(tmp_path: Path) -> None:
    def made(seed: int) -> list[Any]:
        with mocking(tmp_path, core={"seed": seed}) as server, client(server) as caller:
            return [
                caller.call("Say", {"name": "a"}),
                caller.call("Say", {"name": "a"}),
                caller.call("Say", {"name": "b"}),
                caller.call("hello.Other/Say", {"name": "a"}),
            ]

    first, again, other_message, other_method = made(1)
    assert first == again
    assert first not in (other_message, other_method)
    assert made(1)[0] == first
    assert made(2)[0] != first


@pytest.mark.shows("grpc.generated_messages")
def test_generated_streams(tmp_path: Path) -> None:
    with mocking(tmp_path, generated_messages=4) as server, client(server) as caller:
        many = caller.call("Many", {"name": "a"})
        assert len(many) == 4
        assert many == caller.call("Many", {"name": "a"})
        assert caller.call("All", {"name": "a"}, {"name": "b"})["text"]
        chat = caller.call("Chat", {"name": "a"}, {"name": "b"}, {"name": "a"})
        assert len(chat) == 3
        assert chat[0] == chat[2] != chat[1]
        assert value_of(server, "mockforge_requests_total", method="BIDI") == 1


def test_generated_with_fields_put_over(tmp_path: Path) -> None:
    made = stub(
        generated=True,
        message={"text": "{{ request.name }}", "inner": {"size": 0}, "words": ["one"]},
    )
    found = answer(tmp_path, made, {"name": "rex"})
    assert found["text"] == "rex"
    assert found["words"] == ["one"]
    assert "size" not in found["inner"]
    assert found["inner"]["word"]
    assert found["count"]
    stream = answer(tmp_path, stub("hello.Greeter/Many", generated=5), {})
    assert len(stream) == 5


def test_latency_and_failures_of_the_settings(tmp_path: Path) -> None:
    latency = {"overrides": [{"method": "hello.Greeter/*", "delay": "100ms"}]}
    failures = {
        "rate": 0,
        "overrides": [
            {"method": "*/All", "rate": 1, "codes": ["ABORTED"], "message": "not today"},
        ],
    }
    with (
        mocking(tmp_path, stub(message={"count": 1}), latency=latency, failures=failures) as server,
        client(server) as caller,
    ):
        begun = time.monotonic()
        assert caller.call("Say") == {"count": 1}
        assert time.monotonic() - begun >= 0.1
        ended = caller.call("All", {}, {})
        assert (ended.code, ended.message) == ("ABORTED", "not today")
        assert server.journal.recent(1)[0].source == "failure"
        assert caller.call("hello.Other/Say")


def test_failures_come_at_their_rate(tmp_path: Path) -> None:
    with mocking(tmp_path, failures__rate=0.5) as server, client(server) as caller:
        codes = [getattr(caller.call("Say"), "code", "OK") for _ in range(60)]
        assert set(codes) == {"OK", "UNAVAILABLE"}
        assert 10 < codes.count("UNAVAILABLE") < 50


def test_a_template_that_makes_no_message_is_an_internal_error_that_names_the_stub(
    tmp_path: Path,
) -> None:
    made = stub(message={"count": "{{ request.name }}"}, top={"id": "wrong"})
    with mocking(tmp_path, made) as server, client(server) as caller:
        ended = caller.call("Say", {"name": "no number"})
        assert ended.code == "INTERNAL"
        assert "stub wrong" in ended.message
        assert "count" in ended.message
        (entry,) = server.journal.recent()
        assert "count" in (entry.error or "")


@ENGINE
def test_a_request_that_cannot_be_read_is_an_internal_error(tmp_path: Path, engine: str) -> None:
    with mocking(tmp_path, engine=engine) as server, client(server) as caller:
        ended = caller.raw("/hello.Greeter/Say", b"\x0a\xff")
        assert ended.code == "INTERNAL"
        (entry,) = server.journal.recent()
        assert entry.request_body_base64
