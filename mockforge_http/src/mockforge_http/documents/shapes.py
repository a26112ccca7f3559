"""The shapes in which operations are handed out: those of OpenAPI 3, whatever the document's version.

References are resolved in all of them except in schemas, which stay as they are written and know
their *base* (see :class:`.document.Document`). Values are shared: never change them.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from .index import OperationRef

ParameterIn = Literal["path", "query", "header", "cookie", "querystring"]
Style = Literal[
    "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject",
    "tabDelimited", "cookie",
]  # fmt: skip
"""``tabDelimited`` stands for ``collectionFormat: tsv`` of Swagger 2.0; ``cookie`` is of 3.2."""


class Located(NamedTuple):
    """A value as it is written, and the base of the references in it."""

    value: Any
    base: str


class Example(msgspec.Struct, frozen=True):
    """An Example Object. ``value`` is unset if there is only a serialised (3.2) or external form."""

    value: Any = UNSET
    serialized: str | None = None
    external: str | None = None
    summary: str = ""
    description: str = ""


class Encoding(msgspec.Struct, frozen=True):
    """How one property of a form is serialised (Encoding Object). ``None`` is what is not stated: for
    forms it matters whether ``style``, ``explode`` or ``allowReserved`` is. ``allow_empty`` is
    ``allowEmptyValue`` of a form parameter of Swagger 2.0; the last three fields are of 3.2."""

    content_type: str | None = None
    headers: dict[str, Parameter] = {}
    style: Style | None = None
    explode: bool | None = None
    allow_reserved: bool | None = None
    allow_empty: bool | None = None
    encoding: dict[str, Encoding] = {}
    prefix_encoding: tuple[Encoding, ...] = ()
    item_encoding: Encoding | None = None


class MediaType(msgspec.Struct, frozen=True):
    """A Media Type Object under the media type (or range) ``name``. ``item_schema`` (3.2) describes
    one item of a sequence such as JSON lines or server-sent events."""

    name: str
    schema: Located | None = None
    item_schema: Located | None = None
    example: Any | UnsetType = UNSET
    examples: dict[str, Example] = {}
    encoding: dict[str, Encoding] = {}
    prefix_encoding: tuple[Encoding, ...] = ()
    item_encoding: Encoding | None = None
    extensions: dict[str, Any] = {}


class Parameter(msgspec.Struct, frozen=True):
    """A Parameter Object; also a Header Object, whose ``where`` is ``header``. Either ``schema`` (with
    ``style`` and ``explode``) or ``content`` (one entry) describes the value."""

    name: str
    where: ParameterIn
    required: bool
    style: Style
    explode: bool
    allow_reserved: bool = False
    allow_empty: bool = False
    deprecated: bool = False
    schema: Located | None = None
    content: dict[str, MediaType] = {}
    example: Any | UnsetType = UNSET
    examples: dict[str, Example] = {}
    description: str = ""
    extensions: dict[str, Any] = {}


class RequestBody(msgspec.Struct, frozen=True):
    """A Request Body Object."""

    content: dict[str, MediaType]
    required: bool = False
    description: str = ""


class ResponseView(msgspec.Struct, frozen=True):
    """A Response Object. ``links`` are Link Objects as they are written."""

    description: str = ""
    headers: dict[str, Parameter] = {}
    content: dict[str, MediaType] = {}
    links: dict[str, Any] = {}
    extensions: dict[str, Any] = {}


class OperationView(msgspec.Struct, frozen=True):
    """An operation with everything that belongs to it.

    ``parameters`` are the path item's and its own, merged by name and place. ``responses`` are by
    status as it is written, upper-case (``200``, ``4XX``), or ``default``. ``security`` is a list of
    alternatives, each of scheme names to scopes; ``None`` means that no one said anything, ``[]``
    that nothing is needed. ``base_paths`` are those of servers given on the operation or its path
    item; ``None`` means the document's count. ``callbacks`` lead to operations that
    ``Document.operation`` takes in turn; their templates are runtime expressions.
    """

    ref: OperationRef
    parameters: tuple[Parameter, ...] = ()
    request_body: RequestBody | None = None
    responses: dict[str, ResponseView] = {}
    security: list[dict[str, list[str]]] | None = None
    servers: list[dict[str, Any]] | None = None
    base_paths: tuple[str, ...] | None = None
    callbacks: dict[str, tuple[OperationRef, ...]] = {}
    operation_id: str | None = None
    tags: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    deprecated: bool = False
    extensions: dict[str, Any] = {}

    @property
    def template(self) -> str:
        """The path template."""
        return self.ref.template

    @property
    def method(self) -> str:
        """The method, upper-case."""
        return self.ref.method
