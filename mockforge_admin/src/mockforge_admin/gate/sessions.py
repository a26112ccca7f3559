"""Logins of the page: a cookie that says until when, signed with the token.

Nothing is kept for them, so nothing can be filled up; a new token ends them all.
"""

from __future__ import annotations

import hashlib
import hmac
from time import time
from typing import Final

COOKIE: Final = "mockforge_admin"
_CONTEXT: Final = b"mockforge-admin session "


class Sessions:
    """``token`` is the secret, ``seconds`` how long a login holds."""

    def __init__(self, token: str, seconds: float) -> None:
        self._key = token.encode()
        self.seconds = seconds

    def begin(self) -> str:
        """The value of a new cookie."""
        until = f"{time() + self.seconds:.0f}"
        return f"{until}.{self._signature(until)}"

    def holds(self, cookie: str) -> bool:
        """Whether ``cookie`` is one of ours that is not over yet."""
        until, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(until).encode()):
            return False
        return until.isdecimal() and int(until) > time()

    def _signature(self, until: str) -> str:
        return hmac.new(self._key, _CONTEXT + until.encode(), hashlib.sha256).hexdigest()
