"""Streams: what is said by one side or both, by messages, scripts and faults."""

from __future__ import annotations

import queue
import time
from pathlib import Path
from typing import Any

import grpc
import pytest

from mockforge.errors import MockForgeError, StartError
from mockforge_grpc.scripts.actions import FAULTS
from tests.grpc.mocks.making import (
    ENGINES,
    PATIENCE,
    Client,
    answer,
    client,
    failed,
    grpc_server,
    mocking,
    stub,
)

ENGINE = pytest.mark.parametrize("engine", ENGINES)


def scripted(*steps: Any, method: str = "hello.Greeter/Chat", **more: Any) -> dict[str, Any]:
    return stub(method, script=list(steps), **more)


def texts(heard: list[Any]) -> list[str]:
    return [each["text"] if isinstance(each, dict) else each.code for each in heard]


class Talk:
    """A call whose messages a test gives one by one."""

    def __init__(self, caller: Client, name: str = "Chat", **options: Any) -> None:
        self._said: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.call = caller.open(name, iter(self._said.get, None), **options)

    def say(self, **message: Any) -> None:
        self._said.put(message)

    def end(self) -> None:
        self._said.put(None)

    def hear(self) -> Any:
        try:
            return next(self.call)
        except StopIteration:
            return None
        except grpc.RpcError:
            return failed(self.call)


# ------------------------------------------------------------------ messages


@ENGINE
def test_a_stream_of_messages_in_time_and_an_error_at_its_end(tmp_path: Path, engine: str) -> None:
    made = stub(
        "hello.Greeter/Many",
        messages=[{"text": "a {{ request.name }}"}, {"text": "b"}],
        every="50ms",
        status={"code": "DATA_LOSS", "message": "torn"},
    )
    begun = time.monotonic()
    heard = answer(tmp_path, made, {"name": "x"}, engine=engine)
    assert time.monotonic() - begun >= 0.05
    assert texts(heard) == ["a x", "b", "DATA_LOSS"]
    assert heard[2].message == "torn"


@ENGINE
def test_a_long_stream_arrives_whole_though_it_is_read_slowly(tmp_path: Path, engine: str) -> None:
    steps = [{"repeat": 300, "do": [{"send": {"text": "x" * 1000, "count": "{{ index }}"}}]}]
    made = scripted(*steps, method="hello.Greeter/Many")
    with mocking(tmp_path, made, engine=engine) as server, client(server) as caller:
        heard = []
        for message in caller.open("Many", [{}]):
            heard.append(message.get("count", 0))
            if len(heard) % 50 == 0:
                time.sleep(0.01)
        assert heard == list(range(300))


@ENGINE
def test_client_streams_are_chosen_by_all_they_said(tmp_path: Path, engine: str) -> None:
    two = [{"json": {"name": "a"}}, {"json": {"name": "b"}}]
    stubs = [
        stub("hello.Greeter/All", on={"requests": two}, message={"text": "a and b"}),
        stub(
            "hello.Greeter/All",
            on={"request": {"json": {"name": "z"}}},
            message={"text": "{{ requests | map(attribute='name') | join('+') }}"},
        ),
    ]
    with (
        mocking(tmp_path, *stubs, engine=engine, generate=False) as server,
        client(server) as caller,
    ):
        assert caller.call("All", {"name": "a"}, {"name": "b"}) == {"text": "a and b"}
        assert caller.call("All", {"name": "z"}, {"name": "y"}) == {"text": "z+y"}
        missed = caller.call("All", {"name": "a"}, {"name": "b"}, {"name": "c"})
        assert missed.code == "NOT_FOUND"
        assert "expected 2 messages, got 3 messages" in missed.message
        first = server.journal.find(lambda entry: entry.status == 0)[0]
        assert first.request_body == '{"name":"a"}\n{"name":"b"}\n'
        assert first.response_body == '{"text":"a and b"}'


