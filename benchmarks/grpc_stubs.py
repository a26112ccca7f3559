"""What the gRPC benchmarks have mocked, and the messages they send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

PROTO: Final = Path(__file__).resolve().parent / "documents" / "greeter.proto"
HELLO: Final = "/helloworld.Greeter/SayHello"
WORLD: Final = b"\n\5world"
"""``HelloRequest`` and ``HelloReply`` with one string."""
SLOW: Final = b"\n\4slow"

_SERVICE: Final = "helloworld.Greeter"


def _stub(name: str, method: str, response: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "grpc": {"method": f"{_SERVICE}/{method}", **more},
        "response": response,
    }


STUBS: Final = (
    _stub(
        "hello", "SayHello", {"message": {"message": "world"}}, request={"json": {"name": "world"}}
    ),
    _stub(
        "slow",
        "SayHello",
        {"message": {"message": "slow"}, "delay": "30s"},
        request={"json": {"name": "slow"}},
    ),
    _stub("repeat", "Repeat", {"messages": [{"message": f"number {n}"} for n in range(50)]}),
    _stub("collect", "Collect", {"message": {"message": "world"}}),
    _stub(
        "chat", "Chat", {"script": [{"forever": [{"expect": {}}, {"send": {"message": "world"}}]}]}
    ),
)


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    """Settings that serve them; ``more`` are others of ``grpc``."""
    stubs = folder / "grpc.json"
    stubs.write_text(json.dumps(STUBS))
    return {
        "grpc.protos": [str(PROTO)],
        "grpc.mocks": [str(stubs)],
        "grpc.port": 0,
        **{f"grpc.{name}": value for name, value in more.items()},
    }
