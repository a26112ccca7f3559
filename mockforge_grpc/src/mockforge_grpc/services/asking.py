"""Explaining a call that was not made: what a program describes, as criteria look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockforge.contracts import Outlook
from mockforge.errors import MockForgeError
from mockforge.explanations import Explanation
from mockforge_grpc.services.unanswered import explain
from mockforge_grpc.stubs.facts import Facts
from mockforge_grpc.stubs.methods import find_method

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Request
    from mockforge_grpc.schema import Method
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
    method, facts = _facts(world, request)
    return explain(world, method.kind, method.path, facts)


def foretell_request(world: World, request: Request) -> Outlook:
    """What would answer: a stub, a server that calls are passed on to, or what is made of the descriptors.
    Nothing is counted. MockForgeError as for :func:`explain_request`."""
    method, facts = _facts(world, request)
    explanation = explain(world, method.kind, method.path, facts)
    found = world.index.find(method.kind, method.path, facts, world.stubs.states)
    if found is not None and not world.passes_always:
        return Outlook(f"stub:{found[0].id}", method.path, explanation)
    if world.passes_on:
        return Outlook("proxy", method.path, explanation)
    source = "generated" if world.config.generate else "none"
    return Outlook(source, method.path, explanation)


def _facts(world: World, request: Request) -> tuple[Method, Facts]:
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
    return method, Facts(method, Described(request), messages)
