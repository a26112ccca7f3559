"""Which stub answers a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge_grpc.status import Code
from tests.grpc.mocks.making import ENGINES, Failed, client, mocking, stub, value_of

ENGINE = pytest.mark.parametrize("engine", ENGINES)


def said(text: str, **on: Any) -> dict[str, Any]:
    return stub(on=on, message={"text": text}, top={"id": text})


@ENGINE
def test_a_stub_is_chosen_by_message_and_metadata(tmp_path: Path, engine: str) -> None:
    stubs = [
        said("rex", request={"json": {"name": "rex"}}),
        said("long", request={"jsonPath": {"$.name": {"matches": "x{5,}"}}}),
        said("user", metadata={"x-user": "ann"}, request={"json": {"name": "who"}}),
        said("anyone", metadata={"x-user": {"present": True}}),
    ]
    with mocking(tmp_path, *stubs, engine=engine) as server, client(server) as caller:

        def call(name: str, **options: Any) -> str:
            return str(caller.call("Say", {"name": name}, **options)["text"])

        assert call("rex") == "rex"
        assert call("xxxxxx") == "long"
        assert call("who", metadata=[("x-user", "ann")]) == "user"
        assert call("who", metadata=[("x-user", "bob")]) == "anyone"
        assert call("nobody") not in {"rex", "long", "user", "anyone"}


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"bigNumber": 5}, {"big_number": "5"}),
        ({"big_number": "5"}, {"big_number": 5}),
        ({"mood": 1}, {"mood": "GLAD"}),
        ({"mood": "GLAD", "name": ""}, {"mood": "GLAD"}),
        ({"inner": {"size": 0, "word": "w"}}, {"inner": {"word": "w"}}),
        ({"inner": {"more": [{"size": 1}]}}, {"inner": {"more": [{"size": 1, "word": "x"}]}}),
        ({"at": "2026-01-01T01:00:00+01:00"}, {"at": "2026-01-01T00:00:00Z"}),
        ({"inners": {"k": {"size": 2}}}, {"inners": {"k": {"size": 2}}}),
        ({"name": "${json-unit.any-string}", "tags": ["a"]}, {"name": "q", "tags": ["a"]}),
    ],
)
def test_values_are_compared_as_the_type_has_them(
    tmp_path: Path, expected: Any, message: Any
) -> None:
    made = said("found", request={"json": expected})
    with (
        mocking(tmp_path, made, generate=False) as server,
        client(server) as caller,
    ):
        assert caller.call("Say", message) == {"text": "found"}
        assert caller.call("Say", {"name": "other", "maybe": 3}).code == "NOT_FOUND"


def test_an_exact_message_has_nothing_besides(tmp_path: Path) -> None:
    made = said("found", request={"jsonExact": {"name": "a", "tags": ["x", "y"]}})
    with mocking(tmp_path, made, generate=False) as server, client(server) as caller:
        assert caller.call("Say", {"name": "a", "tags": ["x", "y"]}) == {"text": "found"}
        assert caller.call("Say", {"name": "a", "tags": ["y", "x"]}).code == "NOT_FOUND"
        assert caller.call("Say", {"name": "a", "tags": ["x", "y"], "maybe": 0}).code == "NOT_FOUND"


def test_one_of_many_stubs_on_a_method_is_found_by_its_message(tmp_path: Path) -> None:
    stubs = [said(f"n{n}", request={"json": {"big_number": n}}) for n in range(300)]
    with mocking(tmp_path, *stubs) as server, client(server) as caller:
        for number in (0, 7, 299):
            answer = caller.call("Say", {"big_number": number})
            assert answer == {"text": f"n{number}"}


def test_methods_are_named_in_several_ways(tmp_path: Path) -> None:
    stubs = [
        stub("Other/Say", message={"text": "short"}),
        {"grpc": {"method": ["hello.Greeter/Say", "hello.Greeter/All"]}}
        | {"response": {"message": {"text": "listed"}}},
        {"grpc": {"method": {"matches": ".*/Ma.y"}}, "response": {"message": {"text": "pattern"}}},
        {"grpc": {}, "priority": 9, "response": {"status": "ABORTED"}},
    ]
    with mocking(tmp_path, *stubs) as server, client(server) as caller:
        assert caller.call("hello.Other/Say") == {"text": "short"}
        assert caller.call("Say") == {"text": "listed"}
        assert caller.call("All", {}, {}) == {"text": "listed"}
        assert caller.call("Many") == [{"text": "pattern"}]
        assert [each.code for each in caller.call("Chat", {})] == ["ABORTED"]


def test_a_caller_is_told_by_address_and_authority(tmp_path: Path) -> None:
    stubs = [
        said("host", authority="shop.test"),
        said("address", client={"startsWith": "127."}) | {"priority": 6},
    ]
    with mocking(tmp_path, *stubs) as server:
        with client(server, **{"grpc.default_authority": "Shop.test:80"}) as caller:
            assert caller.call("Say") == {"text": "host"}
        with client(server) as caller:
            assert caller.call("Say") == {"text": "address"}


def test_priorities_times_and_order(tmp_path: Path) -> None:
    stubs: list[dict[str, Any]] = [
        stub(message={"text": "first"}, top={"priority": 1, "times": 2}),
        {
            "grpc": {"method": "hello.Greeter/Say"},
            "responses": [{"message": {"text": word}} for word in ("a", "b")],
            "order": "loop",
        },
        {
            "grpc": {"method": "hello.Other/Say"},
            "responses": [{"message": {"count": 1}}, {"status": "UNAVAILABLE"}],
        },
    ]
    with mocking(tmp_path, *stubs) as server, client(server) as caller:
        texts = [caller.call("Say")["text"] for _ in range(5)]
        assert texts == ["first", "first", "a", "b", "a"]
        assert caller.call("hello.Other/Say") == {"count": 1}
        assert caller.call("hello.Other/Say").code == "UNAVAILABLE"
        assert caller.call("hello.Other/Say").code == "UNAVAILABLE"


def test_scenarios_are_shared_with_http(tmp_path: Path) -> None:
    import httpx

    scenario = {"name": "order", "when": "paid", "then": "sent"}
    with (
        mocking(tmp_path, only=("grpc", "http"), generate=False) as server,
        client(server) as caller,
    ):
        server.stub("POST", "/pay", status=204, scenario={"name": "order", "then": "paid"})
        server.stub(stub(message={"text": "on its way"}, top={"scenario": scenario}))
        assert caller.call("Say").code == "NOT_FOUND"
        assert httpx.post(f"{server.url}/pay").status_code == 204
        assert caller.call("Say") == {"text": "on its way"}
        assert caller.call("Say").code == "NOT_FOUND"


@ENGINE
def test_an_unknown_method_is_unimplemented_and_names_the_nearest(
    tmp_path: Path, engine: str
) -> None:
    with mocking(tmp_path, engine=engine) as server, client(server) as caller:
        ended = caller.raw("/hello.Greeter/Sai")
        assert ended.code == "UNIMPLEMENTED"
        assert "did you mean hello.Greeter/Say?" in ended.message
        ended = caller.raw("/hello.Greter/Say")
        assert ended.code == "UNIMPLEMENTED"
        assert "no service hello.Greter" in ended.message
        entry = server.journal.recent()[1]
        assert (entry.method, entry.status, entry.source) == ("UNKNOWN", 12, "none")


@pytest.mark.shows("grpc.generate")
def test_without_generated_answers_the_nearest_stub_is_explained(tmp_path: Path) -> None:
    made = said("rex", request={"json": {"name": "rex"}}, metadata={"x-a": "1"})
    with mocking(tmp_path, made, generate=False) as server, client(server) as caller:
        ended = caller.call("Say", {"name": "max"}, metadata=[("x-a", "1")])
        assert isinstance(ended, Failed)
        assert ended.code == "NOT_FOUND"
        assert 'request name: expected "rex", got "max"' in ended.message
        assert "stub rex" in ended.message
        (entry,) = server.journal.recent()
        assert entry.status == Code.NOT_FOUND
        assert entry.explanation is not None
        assert entry.explanation.near[0].stub == "rex"
        assert len(caller.call("Say", {"name": "x" * 100_000}).message) < 2000
        assert value_of(server, "mockforge_requests_total", protocol="grpc", status="5") == 2


def test_a_call_is_explained_without_being_made(tmp_path: Path) -> None:
    made = said("rex", request={"json": {"name": "rex"}}, metadata={"x-a": "1"})
    with mocking(tmp_path, made) as server:
        path = "/hello.Greeter/Say"
        found = server.explain(
            "POST", path, json={"name": "rex"}, headers={"X-A": "2"}, protocol="grpc"
        )
        assert found.near[0].stub == "rex"
        assert [each.name for each in found.near[0].criteria if not each.matched] == [
            "metadata.x-a"
        ]
        assert len(server.journal) == 0


def test_stubs_are_put_questioned_and_removed(tmp_path: Path) -> None:
    with mocking(tmp_path, generate=False) as server, client(server) as caller:
        handle = server.stub(stub(message={"text": "put"}))
        assert caller.call("Say", {"name": "a"}) == {"text": "put"}
        assert handle.matched == 1
        (entry,) = handle.calls()
        assert (entry.request_body, entry.response_body) == ('{"name":"a"}', '{"text":"put"}')
        assert server.assert_called("UNARY", "/hello.Greeter/Say", json={"name": "a"}, status=0)
        assert handle.remove()
        assert caller.call("Say").code == "NOT_FOUND"
        server.stub(stub(message={"text": "again"}))
        server.reset()
        assert caller.call("Say").code == "NOT_FOUND"
