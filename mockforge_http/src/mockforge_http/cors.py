"""Cross-origin requests: the answers that browsers want to see (Fetch standard, section 3.2).

A mock is called from a page under development on another port, so by default every origin is allowed,
with credentials. For that the origin has to be named: ``*`` is not accepted together with credentials.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockforge.mocking.exchange import Request, Response
from mockforge_http.config import Cors

_EXPOSED_DEFAULT = "*"
_ALLOWED = "access-control-allow-origin"
_OWN = frozenset(
    {"vary", _ALLOWED, "access-control-allow-credentials", "access-control-expose-headers"}
)
"""Headers that are written here, once each."""


class CorsPolicy:
    """Decides by the ``http.cors`` settings."""

    def __init__(self, config: Cors) -> None:
        self.enabled = config.enabled
        self._every = "*" in config.origins
        self._origins = frozenset(origin.rstrip("/").lower() for origin in config.origins)

    def allows(self, origin: str) -> bool:
        """Whether pages of ``origin`` may read answers."""
        return self._every or origin.lower() in self._origins

    def preflight(self, request: Request, methods: Iterable[str]) -> Response | None:
        """The answer to a preflight, or ``None`` if ``request`` is not one."""
        if not self.enabled or request.method != "OPTIONS":
            return None
        wanted = request.fields.get(b"access-control-request-method")
        origin = request.header("origin")
        if wanted is None or not origin:
            return None
        headers = [
            ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
        ]
        if self.allows(origin):
            asked = request.header("access-control-request-headers")
            headers += [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Allow-Methods", ", ".join(methods) or wanted.decode("latin-1")),
                ("Access-Control-Max-Age", "600"),
            ]
            if asked:
                headers.append(("Access-Control-Allow-Headers", asked))
        return Response(204, headers)

    def share(self, request: Request, response: Response) -> Response:
        """``response`` with the headers that let the page of ``Origin`` read it, unless it names itself who
        may."""
        origin = request.header("origin")
        if not origin or not self.allows(origin):
            return response
        named = response.header(_ALLOWED)
        if named in ("*", "null") or "://" in named:
            return response
        vary = response.header("vary")
        kept = [(name, value) for name, value in response.headers if name.lower() not in _OWN]
        exposed = ", ".join(dict.fromkeys(name for name, _ in kept)) or _EXPOSED_DEFAULT
        return response.replace(
            headers=[
                *kept,
                (
                    "Vary",
                    vary if "origin" in vary.lower() else f"{vary}, Origin".removeprefix(", "),
                ),
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Expose-Headers", exposed),
            ]
        )
