"""Why there is no answer of an upstream server to pass on."""

from __future__ import annotations

from mockforge.mocking.exchange import BrokenOffError


class UpstreamError(BrokenOffError):
    """To be answered with ``status`` and the problem ``code``; the text is the detail. Where the answer has
    begun already, it breaks off."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
