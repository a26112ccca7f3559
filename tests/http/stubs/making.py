"""Stubs without a server: definitions in, answers out."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

import anyio
import msgspec

from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.mocking.state import MemoryStore, State
from mockforge.mocking.stubs import StubError, StubErrors, StubSet
from mockforge.mocking.templating import TemplateLimits, Templates
from mockforge_http.stubs.compiler import HttpStubCompiler
from mockforge_http.stubs.kit import Kit
from mockforge_http.stubs.responder import StubResponder
from mockforge_http.stubs.templates import NAMES
from mockforge_http.stubs.turn import Turn


def request(
    method: str = "GET",
    target: str = "/",
    headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
    body: bytes = b"",
    *,
    json: Any = None,
    client: str = "127.0.0.1:5000",
) -> Request:
    """A request as the wire would hand it over."""
    pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers or [])
    if json is not None:
        body = msgspec.json.encode(json)
        pairs.append(("Content-Type", "application/json"))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in pairs]
    return Request(method, target, raw, body, client=client)


class Serving:
    """Stubs that answer."""

    def __init__(self, *definitions: Mapping[str, Any], **kit: Any) -> None:
        self.state = State(MemoryStore())
        limits = kit.pop("limits", TemplateLimits())
        self.kit = Kit(lambda: Templates(names=NAMES, limits=limits), self.state, **kit)
        self.stubs = StubSet([HttpStubCompiler(self.kit)], states=self.state.scenarios)
        self.sent: list[Any] = []
        for definition in definitions:
            self.stubs.put(definition)
        self._responder = StubResponder(self.stubs, self.kit, self._after)
        self.exchange: Exchange | None = None
        """The last one."""

    def ask(self, asked: Request) -> Response | None:
        """The answer to one request; delays are waited for."""
        exchange = self.exchange = Exchange(asked)
        answer = self._responder.respond(exchange)
        if isinstance(answer, Awaitable):
            return anyio.run(_awaited, answer)
        return answer

    def get(self, target: str, **headers: str) -> Response | None:
        """The answer to a GET."""
        return self.ask(request("GET", target, headers))

    def _after(self, turn: Turn) -> None:
        self.sent += [webhook.make(turn) for webhook in turn.stub.action.webhooks]


async def _awaited(answer: Awaitable[Response]) -> Response:
    return await answer


def body_of(response: Response | None) -> bytes:
    """The whole body, whether it is streamed or not."""
    assert response is not None
    if response.stream is None:
        return response.body

    async def collect() -> bytes:
        assert response is not None
        assert response.stream is not None
        return b"".join([piece async for piece in response.stream])

    return anyio.run(collect)


def answers(spec: Any, asked: Request, **kit: Any) -> bool:
    """Whether a stub with this ``request`` answers."""
    return Serving({"request": spec, "response": {}}, **kit).ask(asked) is not None


def problems(definition: Mapping[str, Any], **kit: Any) -> list[str]:
    """What is wrong with a definition: place and message of each."""
    try:
        Serving({"id": "x", **definition}, **kit)
    except StubErrors as errors:
        return [str(error) for error in errors.errors]
    except StubError as error:
        return [str(error)]
    return []