@pytest.mark.shows("grpc.max_collected")
def test_no_more_messages_are_kept_than_may_be(tmp_path: Path) -> None:
    made = stub("hello.Greeter/All", message={"count": "{{ requests | length }}"})
    with mocking(tmp_path, made, max_collected=5) as server, client(server) as caller:
        assert caller.call("All", *[{}] * 5) == {"count": 5}
        ended = caller.call("All", *[{}] * 6)
        assert ended.code == "RESOURCE_EXHAUSTED"
        assert "grpc.max_collected" in ended.message
    with mocking(tmp_path, made, max_message="10KiB") as server, client(server) as caller:
        assert caller.call("All", *[{"name": "x" * 4000}] * 3).code == "RESOURCE_EXHAUSTED"
    without = stub("hello.Greeter/All", message={"count": 1})
    with mocking(tmp_path, without, max_collected=5) as server, client(server) as caller:
        assert caller.call("All", *[{}] * 50) == {"count": 1}


@ENGINE
def test_both_sides_one_answer_for_each_message(tmp_path: Path, engine: str) -> None:
    made = stub("hello.Greeter/Chat", message={"text": "{{ message.name }} of {{ request.name }}"})
    with mocking(tmp_path, made, engine=engine) as server, client(server) as caller:
        talk = Talk(caller)
        for name in ("a", "b"):
            talk.say(name=name)
            assert talk.hear() == {"text": f"{name} of a"}
        talk.end()
        assert talk.hear() is None


# ------------------------------------------------------------------ scripts


@ENGINE
def test_a_conversation(tmp_path: Path, engine: str) -> None:
    made = scripted(
        {"metadata": {"x-begin": "yes"}},
        {"send": {"text": "hello"}},
        {"expect": {"json": {"mood": "GLAD"}}},
        {"set": {"who": "{{ message.name }}"}},
        {"send": {"text": "glad, {{ vars.who }}"}},
        {
            "forever": [
                "expect",
                {
                    "branch": [
                        {
                            "when": {"json": {"name": "stop"}},
                            "do": [{"trailers": {"x-n": "1"}}, "end"],
                        },
                        {
                            "if": "{{ message.name == 'err' }}",
                            "do": [{"error": {"code": "ABORTED"}}],
                        },
                        {"do": [{"send": {"text": "{{ index }} {{ message.name }}"}}]},
                    ]
                },
            ]
        },
    )
    with mocking(tmp_path, made, engine=engine) as server, client(server) as caller:
        talk = Talk(caller)
        assert talk.hear() == {"text": "hello"}
        assert dict(talk.call.initial_metadata())["x-begin"] == "yes"
        talk.say(name="sad")
        talk.say(name="rex", mood="GLAD")
        assert talk.hear() == {"text": "glad, rex"}
        talk.say(name="a")
        assert talk.hear() == {"text": "0 a"}
        talk.say(name="stop")
        assert talk.hear() is None
        assert dict(talk.call.trailing_metadata())["x-n"] == "1"
        assert texts(caller.call("Chat", {"mood": "GLAD"}, {"name": "err"}))[-1] == "ABORTED"


@ENGINE
def test_a_script_goes_on_behind_the_loop_when_the_client_has_said_all(
    tmp_path: Path, engine: str
) -> None:
    made = scripted(
        {"set": {"n": 0}},
        {"forever": ["expect", {"set": {"n": "{{ vars.n + 1 }}"}}]},
        {"send": {"count": "{{ vars.n }}"}},
        method="hello.Greeter/All",
    )
    assert answer(tmp_path, made, {}, {}, {}, engine=engine) == {"count": 3}


def test_a_script_may_wait_for_the_client_to_have_said_all(tmp_path: Path) -> None:
    made = scripted({"send": {"text": "first"}}, {"expect": "end"}, {"send": {"text": "last"}})
    with mocking(tmp_path, made) as server, client(server) as caller:
        talk = Talk(caller)
        assert talk.hear() == {"text": "first"}
        talk.say(name="a")
        talk.end()
        assert talk.hear() == {"text": "last"}
        assert talk.hear() is None


