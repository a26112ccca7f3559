"""Clients of others: Connect's and Google's for browsers and Node, from npm, and buf."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockforge.testing import MockServer
from tests.conformance.walk.serving import executable
from tests.grpc.bridge.descriptors import descriptor_set
from tests.grpc.bridge.serving import CLIENTS, serving

BUF = executable("buf")
NPM, NODE = shutil.which("npm"), shutil.which("node")
CONNECT = (
    "connect-node-json",
    "connect-node-proto",
    "connect-node-get",
    "connect-node-grpc-web",
    "connect-web",
    "connect-web-grpc-web",
)
GRPC_WEB = ("grpc-web-text", "grpc-web-binary")
ERROR = {"code": "NotFound", "message": "no such böok", "trailer": "4"}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def node_folder() -> Path:
    """A folder with the clients: that of MOCKFORGE_NODE_CLIENTS, or one that is kept for the next run."""
    if NPM is None or NODE is None:
        pytest.skip("there is no Node.js with npm")
    wanted = os.environ.get("MOCKFORGE_NODE_CLIENTS")
    folder = Path(wanted) if wanted else Path(tempfile.gettempdir()) / "mockforge-node-clients"
    folder.mkdir(exist_ok=True)
    package = (CLIENTS / "package.json").read_text()
    shutil.copy(CLIENTS / "calls.mjs", folder)
    installed = folder / "package.json"
    if not installed.exists() or installed.read_text() != package:
        shutil.copy(CLIENTS / "package.json", folder)
        done = subprocess.run(
            [NPM, "install", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        if done.returncode:
            installed.unlink()
            pytest.skip(f"npm cannot install the clients: {done.stderr[-300:]}")
    return folder


@pytest.fixture(scope="module")
def descriptors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library and google.rpc as a descriptor set."""
    path = tmp_path_factory.mktemp("descriptors") / "library.binpb"
    path.write_bytes(descriptor_set("library.v1.Library", "google.rpc.ErrorInfo"))
    return path


def run(folder: Path, client: str, server: MockServer, descriptors: Path) -> Any:
    assert NODE is not None
    done = subprocess.run(
        [NODE, "calls.mjs", client, server.url, str(descriptors)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("client", [*CONNECT, *GRPC_WEB])
def test_a_client_from_npm_sees_what_the_stubs_say(
    client: str, server: MockServer, node_folder: Path, descriptors: Path
) -> None:
    seen = run(node_folder, client, server, descriptors)
    assert seen["unary"] == {
        "book": {"name": "shelves/1/books/2", "displayName": "Emma of rex", "kind": "NOVEL"},
        "served": "mock",
        "cost": "3",
    }
    assert {key: seen["error"][key] for key in ERROR} == ERROR
    if client in CONNECT:
        assert seen["error"]["details"] == [{"reason": "GONE", "domain": "x"}]
    assert seen["deadline"]["code"] == "DeadlineExceeded"
    assert seen["stream"] == {"names": ["a", "b", "c"]}
    broken = {key: seen["broken"][key] for key in ("names", "code", "message")}
    assert broken == {"names": ["a", "b"], "code": "ResourceExhausted", "message": "enough"}
    if client.startswith("connect-node"):
        assert seen["client_stream"] == {"token": "got 3"}


@pytest.mark.skipif(BUF is None, reason="buf is not on the path (PyPI: buf-bin)")
@pytest.mark.parametrize("protocol", ["connect", "grpcweb"])
def test_buf_sees_what_the_stubs_say(protocol: str, server: MockServer, descriptors: Path) -> None:
    def curl(method: str, data: str) -> subprocess.CompletedProcess[str]:
        url = f"{server.url}/library.v1.Library/{method}"
        command = [str(BUF), "curl", "--protocol", protocol, "--schema", str(descriptors)]
        return subprocess.run(
            [*command, "-H", "x-user: rex", "-d", data, url],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    unary = curl("GetBook", '{"name": "shelves/1/books/2"}')
    assert json.loads(unary.stdout)["displayName"] == "Emma of rex", unary.stderr
    failed = curl("GetBook", '{"name": "gone"}')
    assert json.loads(failed.stderr)["code"] == "not_found"
    assert json.loads(failed.stderr)["details"][0]["type"] == "google.rpc.ErrorInfo"
    stream = curl("WatchBooks", '{"parent": "stream"}')
    names = [each["name"] for each in _documents(stream.stdout)]
    assert names == ["a", "b", "c"], stream.stderr
    sent = curl("ImportBooks", '{"name": "1"}{"name": "2"}')
    assert json.loads(sent.stdout) == {"nextPageToken": "got 2"}, sent.stderr


def _documents(text: str) -> list[Any]:
    decoder, found, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found
