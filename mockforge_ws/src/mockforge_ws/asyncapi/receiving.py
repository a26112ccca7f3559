"""What clients may send on a channel, and what is wrong with a message that is none of it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET

from mockforge.findings import Finding
from mockforge_ws.asyncapi.formats import BINARY, JSON
from mockforge_ws.asyncapi.sending import Outgoing
from mockforge_ws.asyncapi.validation import Check, Problem, distance
from mockforge_ws.wire import Data

CODE: Final = "message.invalid"
UNEXPECTED: Final = "message.unexpected"
MAX_EXPLAINED: Final = 50
"""Messages that one is compared with in order to say what is wrong with it."""


class Content:
    """One message that came; read as JSON when that is first asked for."""

    __slots__ = ("_json", "data")

    def __init__(self, data: Data) -> None:
        self.data = data
        self._json: Any = None

    @property
    def json(self) -> Any:
        """The value that it is JSON of; UNSET if it is none."""
        made = self._json
        if made is None:
            try:
                made = (msgspec.json.decode(self.data),)
            except (ValueError, RecursionError):
                made = (UNSET,)
            self._json = made
        return made[0]


class Incoming:
    """A message that clients may send: ``name``, of the operation ``operation``, with the tokens of the
    pointer to its ``correlation``, and how it is answered."""

    __slots__ = ("_check", "_kind", "correlation", "name", "operation", "replies")

    def __init__(
        self,
        name: str,
        operation: str,
        kind: str,
        check: Check | None,
        correlation: tuple[str, ...] | None = None,
        replies: tuple[Outgoing, ...] = (),
    ) -> None:
        self.name = name
        self.operation = operation
        self._kind = kind
        self._check = check
        self.correlation = correlation
        self.replies = replies

    def accepts(self, content: Content) -> bool:
        """Whether that is one."""
        value = self._value(content)
        if value is UNSET:
            return self._kind == BINARY
        return self._check is None or self._check.accepts(value)

    def problems(self, content: Content) -> list[Problem]:
        """What is wrong with it."""
        value = self._value(content)
        if value is UNSET:
            if self._kind == BINARY:
                return []
            return [Problem("", "is no JSON" if self._kind == JSON else "is no text", choice=True)]
        return [] if self._check is None else self._check.problems(value)

    def _value(self, content: Content) -> Any:
        """What the schema is about; UNSET where there is no such thing."""
        if self._kind == JSON:
            return content.json
        return content.data if isinstance(content.data, str) else UNSET


class Verdict(NamedTuple):
    """``message`` is what one is, or comes nearest to; ``findings`` say what is wrong."""

    message: Incoming | None
    findings: tuple[Finding, ...] = ()


class Judge:
    """Tells what messages are."""

    __slots__ = ("_messages",)

    def __init__(self, messages: tuple[Incoming, ...]) -> None:
        self._messages = messages

    def judge(self, content: Content) -> Verdict:
        """The first message that it can be; else the nearest one, with what is wrong."""
        for message in self._messages:
            if message.accepts(content):
                return Verdict(message)
        if not self._messages:
            return Verdict(None, (_UNEXPECTED,))
        told = [(each, each.problems(content)) for each in self._messages[:MAX_EXPLAINED]]
        nearest, problems = min(told, key=lambda pair: distance(pair[1]))
        meant = f"message {nearest.name} of operation {nearest.operation}"
        return Verdict(
            nearest,
            tuple(
                Finding(CODE, each.message, path=each.pointer or "/", hint=f"read as {meant}")
                for each in problems
            ),
        )


_UNEXPECTED: Final = Finding(
    UNEXPECTED,
    "no operation receives messages here",
    hint="an operation with `action: receive` on the channel, or websocket.validation: off",
)
