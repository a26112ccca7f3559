"""The security requirements of an operation: alternatives, each a set of schemes that must all hold
(OpenAPI 3.1.1 section 4.8.30)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockforge.mocking.exchange import Request
from mockforge_http.security.schemes import Scheme, compile_scheme


class Denial(NamedTuple):
    """Why a request is not let in: a sentence for each scheme that does not hold, of the alternative
    that came nearest, and the challenges of all alternatives."""

    reasons: tuple[tuple[str, str], ...]
    """Name of the scheme, and the sentence."""
    challenges: tuple[str, ...]


class SecurityCheck:
    """The requirements of one operation, compiled.

    ``requirements`` is the operation's ``security`` (else the document's), ``schemes`` the document's
    security schemes by name. No requirement at all, or an empty one among the alternatives (``{}``),
    lets everything pass. A requirement that names a scheme which is not declared can never hold.
    """

    def __init__(
        self,
        requirements: Sequence[Mapping[str, Any]],
        schemes: Mapping[str, Mapping[str, Any]],
    ) -> None:
        compiled = {name: compile_scheme(name, scheme) for name, scheme in schemes.items()}
        self._alternatives: tuple[tuple[Scheme, ...], ...] = tuple(
            tuple(compiled.get(name) or _undeclared(name) for name in requirement)
            for requirement in requirements
        )
        self.open = not self._alternatives or any(not schemes for schemes in self._alternatives)
        self._challenges = tuple(
            dict.fromkeys(
                scheme.challenge
                for schemes in self._alternatives
                for scheme in schemes
                if scheme.challenge
            )
        )

    def check(self, request: Request) -> Denial | None:
        """``None`` if the request may pass."""
        if self.open:
            return None
        nearest: list[tuple[str, str]] | None = None
        for schemes in self._alternatives:
            failed = [
                (scheme.name, reason)
                for scheme in schemes
                if (reason := scheme.check(request)) is not None
            ]
            if not failed:
                return None
            if nearest is None or len(failed) < len(nearest):
                nearest = failed
        return Denial(tuple(nearest or ()), self._challenges)


def _undeclared(name: str) -> Scheme:
    reason = (
        f"the security scheme {name!r} is not declared in the document, so nothing can satisfy it"
    )
    return Scheme(name, lambda _request: reason, None)
