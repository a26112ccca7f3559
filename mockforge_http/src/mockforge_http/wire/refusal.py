"""What the wire itself refuses: the status, a stable code, and a sentence a person can act on."""

from __future__ import annotations

from mockforge.mocking.exchange import Exchange, Response
from mockforge.observe.budget import MemoryBudget
from mockforge_http.problems import problem


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """A request that is not given to the application. The connection is closed after the answer.

    ``code`` ends the ``type`` of the problem document (RFC 9457) and is the key in
    :attr:`WireStats.errors <mockforge_http.wire.stats.WireStats.errors>`.
    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail

    def fill(self, exchange: Exchange) -> Response:
        """Make this the end of ``exchange``: its answer, which is returned, and why."""
        headers = [("Retry-After", "1")] if self.status == 503 else []
        exchange.response = problem(self.status, self.code, self.detail, headers=headers)
        exchange.error = self.detail
        return exchange.response


def bad_request(code: str, detail: str) -> Refusal:
    """A 400."""
    return Refusal(400, code, detail)


def too_many_connections(most: int) -> Refusal:
    """The 503 for a connection past ``max_connections``."""
    return Refusal(
        503,
        "too-many-connections",
        f"{most} connections are open, as many as may be: close some or raise http.max_connections.",
    )


def over_budget(budget: MemoryBudget) -> Refusal:
    """The 503 for a connection while the process takes more memory than it may."""
    return Refusal(503, "memory-budget", budget.refusal())


def too_slow(part: str, limit: float) -> Refusal:
    """The 408 for a ``part`` (head, body) that did not come within ``limit`` seconds."""
    return Refusal(
        408,
        f"{part}-timeout",
        f"The request {part} did not arrive in time ({limit:g} seconds): send it without pausing, or "
        f"raise http.timeouts.{part}.",
    )


def bodies_held(size: int) -> Refusal:
    """The 503 for a body when ``size`` bytes of bodies, more than ``max_bodies``, are held already."""
    return Refusal(
        503,
        "bodies-held",
        f"The server holds {size} bytes of request bodies, more than it may: try again, or raise "
        "http.max_bodies.",
    )
