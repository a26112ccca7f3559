"""Why a connection is not passed on."""

from __future__ import annotations

from mockforge.mocking.exchange import Response
from mockforge.mocking.problems import problem


class CallError(Exception):
    """To be answered with :attr:`response`; ``outcome`` is what is counted."""

    def __init__(self, status: int, code: str, message: str, outcome: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.outcome = outcome

    @property
    def response(self) -> Response:
        """A problem document."""
        return problem(self.status, self.code, str(self))


def unreachable(where: str, reason: object) -> CallError:
    """Nobody is there."""
    return CallError(
        502, "upstream-unreachable", f"{where} cannot be reached: {_text(reason)}.", "unreachable"
    )


def broken(where: str, reason: object) -> CallError:
    """What came is no answer to a handshake, or not a whole one."""
    return CallError(
        502, "upstream-broken", f"{where} did not agree to WebSocket: {_text(reason)}.", "failed"
    )


def _text(reason: object) -> str:
    return (str(reason) or type(reason).__name__).rstrip(".")
