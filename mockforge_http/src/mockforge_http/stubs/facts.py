"""What stubs look at in a request, each decoded when first asked for and then shared by all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from mockforge.mocking.matching import Content
from mockforge_http.bodies.coding import decode_content
from mockforge_http.parameters.cookies import split_cookies
from mockforge_http.values.malformed import MalformedError

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange, Request

MOST_FIELDS: Final = 10_000
"""Query parameters that are looked at; further ones are not seen."""
LARGEST_BODY: Final = 16 * 1024**2
"""Most bytes that a compressed body is decoded to; a larger one is matched as it was sent."""

_NOTHING: Final[Sequence[str]] = ()


class Facts:
    """One request, for criteria. No view raises."""

    __slots__ = ("_content", "_cookies", "_query", "exchange", "request")

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.request = exchange.request
        self._query: Mapping[str, list[str]] | None = None
        self._cookies: Mapping[str, list[str]] | None = None
        self._content: Content | None = None

    @property
    def query(self) -> Mapping[str, list[str]]:
        """Query parameters, decoded (``+`` is a space), by name and in order."""
        query = self._query
        if query is None:
            query = self._query = _fields(self.request.query)
        return query

    @property
    def cookies(self) -> Mapping[str, list[str]]:
        """Cookies as sent (RFC 6265 section 5.4), without the quotes around a value."""
        cookies = self._cookies
        if cookies is None:
            text = self.request.header("cookie")
            cookies = self._cookies = split_cookies(text) if text else {}
        return cookies

    @property
    def content(self) -> Content | None:
        """The body, any compression undone; ``None`` if there is none."""
        content = self._content
        if content is None:
            request = self.request
            if not request.body:
                return None
            content = self._content = Content(_decoded(request), request.header("content-type"))
        return content

    def header(self, name: bytes) -> Sequence[str]:
        """The values of a header, by lower-case name: one for each line."""
        value = self.request.fields.get(name)
        if value is None:
            return _NOTHING
        if b", " in value:  # lines may have been joined
            return [
                line.decode("latin-1")
                for given, line in self.request.raw_headers
                if given.lower() == name
            ]
        return (value.decode("latin-1"),)

    @property
    def hosts(self) -> Sequence[str]:
        """The host that was asked for, in lower case: its name and, with a port, both together."""
        host = self.request.header("host").lower()
        name, colon, port = host.rpartition(":")
        if colon and port.isdecimal():
            return (name, host)
        return (host,) if host else _NOTHING

    @property
    def clients(self) -> Sequence[str]:
        """The client's address without its port."""
        client = self.request.client
        host, colon, port = client.rpartition(":")
        address = host.strip("[]") if colon and port.isdecimal() else client
        return (address,) if address else _NOTHING


def _fields(query: str) -> Mapping[str, list[str]]:
    if not query:
        return {}
    parts = query.split("&", MOST_FIELDS)[:MOST_FIELDS]
    fields: dict[str, list[str]] = {}
    if "%" in query or "+" in query:
        for name, value in parse_qsl("&".join(parts), keep_blank_values=True):
            fields.setdefault(name, []).append(value)
        return fields
    for part in parts:
        if part:
            name, _, value = part.partition("=")
            fields.setdefault(name, []).append(value)
    return fields


def _decoded(request: Request) -> bytes:
    coding = request.fields.get(b"content-encoding")
    if coding is None:
        return request.body
    try:
        return decode_content(request.body, coding.decode("latin-1"), LARGEST_BODY)
    except MalformedError:  # then it is matched as it was sent
        return request.body
