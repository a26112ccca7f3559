"""What the mock sends on a channel: declared examples, or data made from the schema."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET

from mockforge.errors import MockForgeError
from mockforge.mocking.data.values import copied
from mockforge_ws.asyncapi.files import INDEX
from mockforge_ws.asyncapi.formats import JSON, TEXT

if TYPE_CHECKING:
    from mockforge.mocking.data import Generator
    from mockforge_ws.asyncapi.model import Message, Parameter
    from mockforge_ws.asyncapi.resolving import Schemas
    from mockforge_ws.wire import Data

log = logging.getLogger("mockforge.ws")

Tokens = tuple[str, ...]
_BYTES: Final = 1_000


class Outgoing:
    """A message that is sent; ``name`` and ``operation`` say which. Not for use by two threads at once."""

    __slots__ = ("_examples", "_generator", "_kind", "_places", "broken", "correlation", "name",
                 "operation")  # fmt: skip

    def __init__(
        self,
        message: Message,
        operation: str,
        schemas: Schemas,
        parameters: Mapping[str, Parameter],
        *,
        dynamic: bool,
    ) -> None:
        """UnsatisfiableError: no value fits the schema."""
        self.name = message.name
        self.operation = operation
        self.correlation = message.correlation
        self._kind = message.kind
        self._examples = message.examples
        self._generator: Generator | None = None
        payload = message.payload
        if payload is not None and (dynamic or not message.examples):
            from mockforge.mocking.data import compile_generator

            self._examples = ()
            self._generator = compile_generator(
                payload.schema,
                payload.base,
                resolver=schemas,
                dialect=payload.dialect,
                use_examples=not dynamic,
                name=payload.label,
            )
        self._places = [
            (name, each.location) for name, each in parameters.items() if each.location is not None
        ]
        self.broken = False

    @property
    def silent(self) -> bool:
        """Whether there is nothing to send: neither a schema nor an example."""
        return self._generator is None and not self._examples

    @property
    def memory_bytes(self) -> int:
        """Estimate of what is held besides examples; it grows when messages are made."""
        return _BYTES + (0 if self._generator is None else self._generator.footprint())

    def make(
        self, chance: Random, number: int, parameters: Mapping[str, str], related: Any = UNSET
    ) -> Data | None:
        """The ``number``-th of these messages on a connection whose path has these ``parameters``;
        ``related`` goes where the correlation id belongs. ``None``: it cannot be made, which is logged
        once."""
        if self.broken or self.silent:
            return None
        try:
            value = self._value(chance, number)
        except MockForgeError as error:
            self.broken = True
            log.error(  # noqa: TRY400 - the place and the reason say it all
                "message %s of %s cannot be made: %s", self.name, self.operation, error
            )
            return None
        for name, location in self._places:
            if name in parameters:
                value = _agree(value, location, parameters[name])
        if related is not UNSET and self.correlation is not None:
            value = put(value, self.correlation, related)
        return _encoded(value, self._kind)

    def _value(self, chance: Random, number: int) -> Any:
        if self._generator is not None:
            return self._generator.generate(chance)
        return copied(self._examples[number % len(self._examples)])


def find(value: Any, tokens: Tokens) -> Any:
    """What a pointer leads to; UNSET if that is nothing."""
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and INDEX.fullmatch(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            return UNSET
    return value


def put(value: Any, tokens: Tokens, new: Any) -> Any:
    """``value`` with ``new`` where a pointer leads to; objects on the way are made where they are absent.
    What is no object has no room for it, and stays as it is."""
    if not tokens:
        return new
    holder = value
    for token in tokens[:-1]:
        inside = isinstance(holder, dict)
        holder = holder.setdefault(token, {}) if inside else find(holder, (token,))
    last = tokens[-1]
    if isinstance(holder, dict):
        holder[last] = new
    elif isinstance(holder, list) and find(holder, (last,)) is not UNSET:
        holder[int(last)] = new
    return value


def _agree(value: Any, location: Tokens, text: str) -> Any:
    """``value`` with the parameter ``text`` at its location, where there is a value: as a number if that is
    one."""
    current = find(value, location)
    if current is UNSET:
        return value
    if isinstance(current, bool | dict | list | None):
        return value
    new: Any = text
    if isinstance(current, int | float):
        try:
            new = type(current)(text)
        except ValueError:
            return value
    return put(value, location, new)


def _encoded(value: Any, kind: str) -> Data:
    if kind == JSON:
        return _json(value)
    if kind == TEXT:
        return value if isinstance(value, str) else _json(value)
    return (value if isinstance(value, str) else _json(value)).encode("utf-8", "replace")


def _json(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except OverflowError:  # an integer of more than 64 bits
        return json.dumps(value, separators=(",", ":"))
