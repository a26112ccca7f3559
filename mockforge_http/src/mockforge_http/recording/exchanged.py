"""What is kept of one exchange until it is written, and what is never kept: volatile and secret headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

from mockforge.observe.journal.redaction import DEFAULT_REDACT, REDACTED

VOLATILE: Final = frozenset(
    {
        "age",
        "alt-svc",
        "cf-ray",
        "date",
        "nel",
        "report-to",
        "server",
        "server-timing",
        "traceparent",
        "tracestate",
        "via",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-amz-id-2",
        "x-amzn-requestid",
        "x-amzn-trace-id",
        "x-cache",
        "x-cache-hits",
        "x-cloud-trace-context",
        "x-correlation-id",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-ratelimit-used",
        "x-request-id",
        "x-response-time",
        "x-runtime",
        "x-served-by",
        "x-timer",
        "x-trace-id",
    }
)
"""Response headers that say something about one answer alone."""
_VOLATILE_PREFIX: Final = ("x-b3-", "x-datadog-", "uber-trace-")
_WITH_URLS: Final = frozenset({"content-location", "link", "location", "refresh"})
_PARAMETER: Final = re.compile(r"(?<=[?&#])([^=&#>\s]+)=([^&#>\s]*)")
COST: Final = 2_000
"""About what an exchange holds besides its bodies."""


class Exchanged(NamedTuple):
    """A request and its answer. ``matched`` are the request headers that stubs are to match."""

    method: str
    path: str
    query: str
    media_type: str
    matched: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    answer: bytes


class Secrets:
    """What is not written down. ``names`` (``core.redact``) are header fields, query parameters, form fields
    and members of JSON; of headers and parameters the usual ones are covered in any case."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(name.strip().lower() for name in names)
        self._everywhere = self.names | frozenset(DEFAULT_REDACT)

    def is_header(self, name: str) -> bool:
        """Whether the values of header ``name`` are secret."""
        return name.lower() in self._everywhere

    def is_parameter(self, name: str) -> bool:
        """Whether the values of the query parameter ``name`` are secret."""
        return name.lower() in self._everywhere

    def is_member(self, name: str) -> bool:
        """Whether the values of a form field or JSON member ``name`` are secret."""
        return name.lower() in self.names

    def header(self, name: str, value: str) -> str:
        """``value`` as it may be written down. A cookie keeps its name and attributes, so that clients go
        on as they would."""
        if name.lower() in _WITH_URLS:
            value = _PARAMETER.sub(self._parameter, value)
        if not self.is_header(name):
            return value
        if name.lower() == "set-cookie":
            pair, semicolon, attributes = value.partition(";")
            cookie, equals, _ = pair.partition("=")
            return f"{cookie}{equals}redacted{semicolon}{attributes}" if equals else REDACTED
        return REDACTED

    def _parameter(self, found: re.Match[str]) -> str:
        name = found[1]
        return f"{name}=redacted" if self.is_parameter(unquote_plus(name)) else found[0]


def kept_headers(
    method: str, headers: Iterable[tuple[str, str]], secrets: Secrets, drop: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """The response headers to write down of an answer to ``method``; ``drop`` holds further names, in lower
    case."""
    # The length of a body is the wire's to write, but HEAD has none that it could be taken from.
    gone = drop if method == "HEAD" else drop | {"content-length"}
    return tuple(
        (name, secrets.header(name, value))
        for name, value in headers
        if (key := name.lower()) not in VOLATILE
        and key not in gone
        and not key.startswith(_VOLATILE_PREFIX)
    )
