"""Health and reflection, as clients that know them use them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.grpc.mocks.making import ENGINES, PATIENCE, client, grpc_server, mocking, stub

HEALTH = "grpc.health.v1.Health"
ENGINE = pytest.mark.parametrize("engine", ENGINES)


@ENGINE
def test_every_service_is_serving(tmp_path: Path, engine: str) -> None:
    with mocking(tmp_path, engine=engine) as server, client(server) as caller:
        assert caller.call(f"{HEALTH}/Check") == {"status": "SERVING"}
        assert caller.call(f"{HEALTH}/Check", {"service": "hello.Other"}) == {"status": "SERVING"}
        assert caller.call(f"{HEALTH}/Check", {"service": "x.Y"}).code == "NOT_FOUND"
        statuses = caller.call(f"{HEALTH}/List")["statuses"]
        assert statuses["hello.Greeter"] == {"status": "SERVING"}
        assert {entry.source for entry in server.journal.recent()} == {"health"}


@ENGINE
def test_who_watches_is_told_when_the_server_stops(tmp_path: Path, engine: str) -> None:
    with mocking(tmp_path, engine=engine) as server, client(server) as caller:
        calls = [caller.open(f"{HEALTH}/Watch", [{"service": name}]) for name in ("", "x.Y")]
        assert [next(call) for call in calls] == [
            {"status": "SERVING"},
            {"status": "SERVICE_UNKNOWN"},
        ]
        server.stop()
        assert next(calls[0]) == {"status": "NOT_SERVING"}


@pytest.mark.shows("grpc.health")
def test_health_is_said_by_a_stub_or_switched_off(tmp_path: Path) -> None:
    made = stub(
        f"{HEALTH}/Check",
        on={"request": {"json": {"service": "hello.Greeter"}}},
        message={"status": "NOT_SERVING"},
    )
    with mocking(tmp_path, made) as server, client(server) as caller:
        ill = caller.call(f"{HEALTH}/Check", {"service": "hello.Greeter"})
        assert ill == {"status": "NOT_SERVING"}
        assert caller.call(f"{HEALTH}/Check") == {"status": "SERVING"}
    with mocking(tmp_path, health=False) as server, client(server) as caller:
        assert caller.call(f"{HEALTH}/Check").code == "UNIMPLEMENTED"


@ENGINE
def test_a_client_finds_out_everything_by_reflection(tmp_path: Path, engine: str) -> None:
    with mocking(tmp_path, engine=engine) as server, client(server) as caller:
        database = ProtoReflectionDescriptorDatabase(caller.channel)
        services = set(database.get_services())
        assert {"hello.Greeter", "hello.Other", HEALTH} < services
        assert "grpc.reflection.v1.ServerReflection" in services
        pool = DescriptorPool(database)
        for name in services:
            found = pool.FindServiceByName(name)
            assert found.methods
        reply = pool.FindMessageTypeByName("hello.Reply")
        inner = reply.fields_by_name["inner"].message_type
        assert inner is not None
        assert inner.full_name == "hello.Inner"


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_questions_of_reflection(tmp_path: Path, version: str) -> None:
    name = f"grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    asked: list[dict[str, Any]] = [
        {"file_by_filename": "hello.proto"},
        {"file_containing_symbol": "hello.Inner.size"},
        {"file_containing_symbol": "hello.Greeter.Say"},
        {"file_containing_symbol": "hello.Nothing"},
        {"file_by_filename": "no.proto"},
        {"file_containing_extension": {"containing_type": "hello.Reply", "extension_number": 4}},
        {"all_extension_numbers_of_type": "hello.Reply"},
        {"all_extension_numbers_of_type": "hello.Nothing"},
        {},
    ]
    with mocking(tmp_path) as server, client(server) as caller:
        heard = caller.call(name, *asked)
        assert len(heard) == len(asked)
        files = [
            len(each["file_descriptor_response"]["file_descriptor_proto"]) for each in heard[:3]
        ]
        assert files == [3, 3, 3]
        codes = [each["error_response"]["error_code"] for each in (*heard[3:6], *heard[7:])]
        assert codes == [5, 5, 5, 5, 3]
        assert heard[6]["all_extension_numbers_response"]["base_type_name"] == "hello.Reply"
        assert heard[0]["original_request"] == asked[0]


@pytest.mark.shows("grpc.reflection")
def test_reflection_can_be_switched_off(tmp_path: Path) -> None:
    with mocking(tmp_path, reflection=False) as server, client(server) as caller:
        name = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        (ended,) = caller.call(name, {"list_services": ""})
        assert ended.code == "UNIMPLEMENTED"


# ------------------------------------------------------------------ reload


def test_a_reload_takes_on_new_protos_and_stubs_and_drops_no_call(tmp_path: Path) -> None:
    slow = stub("hello.Greeter/Say", message={"text": "old"}, delay="300ms", top={"id": "slow"})
    with mocking(tmp_path, slow) as server, client(server) as caller:
        put = server.stub(stub("hello.Other/Say", message={"text": "put"}))
        begun = caller.open("Say", [{}])
        limit = time.monotonic() + PATIENCE
        while not grpc_server(server).engine.streams:
            assert time.monotonic() < limit
            time.sleep(0.005)
        text = (tmp_path / "hello.proto").read_text()
        (tmp_path / "hello.proto").write_text(
            text.replace("string text = 1;", "string text = 1; string more = 9;")
        )
        (tmp_path / "stubs.json").write_text(
            '[{"id": "slow", "grpc": {"method": "hello.Greeter/Say"},'
            ' "response": {"message": {"more": "new"}}}]'
        )
        server.reload()
        assert begun.result() == {"text": "old"}
        assert caller.call("Say") == {"more": "new"}
        assert caller.call("hello.Other/Say") == {"text": "put"}
        assert server.journal.recent()[0].response_body == '{"text":"put"}'
        assert put.id in grpc_server(server).stubs


@pytest.mark.parametrize("broken", ["hello.proto", "stubs.json"])
def test_a_reload_of_something_broken_keeps_what_was_served(tmp_path: Path, broken: str) -> None:
    from mockforge.errors import MockForgeError

    with mocking(tmp_path, stub(message={"text": "old"})) as server, client(server) as caller:
        before = (tmp_path / broken).read_text()
        (tmp_path / broken).write_text("[{")
        with pytest.raises(MockForgeError, match=broken):
            server.reload()
        assert caller.call("Say") == {"text": "old"}
        (tmp_path / broken).write_text(before)
        server.reload()
        assert caller.call("Say") == {"text": "old"}


def test_reloading_again_and_again_lets_go_of_what_was_loaded(tmp_path: Path) -> None:
    import gc
    import weakref

    with mocking(tmp_path, stub(message={"text": "old"})) as server, client(server) as caller:
        first = weakref.ref(grpc_server(server).schema)
        caller.call("Say")
        for _ in range(3):
            server.reload()
            caller.call("Say")
        gc.collect()
        assert first() is None
