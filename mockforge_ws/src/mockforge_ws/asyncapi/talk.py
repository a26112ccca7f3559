"""What happens on the connections of one channel, compiled from the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mockforge.config.servers import Mode
from mockforge.mocking.data import UnsatisfiableError
from mockforge_ws.asyncapi.model import Channel, Message, Operation, Payload
from mockforge_ws.asyncapi.opening import Opening
from mockforge_ws.asyncapi.receiving import Incoming, Judge
from mockforge_ws.asyncapi.resolving import Schemas
from mockforge_ws.asyncapi.sending import Outgoing
from mockforge_ws.asyncapi.validation import Check, compile_payload


class Manner(NamedTuple):
    """How the settings have documents served: ``mode`` of validation, the ``interval`` in seconds between two
    messages that are sent (0: only the first is), at most ``messages`` of them (0: any number), ``dynamic``:
    new data in place of examples."""

    mode: Mode = "enforce"
    interval: float = 1.0
    messages: int = 0
    dynamic: bool = False


class Talk:
    """``opening`` checks opening requests, ``judge`` what clients send, ``sends`` is what is sent by
    itself."""

    __slots__ = ("judge", "manner", "opening", "sends")

    def __init__(
        self, manner: Manner, opening: Opening, judge: Judge, sends: tuple[Outgoing, ...]
    ) -> None:
        self.manner = manner
        self.opening = opening
        self.judge = judge
        self.sends = sends


class Talks:
    """Makes the talks of one document. ``problems`` is what cannot be sent, and why."""

    def __init__(self, schemas: Schemas, manner: Manner) -> None:
        self._schemas = schemas
        self._manner = manner
        self._checks: dict[tuple[int, str], tuple[Payload, Check]] = {}
        self._sent: list[Outgoing] = []
        self.problems: list[str] = []

    def talk(self, channel: Channel) -> Talk:
        """That of ``channel``. DocumentError: a schema cannot be used."""
        incoming: list[Incoming] = []
        sends: list[Outgoing] = []
        for operation in channel.operations:
            if operation.action == "receive":
                replies = tuple(self._outgoing(operation, operation.replies, channel))
                incoming += [
                    self._incoming(each, operation, replies) for each in operation.messages
                ]
            else:
                sends += self._outgoing(operation, operation.messages, channel)
                incoming += [self._incoming(each, operation, ()) for each in operation.replies]
        opening = Opening(channel, self._schemas)
        return Talk(self._manner, opening, Judge(tuple(incoming)), tuple(sends))

    def _incoming(
        self, message: Message, operation: Operation, replies: tuple[Outgoing, ...]
    ) -> Incoming:
        check = None if message.payload is None else self._check(message.payload)
        return Incoming(
            message.name, operation.id, message.kind, check, message.correlation, replies
        )

    def _check(self, payload: Payload) -> Check:
        key = (id(payload.schema), payload.base)
        known = self._checks.get(key)
        if known is None:
            known = self._checks[key] = (payload, compile_payload(payload, self._schemas))
        return known[1]

    def _outgoing(
        self, operation: Operation, messages: tuple[Message, ...], channel: Channel
    ) -> Iterator[Outgoing]:
        for message in messages:
            what = f"message {message.name} of operation {operation.id} is not sent"
            try:
                made = Outgoing(
                    message,
                    operation.id,
                    self._schemas,
                    channel.parameters,
                    dynamic=self._manner.dynamic,
                )
            except UnsatisfiableError as error:
                self.problems.append(f"{what}: {error.message}")
                continue
            if made.silent:
                self.problems.append(f"{what}: it has no schema that can be read, and no example")
            else:
                self._sent.append(made)
                yield made

    def memory_bytes(self) -> int:
        """Estimate of what checks and generators hold."""
        checks = sum(check.size for _, check in self._checks.values())
        return checks + sum(each.memory_bytes for each in self._sent)
