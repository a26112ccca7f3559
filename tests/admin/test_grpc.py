"""gRPC as the admin shows and changes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.admin.making import Admin, admin

PROTO = Path(__file__).resolve().parents[2] / "examples/greeter/greeter.proto"
SETTINGS: dict[str, Any] = {"grpc.protos": [str(PROTO)]}
STUB = {
    "id": "hello",
    "grpc": {"method": "helloworld.Greeter/SayHello"},
    "response": {"message": {"message": "from the admin"}},
}


@pytest.fixture(scope="module")
def greeting() -> Iterator[Admin]:
    with admin(only=("http", "grpc", "admin"), **SETTINGS) as running:
        yield running


def say_hello(running: Admin) -> bytes:
    with grpc.insecure_channel(running.server.address("grpc")) as channel:
        call: Any = channel.unary_unary("/helloworld.Greeter/SayHello")
        answer: bytes = call(b"", timeout=60)
        return answer


def test_a_stub_that_is_put_answers_the_next_call(greeting: Admin) -> None:
    greeting.server.reset()
    assert greeting.ask("POST", "/stubs", json=STUB).status_code == 201
    assert b"from the admin" in say_hello(greeting)
    (shown,) = greeting.get("/stubs?protocol=grpc").json()["stubs"]
    assert (shown["id"], shown["matched"]) == ("hello", 1)
    assert greeting.ask("DELETE", "/stubs/hello").status_code == 204
    assert b"from the admin" not in say_hello(greeting)


def test_methods_are_routes_with_their_calls(greeting: Admin) -> None:
    say_hello(greeting)
    (row,) = greeting.get("/routes?text=SayHello&limit=1").json()["routes"]
    assert (row["protocol"], row["path"]) == ("grpc", "/helloworld.Greeter/SayHello")
    assert row["calls"] >= 1


def test_what_would_answer_a_call_is_told_before_it_is_made(greeting: Admin) -> None:
    greeting.server.reset()
    asked = {"protocol": "grpc", "target": "/helloworld.Greeter/SayHello", "body": "{}"}
    assert greeting.ask("POST", "/explain", json=asked).json()["source"] == "generated"
    greeting.ask("POST", "/stubs", json=STUB)
    assert greeting.ask("POST", "/explain", json=asked).json()["stub"] == "hello"
    unknown = greeting.ask(
        "POST", "/explain", json={**asked, "target": "/helloworld.Greeter/SayHelo"}
    )
    assert unknown.status_code == 422
    assert "did you mean" in unknown.json()["hint"]


def test_past_the_budget_of_memory_no_connection_is_taken(greeting: Admin) -> None:
    budget = greeting.server.kernel.budget
    limit, over = budget.limit, budget.over
    budget.limit, budget.over = 1, True
    try:
        with pytest.raises(grpc.RpcError) as raised:
            say_hello(greeting)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "raise core.memory_budget" in str(raised.value.details())
    finally:
        budget.limit, budget.over = limit, over
    assert say_hello(greeting)
