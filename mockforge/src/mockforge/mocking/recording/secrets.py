"""What is never written down: volatile headers, and what is secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from mockforge.observe.journal.redaction import DEFAULT_REDACT, REDACTED

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Request

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


class Secrets:
    """What is not written down. ``names`` (``core.redact``) are header fields, query parameters, form fields
    and members of JSON; of headers and parameters the usual ones are covered in any case."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(name.strip().lower() for name in names)
        self._everywhere = self.names | frozenset(DEFAULT_REDACT)

    def is_header(self, name: str) -> bool:
        """Whether the values of header ``name`` are secret."""
        return name.lower() in self._everywhere

    def open_headers(self, names: Iterable[str]) -> frozenset[str]:
        """Those among ``names`` whose values are not secret, in lower case."""
        return frozenset(name.lower() for name in names if not self.is_header(name))

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
    headers: Iterable[tuple[str, str]], secrets: Secrets, drop: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """The response headers to write down; ``drop`` holds further names, in lower case."""
    return tuple(
        (name, secrets.header(name, value))
        for name, value in headers
        if (key := name.lower()) not in VOLATILE
        and key not in drop
        and not key.startswith(_VOLATILE_PREFIX)
    )


def matched_headers(request: Request, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The headers of ``request`` that its stub is to match, of repeated ones the first line; ``names`` are in
    lower case."""
    found: dict[str, tuple[str, str]] = {}
    for raw_name, value in request.raw_headers if names else ():
        name = raw_name.decode("latin-1")
        if name.lower() in names:
            found.setdefault(name.lower(), (name, value.decode("latin-1")))
    return tuple(found.values())


def without_secrets(value: Any, secrets: Secrets) -> tuple[Any, bool]:
    """A JSON ``value`` without its secret members, and whether there were any."""
    if isinstance(value, dict):
        made = {}
        hidden = False
        for name, item in value.items():
            if secrets.is_member(name):
                hidden = True
                continue
            made[name], inside = without_secrets(item, secrets)
            hidden = hidden or inside
        return made, hidden
    if isinstance(value, list):
        items = [without_secrets(item, secrets) for item in value]
        return [item for item, _ in items], any(inside for _, inside in items)
    return value, False


def redact(value: Any, secrets: Secrets) -> bool:
    """Put :data:`REDACTED` in the place of secret members of ``value``; whether there were any."""
    found = False
    if isinstance(value, dict):
        for name, item in value.items():
            if secrets.is_member(name):
                value[name] = REDACTED
                found = True
            else:
                found = redact(item, secrets) or found
    elif isinstance(value, list):
        for item in value:
            found = redact(item, secrets) or found
    return found