def test_what_cannot_come_any_more_is_an_error_or_the_other_branch(tmp_path: Path) -> None:
    wanted = {"expect": {"json": {"name": "x"}}}
    ended = answer(tmp_path, scripted(wanted, {"send": {"text": "no"}}), {"name": "y"})
    assert texts(ended) == ["INTERNAL"]
    assert "no message came" in ended[0].message
    other = wanted | {"within": "1h", "else": [{"send": {"text": "other"}}]}
    assert texts(answer(tmp_path, scripted(other), {"name": "y"})) == ["other"]


def test_time_may_run_out(tmp_path: Path) -> None:
    made = scripted(
        {"expect": {"json": {"name": "x"}}, "within": "50ms", "else": [{"error": "UNAVAILABLE"}]}
    )
    with mocking(tmp_path, made) as server, client(server) as caller:
        talk = Talk(caller)
        assert talk.hear().code == "UNAVAILABLE"


def test_messages_are_echoed_and_generated(tmp_path: Path) -> None:
    made = scripted({"forever": ["expect", "echo"]}, method="hello.Greeter/Echo")
    assert answer(tmp_path, made, {"name": "a"}, {"tags": ["b"]}) == [
        {"name": "a"},
        {"tags": ["b"]},
    ]
    heard = answer(tmp_path, scripted({"generate": {"count": 7}}, "generate"), {})
    assert heard[0]["count"] == 7
    assert heard[0]["text"]
    assert len(heard) == 2


def test_a_script_that_goes_on_expecting_from_nobody_is_ended(tmp_path: Path) -> None:
    made = scripted({"forever": [{"forever": ["expect"]}, {"wait": "0ms"}]})
    heard = answer(tmp_path, made, {})
    assert texts(heard) == ["INTERNAL"]


def test_more_than_one_answer_to_a_unary_call_is_an_error(tmp_path: Path) -> None:
    made = scripted({"send": {}}, {"send": {}}, method="hello.Greeter/Say")
    ended = answer(tmp_path, made, {})
    assert ended.code == "INTERNAL"
    assert "one message" in ended.message
    ended = answer(tmp_path, scripted("end", method="hello.Greeter/Say"), {})
    assert (ended.code, "without an answer" in ended.message) == ("INTERNAL", True)


@pytest.mark.shows("grpc.max_queued")
def test_a_client_has_to_wait_while_a_script_does(tmp_path: Path) -> None:
    made = scripted(
        {"expect": {"json": {"name": "go"}}},
        {"wait": "200ms"},
        {"forever": ["expect", {"send": {"text": "{{ message.name }}"}}]},
    )
    with mocking(tmp_path, made, max_queued=4) as server, client(server) as caller:
        names = [str(number) for number in range(200)]
        heard = caller.call("Chat", {"name": "go"}, *[{"name": name} for name in names])
        assert texts(heard) == names


def test_a_client_that_cancels_ends_the_script(tmp_path: Path) -> None:
    made = scripted({"forever": [{"send": {"text": "tick"}}], "every": "10ms"})
    with mocking(tmp_path, made) as server, client(server) as caller:
        talk = Talk(caller)
        assert talk.hear() == {"text": "tick"}
        talk.call.cancel()
        limit = time.monotonic() + PATIENCE
        while not len(server.journal):
            assert time.monotonic() < limit
            time.sleep(0.01)
        (entry,) = server.journal.recent()
        assert (entry.status, entry.error) == (1, "ended by client")
        assert entry.response_body.startswith('{"text":"tick"}\n')


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("reset", {"UNAVAILABLE"}),
        ("rst_stream", {"INTERNAL"}),
        ({"rst_stream": "CANCEL"}, {"CANCELLED"}),
        ({"rst_stream": "REFUSED_STREAM"}, {"UNAVAILABLE"}),
        ("empty", {"UNKNOWN", "INTERNAL", "CANCELLED"}),
        ("no_status", {"UNKNOWN", "INTERNAL", "CANCELLED"}),
        ("truncate", {"UNAVAILABLE", "INTERNAL"}),
        ("bad_flag", {"INTERNAL", "UNKNOWN", "UNIMPLEMENTED", "CANCELLED"}),
        ("bad_frame", {"UNAVAILABLE", "INTERNAL"}),
        ("garbage", {"UNAVAILABLE", "INTERNAL", "UNKNOWN"}),
        ({"http": 503}, {"UNAVAILABLE"}),
    ],
)
def test_faults_as_a_client_sees_them(tmp_path: Path, fault: Any, codes: set[str]) -> None:
    made = stub(message={"text": "never whole"}, fault=fault)
    options = {"grpc.enable_retries": 0}
    with mocking(tmp_path, made) as server, client(server, **options) as caller:
        assert caller.call("Say").code in codes
        (entry,) = server.journal.recent()
        assert entry.source.startswith("stub:")


