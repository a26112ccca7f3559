"""A document as it is served: channels at paths, and the messages that go each way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mockforge.mocking.data.model import Dialect, Schema


class Payload(msgspec.Struct, frozen=True):
    """A schema, the ``base`` of its references, and the wording it is in."""

    schema: Schema
    base: str
    dialect: Dialect
    label: str | None = None


class Message(msgspec.Struct, frozen=True):
    """One message. ``kind`` is how it goes over the wire (:mod:`.formats`), ``payload`` is ``None`` where
    anything goes, ``examples`` are payloads, ``correlation`` are the tokens of the pointer to what ties a
    reply to its request."""

    name: str
    kind: str
    payload: Payload | None
    examples: tuple[Any, ...] = ()
    correlation: tuple[str, ...] | None = None


class Operation(msgspec.Struct, frozen=True):
    """What the application does on a channel: ``receive`` or ``send`` (``action``) these messages, answered
    by the first of ``replies``, or, where it sends, by any of them."""

    id: str
    action: str
    messages: tuple[Message, ...]
    replies: tuple[Message, ...] = ()


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of an address: its values (none: any), and where messages carry it."""

    values: tuple[str, ...] = ()
    location: tuple[str, ...] | None = None


class Channel(msgspec.Struct, frozen=True):
    """All that happens on one path: that of one channel, or of several with the same address."""

    id: str
    path: str
    line: int
    column: int
    file: str
    parameters: Mapping[str, Parameter]
    operations: tuple[Operation, ...]
    query: Payload | None = None
    headers: Payload | None = None


class Api(msgspec.Struct, frozen=True):
    """A document: its title, and its channels on WebSocket servers."""

    title: str
    channels: tuple[Channel, ...]
