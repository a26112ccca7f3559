"""``mockforge serve`` with gRPC, from outside."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.e2e.processes import Serving, serving

EXAMPLE = Path(__file__).parents[2] / "examples" / "greeter"
SAY = "/helloworld.Greeter/SayHello"
REX = b"\n\x03rex"
"""``{"name": "rex"}``; the answer has its text in the first field, too."""


def say(address: str, request: bytes = REX) -> Any:
    """The text of the answer, or the code."""
    with grpc.insecure_channel(address) as channel:
        made: Any = channel.unary_unary(SAY)
        call = made.future(request, timeout=20)
        try:
            return call.result()[2:].decode()
        except grpc.RpcError:
            return call.code().name


def project(folder: Path) -> Path:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    return folder


def write(folder: Path, text: str, stub_id: str = "one") -> None:
    stub = {
        "id": stub_id,
        "grpc": {"method": "Greeter/SayHello"},
        "response": {"message": {"message": text}},
    }
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / "one.json").write_text(json.dumps(stub))


def port(server: Serving) -> int:
    return int(server.ready["grpc"].rpartition(":")[2])


@pytest.mark.shows("--proto", "grpc.protos", "--mocks")
def test_protos_and_stubs_are_given_as_flags(tmp_path: Path) -> None:
    project(tmp_path)
    arguments = ("--proto", "greeter.proto", "--mocks", "stubs.yaml", "--grpc-port", "0")
    with serving(tmp_path, *arguments) as server:
        assert say(server.ready["grpc"]) == "good dog, rex"
        assert say(server.ready["grpc"], b"") == "INVALID_ARGUMENT"
        assert {"http", "ws", "grpc"} <= set(server.ready)
        server.stop()


@pytest.mark.shows("--proto-root", "grpc.roots")
def test_a_root_is_given_as_a_flag(tmp_path: Path) -> None:
    project(tmp_path / "protos" / "v1")
    user = tmp_path / "protos" / "user.proto"
    user.write_text(
        'syntax = "proto3"; import "v1/greeter.proto";'
        " service User { rpc Ask(helloworld.HelloRequest) returns (helloworld.HelloReply); }"
    )
    arguments = ("--proto", "protos/user.proto", "--proto-root", "protos", "--grpc-port", "0")
    with serving(tmp_path, "--only", "grpc", *arguments) as server:
        assert say(server.ready["grpc"])
        server.stop()


@pytest.mark.shows("grpc.port", "--grpc-port", "MOCKFORGE_GRPC_PORT")
def test_the_port_is_chosen_by_flag_and_variable(tmp_path: Path) -> None:
    only = ("--only", "grpc")
    with serving(tmp_path, *only, "--grpc-port", "0") as server:
        free = port(server)
        server.stop()
    with serving(tmp_path, *only, env={"MOCKFORGE_GRPC_PORT": str(free)}) as server:
        assert port(server) == free
        server.stop()
    env = {"MOCKFORGE_GRPC_PORT": "1"}
    with serving(tmp_path, *only, "--grpc-port", str(free), env=env) as server:
        assert server.ready == {"event": "ready", "grpc": f"127.0.0.1:{free}"}
        server.stop()


@pytest.mark.shows("grpc.host")
def test_the_host_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "grpc.sock"
    project(tmp_path)
    env = {"MOCKFORGE_GRPC__HOST": f"unix:{path}"}
    arguments = ("--only", "grpc", "--proto", "greeter.proto", "--mocks", "stubs.yaml")
    with serving(tmp_path, *arguments, env=env) as server:
        assert server.ready["grpc"] == f"unix:{path}"
        assert say(server.ready["grpc"]) == "good dog, rex"
        server.stop()
    assert not path.exists()


def test_a_reload_takes_on_new_stubs_and_a_broken_file_keeps_the_old(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, "old")
    arguments = ("--only", "grpc", "--proto", "greeter.proto", "--mocks", "mine")
    with serving(tmp_path, *arguments, "--grpc-port", "0") as server:
        assert say(server.ready["grpc"]) == "old"
        (tmp_path / "mine" / "one.json").write_text("{")
        server.reload()
        assert "grpc not reloaded" in server.message()
        assert say(server.ready["grpc"]) == "old"
        write(tmp_path, "new")
        server.reload()
        while say(server.ready["grpc"]) != "new":
            pass
        server.stop()


def imported(folder: Path, *arguments: str) -> set[str]:
    """The modules that a server imports until it is stopped, having answered a call if it can."""
    with serving(folder, *arguments, env={"PYTHONPROFILEIMPORTTIME": "1"}) as server:
        if "grpc" in server.ready:
            assert say(server.ready["grpc"]) == "good dog, rex"
        errors = server.stop()
    return {line.rpartition("|")[2].strip() for line in errors.splitlines()}


def test_http_alone_imports_neither_grpc_nor_protobuf(tmp_path: Path) -> None:
    found = imported(tmp_path, "--only", "http")
    assert "httptools" in found
    heavy = ("grpc", "google", "ngh2", "h2", "mockforge_grpc")
    assert not {name for name in found if name.partition(".")[0] in heavy}


def test_the_fast_engine_does_without_grpcio(tmp_path: Path) -> None:
    project(tmp_path)
    arguments = ("--proto", "greeter.proto", "--mocks", "stubs.yaml", "--grpc-port", "0")
    found = imported(tmp_path, "--only", "grpc", *arguments)
    assert "google.protobuf" in found
    assert "ngh2" in found
    assert not {name for name in found if name.partition(".")[0] == "grpc"}