def test_a_dribbled_message_arrives(tmp_path: Path) -> None:
    made = stub(message={"text": "slow"}, fault={"dribble": {"chunks": 4, "over": "90ms"}})
    begun = time.monotonic()
    assert answer(tmp_path, made, {}) == {"text": "slow"}
    assert time.monotonic() - begun >= 0.09


def test_scripts_reset_disconnect_and_break(tmp_path: Path) -> None:
    for step, code in (
        ({"reset": "CANCEL"}, "CANCELLED"),
        ("disconnect", "UNAVAILABLE"),
        ({"fault": "bad_frame"}, "UNAVAILABLE"),
    ):
        heard = answer(tmp_path, scripted({"send": {"text": "a"}}, step), {})
        assert texts(heard)[-1] in (code, "INTERNAL")


BREAKING: list[dict[str, Any]] = [
    *(
        stub(fault=fault)
        for fault in (
            *FAULTS,
            {"rst_stream": "CANCEL"},
            {"http": 502},
            {"dribble": {"over": "1s"}},
        )
    ),
    *(scripted(step) for step in ({"reset": "CANCEL"}, "disconnect", {"fault": "bad_frame"})),
]


@pytest.mark.parametrize("breaking", BREAKING, ids=str)
def test_the_engine_grpcio_refuses_what_it_cannot_break(
    tmp_path: Path, breaking: dict[str, Any]
) -> None:
    with (
        pytest.raises(StartError, match="engine grpcio") as refused,
        mocking(tmp_path, breaking, engine="grpcio"),
    ):
        pass
    assert "http2" in (refused.value.hint or "")
    assert refused.value.place is not None
    assert refused.value.place.file is not None


def test_what_the_engine_cannot_break_is_refused_of_a_running_server_too(tmp_path: Path) -> None:
    with mocking(tmp_path, stub(message={"text": "x"}), engine="grpcio") as server:
        with pytest.raises(MockForgeError, match="engine grpcio"):
            server.stub(stub(fault="reset"))
        with client(server) as caller:
            assert caller.call("Say") == {"text": "x"}


def test_all_calls_together_keep_no_more_than_may_be(tmp_path: Path) -> None:
    made = stub("hello.Greeter/All", message={"count": "{{ requests | length }}"})
    waiting = scripted({"expect": {"json": {"name": "go"}}}, {"wait": "1h"})
    with mocking(tmp_path, made, waiting, max_held="20KiB") as server, client(server) as caller:
        holding = grpc_server(server).holding
        assert caller.call("All", *[{"name": "x" * 1000}] * 5) == {"count": 5}
        assert holding.bytes == 0
        assert caller.call("All", *[{"name": "x" * 1000}] * 30).code == "RESOURCE_EXHAUSTED"
        assert holding.bytes == 0
        many = [{"name": "x" * 1000}] * 30
        heard = caller.call("Chat", {"name": "go"}, *many)
        assert texts(heard) == ["RESOURCE_EXHAUSTED"]
        assert (holding.bytes, holding.refused) == (0, 2)
