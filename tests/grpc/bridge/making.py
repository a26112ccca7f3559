"""A schema, an application, and HTTP requests without a server."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge_grpc.bridge.front import Front
from mockforge_grpc.bridge.settings import BridgeSettings
from mockforge_grpc.schema import Schema, load_schema
from mockforge_grpc.status import Code, Status
from mockforge_grpc.transport.call import Application, Call, EndedBy, Receiver

PROTO = Path(__file__).parent / "library.proto"
SERVICE = "library.v1.Library"


@functools.cache
def library() -> Schema:
    """The schema of library.proto."""
    return load_schema([PROTO])


def message(type_name: str, /, **fields: Any) -> bytes:
    """A message of the library as bytes."""
    kind = library().message_type(type_name if "." in type_name else f"library.v1.{type_name}")
    assert kind is not None
    return kind.from_json(fields).SerializeToString()


def book(**fields: Any) -> bytes:
    """A book as bytes."""
    return message("Book", **fields)


class Heard(Receiver):
    """Collects what a call brings; ``answer`` is asked once the client sends no more, ``each`` at every
    message."""

    def __init__(
        self,
        call: Call,
        answer: Callable[[Heard], None] | None,
        each: Callable[[Heard], None] | None = None,
    ) -> None:
        self.call = call
        self.messages: list[bytes] = []
        self.half = False
        self.writables = 0
        self.end: tuple[Status, str] | None = None
        self._answer = answer
        self._each = each

    def message(self, data: bytes) -> None:
        self.messages.append(data)
        if self._each is not None:
            self._each(self)

    def half_closed(self) -> None:
        self.half = True
        if self._answer is not None:
            self._answer(self)

    def writable(self) -> None:
        self.writables += 1

    def ended(self, status: Status, *, by: EndedBy) -> None:
        self.end = (status, by)

    def json(self, position: int = 0) -> Any:
        """A message of the request in its JSON form."""
        method = library().method(self.call.path)
        assert method is not None
        kind = method.input
        return kind.to_json(kind.parse(self.messages[position]))


class Scripted(Application):
    """Answers every call by ``answer``, and remembers what it heard."""

    def __init__(
        self,
        answer: Callable[[Heard], None] | None = None,
        each: Callable[[Heard], None] | None = None,
    ) -> None:
        self._answer = answer
        self._each = each
        self.heard: list[Heard] = []

    def begin(self, call: Call) -> Receiver:
        made = Heard(call, self._answer, self._each)
        self.heard.append(made)
        if library().method(call.path) is None:
            call.finish(Status(Code.UNIMPLEMENTED, f"no method {call.path}"))
        return made

    @property
    def last(self) -> Heard:
        """The last call."""
        return self.heard[-1]


def sends(*messages: bytes, status: Status | None = None) -> Callable[[Heard], None]:
    """An answer of these messages."""

    def answer(heard: Heard) -> None:
        for each in messages:
            heard.call.send(each)
        heard.call.finish(status or Status(Code.OK))

    return answer


def fails(code: Code, text: str = "", details: tuple[bytes, ...] = ()) -> Callable[[Heard], None]:
    """An answer that is an error."""
    return sends(status=Status(code, text, details))


class Answered(NamedTuple):
    """An answer as a client sees it."""

    status: int
    headers: dict[str, str]
    body: bytes
    exchange: Exchange

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


def request_of(
    method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> Exchange:
    """An exchange for a request."""
    fields = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Exchange(Request(method, target, fields, body, client="127.0.0.1:5"))


async def answer_to(front: Front, exchange: Exchange) -> Response | None:
    """What the front answers."""
    answer = front.respond(exchange, exchange.request.path)
    if answer is None or isinstance(answer, Response):
        return answer
    return await answer


async def read(response: Response) -> bytes:
    """The whole content of an answer."""
    if response.stream is None:
        return response.body
    return b"".join([piece async for piece in response.stream])


def ask(
    application: Application,
    method: str,
    target: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    json_body: Any = None,
    settings: BridgeSettings | None = None,
) -> Answered:
    """One request, answered. Fails if it is for nobody."""
    found = ask_maybe(
        application,
        method,
        target,
        headers=headers,
        body=json.dumps(json_body).encode() if json_body is not None else body,
        settings=settings,
    )
    assert found is not None, "nobody answered"
    return found


def ask_maybe(
    application: Application,
    method: str,
    target: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    settings: BridgeSettings | None = None,
) -> Answered | None:
    """One request, and its answer if it is for the bridge."""
    exchange = request_of(method, target, headers, body)

    async def run() -> Answered | None:
        front = Front(application, library(), settings or BridgeSettings())
        response = await answer_to(front, exchange)
        if response is None:
            return None
        content = await read(response)
        names = {name.lower(): value for name, value in response.headers}
        return Answered(response.status, names, content, exchange)

    return asyncio.run(run())


def rpc(name: str) -> str:
    """The path of a method of the library."""
    return f"/{SERVICE}/{name}"


def details_of(*pairs: tuple[str, bytes]) -> tuple[bytes, ...]:
    """Serialised Any messages, by type name and value."""
    from google.protobuf.any_pb2 import Any as AnyMessage

    return tuple(
        AnyMessage(type_url=f"type.googleapis.com/{name}", value=value).SerializeToString()
        for name, value in pairs
    )
