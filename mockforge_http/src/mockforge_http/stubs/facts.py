"""What stubs look at in a request, each decoded when first asked for and then shared by all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from mockforge.mocking.malformed import MalformedError
from mockforge.mocking.matching import Content
from mockforge.mocking.pairs import split_cookies
from mockforge.mocking.stubs import RequestFacts
from mockforge_http.bodies.coding import decode_content

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange, Request

LARGEST_BODY: Final = 16 * 1024**2
"""Most bytes that a compressed body is decoded to; a larger one is matched as it was sent."""


class Facts(RequestFacts):
    """One request, for criteria. No view raises."""

    __slots__ = ("_content", "_cookies", "exchange")

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange.request)
        self.exchange = exchange
        self._cookies: Mapping[str, list[str]] | None = None
        self._content: Content | None = None

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


def _decoded(request: Request) -> bytes:
    coding = request.fields.get(b"content-encoding")
    if coding is None:
        return request.body
    try:
        return decode_content(request.body, coding.decode("latin-1"), LARGEST_BODY)
    except MalformedError:  # then it is matched as it was sent
        return request.body
