"""Keeping secrets out of everything that leaves the journal.

Applied whenever an entry is built: queries, subscriptions, request loggers and the log file see only
redacted entries, and a changed list also covers what was recorded before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from mockforge.explanations import CriterionResult, Explanation

REDACTED: Final = "[redacted]"
"""What stands in for a redacted value."""

DEFAULT_REDACT: Final = (
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api_key",
    "access_token",
)
"""Header fields and query parameters that are redacted unless told otherwise."""


class Redaction:
    """A set of ``names``, any case, of header fields and query parameters whose values are hidden."""

    __slots__ = ("_encoded_names", "names")

    def __init__(self, names: Iterable[str] = DEFAULT_REDACT) -> None:
        self.names = frozenset(name.strip().lower() for name in names)
        self._encoded_names = frozenset(name.encode("latin-1", "replace") for name in self.names)

    def request_headers(
        self, headers: Iterable[tuple[bytes, bytes]]
    ) -> tuple[tuple[str, str], ...]:
        """``headers`` as text (ISO 8859-1, which maps every byte)."""
        secret = self._encoded_names
        return tuple(
            (
                name.decode("latin-1"),
                REDACTED if name.lower() in secret else value.decode("latin-1"),
            )
            for name, value in headers
        )

    def response_headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """``headers`` with the values of listed fields replaced."""
        secret = self.names
        return tuple(
            (name, REDACTED if name.lower() in secret else value) for name, value in headers
        )

    def query(self, query: str) -> str:
        """The query string ``a=1&b=2`` with the values of listed parameters replaced; all else,
        order and percent-encoding included, stays as it was sent."""
        if not query or not self.names:
            return query
        return "&".join(self._parameter(pair) for pair in query.split("&"))

    def explanation(self, explanation: Explanation) -> Explanation:
        """The explanation with what was expected and what came replaced where a criterion looks at a
        listed header, parameter or (if ``cookie`` is listed) cookie."""
        path, mark, query = explanation.request.partition("?")
        return Explanation(
            path + mark + self.query(query),
            tuple(
                msgspec.structs.replace(miss, criteria=tuple(map(self._criterion, miss.criteria)))
                for miss in explanation.near
            ),
            explanation.operations,
        )

    def _criterion(self, result: CriterionResult) -> CriterionResult:
        parts = {part.lower() for part in result.name.split(".")}
        if parts & self.names or ("cookies" in parts and "cookie" in self.names):
            return msgspec.structs.replace(result, expected=REDACTED, actual=REDACTED)
        return result

    def _parameter(self, pair: str) -> str:
        name, equals, _ = pair.partition("=")
        if equals and unquote_plus(name).lower() in self.names:
            return f"{name}={REDACTED}"
        return pair
