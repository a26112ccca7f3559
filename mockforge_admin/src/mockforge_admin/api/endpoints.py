"""What an endpoint of the API is: one row says everything about it; routes and document are made of rows.

A handler is a function of the :class:`Call`; it returns what is to be answered (anything msgspec can encode),
a :class:`Reply` where status, headers or media type are others, or an :class:`Events` stream. It may be
async. Errors are raised as :class:`ApiError`, or as any MockForgeError, which is 422.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from mockforge.errors import MockForgeError

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

BASE: Final = "/__mockforge"
JSON: Final = "application/json"


class ApiError(MockForgeError):
    """A request that cannot be fulfilled: ``status``, and a ``code`` that programs can test."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.extensions = extensions


class Reply(NamedTuple):
    """An answer that is more than a value. ``body`` is sent as it is where it is bytes, else as JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}
    media_type: str = JSON


class Events(NamedTuple):
    """A stream of server-sent events: whole blocks, each with its empty line (HTML, section 9.2)."""

    blocks: AsyncIterator[bytes]


class Call:
    """One request of the API. ``path`` has the parameters of the path, ``query`` and ``body`` what the
    endpoint's types made of the request (``body`` is bytes where the endpoint takes what comes)."""

    __slots__ = ("admin", "body", "headers", "path", "query")

    def __init__(
        self,
        admin: AdminServer,
        *,
        path: Mapping[str, str],
        query: Any,
        body: Any,
        headers: Mapping[str, str],
    ) -> None:
        self.admin = admin
        self.path = path
        self.query = query
        self.body = body
        self.headers = headers


class Endpoint(NamedTuple):
    """``path`` is below :data:`BASE`, with ``{name}`` for parameters and ``{name:path}`` for one that may
    hold slashes; ``path_schemas`` says what they look like. ``query`` and ``body`` are msgspec structs
    (``body`` may be ``bytes``), ``answer`` is the type of a good answer. ``other_types`` are media types that
    it may have instead of ``media_type``, ``also`` is another good status; ``errors`` are the statuses it may
    have besides those that all have; ``headers`` describes request headers that it reads."""

    method: str
    path: str
    handle: Callable[[Call], Any]
    summary: str
    tag: str
    query: type[msgspec.Struct] | None = None
    body: Any = None
    body_type: str = JSON
    body_required: bool = True
    answer: Any = None
    status: int = 200
    media_type: str = JSON
    errors: Sequence[int] = ()
    description: str = ""
    headers: Mapping[str, str] = {}
    other_types: Sequence[str] = ()
    also: int | None = None
    path_schemas: Mapping[str, Mapping[str, Any]] = {}

    @property
    def name(self) -> str:
        """Its operation id: what handles it."""
        return self.handle.__name__
