"""The one shape that operations of every OpenAPI version are read into.

Schemas stay :class:`~tests.conformance.walk.node.Node`: they are followed and converted where they
are used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from .node import Node

Dialect = Literal["2.0", "3.0", "3.1", "3.2"]
Location = Literal["path", "query", "querystring", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class Media:
    """One way a body is written: media type (or range), schema and examples."""

    name: str
    schema: Node | None = None
    items: Node | None = None
    """``itemSchema`` (3.2): the schema of each element of a sequence."""
    encoding: Node | None = None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; ``style`` is resolved to the default of its location."""

    name: str
    location: Location
    required: bool
    schema: Node | None
    style: str
    explode: bool
    allow_reserved: bool = False
    media: Media | None = None
    """Set where the value is written as ``content``."""
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A request body."""

    required: bool
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A declared response header."""

    name: str
    required: bool
    schema: Node | None
    explode: bool = False
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A declared response. ``media`` is empty where a body is not described."""

    key: str
    media: tuple[Media, ...] = ()
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Credential:
    """A security scheme in use: ``kind`` is apiKey, basic, bearer, digest, none or another name of an
    HTTP scheme; ``name`` and ``location`` belong to apiKey."""

    kind: str
    name: str = ""
    location: str = ""


@dataclass(slots=True)
class Operation:
    """A method on a path. The parts are read when asked for: each may raise
    :class:`~tests.conformance.walk.node.DanglingError`."""

    method: str
    path: str
    """The path template as written."""
    base: str
    """Path of the server, without a slash at the end."""
    node: Node
    parameters: Callable[[], list[Parameter]]
    body: Callable[[], Body | None]
    statuses: tuple[str, ...]
    """Declared status codes, ranges and ``default``, as written."""
    answer: Callable[[str], Answer]
    """The response declared under one of ``statuses``."""
    credentials: Callable[[], list[Credential]]
    twins: list[Operation] = field(default_factory=list)
    """Operations with the same method and a path that matches the same targets."""

    @property
    def label(self) -> str:
        """``GET /pets/{petId}``."""
        return f"{self.method} {self.path}"
