"""Explaining a call that was not made: what a program describes, as criteria look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockforge.errors import MockForgeError
from mockforge.explanations import Explanation
from mockforge_grpc.services.unanswered import explain
from mockforge_grpc.stubs.facts import Facts
from mockforge_grpc.stubs.methods import find_method

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Request
    from mockforge_grpc.services.world import World
    from mockforge_grpc.transport import Metadata


class Described:
    """Who makes a call, from a request that describes it."""

    def __init__(self, request: Request) -> None:
        self.metadata: Metadata = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in request.raw_headers
        ]
        self.authority = request.header("host")
        self.peer = request.client


def explain_request(world: World, request: Request) -> Explanation:
    """Which stubs come nearest. MockForgeError: no such method, or the body is no message of it."""
    path = "/" + request.path.lstrip("/")
    method = find_method(world.schema, path)
    if method is None:
        near = world.schema.nearest_method(path)
        raise MockForgeError(
            f"there is no method {path}", hint=f"did you mean {near}?" if near else None
        )
    messages = []
    for line in request.body.splitlines() if method.client_streaming else [request.body]:
        if line.strip():
            try:
                json = msgspec.json.decode(line)
            except msgspec.DecodeError as error:
                raise MockForgeError(f"the body is no JSON: {error}") from None
            messages.append(method.input.from_json(json).SerializeToString())
    return explain(world, method.kind, path, Facts(method, Described(request), messages))
