"""Imported stubs, loaded and asked through the command line and a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml

from mockforge.testing import MockServer
from tests.grpc.importing.test_stubs import PROTO, stub
from tests.kernel.cli.running import mockforge


def served(folder: Path, stubs: list[Any]) -> MockServer:
    """A server of what ``mockforge import gripmock`` made of ``stubs``."""
    source = folder / "source"
    source.mkdir()
    (source / "shop.proto").write_text(PROTO)
    (source / "stubs.yaml").write_text(yaml.safe_dump(stubs))
    done = mockforge(
        folder, "import", "gripmock", str(source), "-o", str(folder / "mocks"), cwd=folder
    )
    assert done.returncode in (0, 1), done.stderr
    settings = {
        "grpc.protos": [str(source / "shop.proto")],
        "grpc.mocks": [str(folder / "mocks")],
        "grpc.generate": False,
        "grpc.cache_dir": str(folder / "cache"),
    }
    return MockServer(only=("grpc",), settings=settings)


def text(value: str) -> bytes:
    """A message whose first field, a string, is ``value``: what both types of the .proto look like."""
    raw = value.encode()
    return bytes([0x0A, len(raw)]) + raw if raw else b""


def asked(server: MockServer, method: str, *ids: str) -> list[str]:
    """The texts that come back."""
    with grpc.insecure_channel(server.address("grpc")) as channel:
        call: Any = channel.stream_stream(f"/shop.v1.Shop/{method}")
        return [each[2:].decode() for each in call(iter(map(text, ids)), timeout=20)]


@pytest.mark.parametrize(
    ("ids", "answer"),
    [
        (("a", "b"), "list"),
        (("x", "x", "x"), "each"),
        (("x", "z"), "last z"),
        (("z",), "last z"),
    ],
)
def test_client_streams_are_told_apart_by_all_their_messages(
    tmp_path: Path, ids: tuple[str, ...], answer: str
) -> None:
    stubs = [
        stub(
            "Send",
            inputs=[{"equals": {"id": "a"}}, {"equals": {"id": "b"}}],
            output={"data": {"text": "list"}},
        ),
        stub("Send", inputs=[{"matches": {"id": "^[abx]$"}}], output={"data": {"text": "each"}}),
        stub(
            "Send",
            input={"equals": {"id": "z"}},
            output={"data": {"text": "last {{.Request.id}}"}},
        ),
    ]
    with served(tmp_path, stubs) as server:
        assert asked(server, "Send", *ids) == [answer]


def test_single_messages_of_a_stream_are_answered_by_their_own_stubs(tmp_path: Path) -> None:
    stubs = [
        stub("Talk", input={"equals": {"id": name}}, output={"data": {"text": f"{name}!"}})
        for name in ("a", "b")
    ]
    with served(tmp_path, stubs) as server:
        assert asked(server, "Talk", "b", "a", "b") == ["b!", "a!", "b!"]
        with pytest.raises(grpc.RpcError) as caught:
            asked(server, "Talk", "c")
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_what_could_not_be_translated_does_not_keep_the_rest_from_being_served(
    tmp_path: Path,
) -> None:
    stubs = [
        stub(output={"data": {"text": "{{ sha1 .Request.id }}"}}),
        stub(output={"data": "{{ dict }}", "template": True}),
        stub(input={"equals": {"id": "a"}}),
    ]
    with served(tmp_path, stubs) as server:
        assert asked(server, "Ask", "a") == ["hi"]
        with pytest.raises(grpc.RpcError) as caught:
            asked(server, "Ask", "b")
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("requests", "ids", "matches"),
    [
        ({"any": {"json": {"id": "a"}}}, ("x", "a", "y"), True),
        ({"any": {"json": {"id": "a"}}}, ("x", "y"), False),
        ({"each": {"json": {"id": "a"}}}, ("a", "a"), True),
        ({"each": {"json": {"id": "a"}}}, ("a", "b"), False),
        ({"first": {"json": {"id": "a"}}, "last": {"json": {"id": "b"}}}, ("a", "x", "b"), True),
        ({"first": {"json": {"id": "a"}}, "last": {"json": {"id": "b"}}}, ("b", "a"), False),
        ({"each": {"present": True}}, (), False),
    ],
)
def test_stubs_may_ask_for_each_any_the_first_or_the_last_message(
    tmp_path: Path, requests: Any, ids: tuple[str, ...], matches: bool
) -> None:
    (tmp_path / "shop.proto").write_text(PROTO)
    settings = {
        "grpc.protos": [str(tmp_path / "shop.proto")],
        "grpc.generate": False,
        "grpc.cache_dir": str(tmp_path / "cache"),
    }
    with MockServer(only=("grpc",), settings=settings) as server:
        server.stub(
            {
                "grpc": {"method": "shop.v1.Shop/Send", "requests": requests},
                "response": {"message": {"text": "yes"}},
            }
        )
        if matches:
            assert asked(server, "Send", *ids) == ["yes"]
            return
        with pytest.raises(grpc.RpcError) as caught:
            asked(server, "Send", *ids)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        assert "requests." in str(caught.value.details())
