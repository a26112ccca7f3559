"""The official interoperability cases, by grpc-go's client where it is installed
(``go install google.golang.org/grpc/interop/client@latest``, as ``grpc-interop-client`` on the path)."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from mockforge_grpc.transport import EngineName
from tests.conformance.walk.serving import executable
from tests.grpc.transport.interop import TestService
from tests.grpc.transport.serving import ENGINES, Paths, serving

CLIENT: Final = executable("grpc-interop-client")
CASES: Final = (
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
    "status_code_and_message",
    "special_status_message",
    "custom_metadata",
    "unimplemented_method",
    "unimplemented_service",
)


@pytest.mark.skipif(CLIENT is None, reason="grpc-interop-client is not installed")
@pytest.mark.parametrize("engine", ENGINES)
def test_official_cases(engine: EngineName) -> None:
    assert CLIENT is not None
    failed = []
    with serving(engine, TestService()) as served:
        for case in CASES:
            done = subprocess.run(
                [
                    CLIENT,
                    "-server_host=127.0.0.1",
                    f"-server_port={served.port}",
                    f"-test_case={case}",
                ],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            if done.returncode:
                failed.append(f"{case}: {done.stderr.strip()}")
        served.wait_for(lambda: served.engine.streams == 0)
    assert not failed


@pytest.mark.skipif(executable("grpcurl") is None, reason="grpcurl is not installed")
@pytest.mark.parametrize("engine", ENGINES)
def test_grpcurl(engine: EngineName, tmp_path: Path) -> None:
    (tmp_path / "echo.proto").write_text(
        'syntax = "proto3";\npackage test;\nmessage Said { string text = 1; }\n'
        "service Echo { rpc Unary(Said) returns (Said); rpc Bidi(stream Said) returns (stream Said); }\n"
    )
    with serving(engine, Paths()) as served:
        command = ["grpcurl", "-plaintext", "-import-path", str(tmp_path), "-proto", "echo.proto"]
        for method, said in (("Unary", ["one"]), ("Bidi", ["one", "two", "three"])):
            given = "".join(json.dumps({"text": text}) for text in said)
            done = subprocess.run(
                [*command, "-d", given, served.target, f"test.Echo/{method}"],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert re.findall(r'"text": "(\w+)"', done.stdout) == said
