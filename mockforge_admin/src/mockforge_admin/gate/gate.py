"""The gate: what is asked of every request before anything else is done with it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final, NamedTuple

from mockforge.errors import StartError
from mockforge_admin.config import AdminConfig
from mockforge_admin.gate.names import host_name, is_known, is_loopback, same_origin
from mockforge_admin.gate.sessions import Sessions

OPEN: Final = frozenset({"/__mockforge/health/live", "/login"})
"""What can be asked without a token."""
OPEN_BELOW: Final = "/static/"
_BEARER: Final = "bearer "


class Refusal(NamedTuple):
    """Why a request does not come in."""

    status: int
    code: str
    detail: str


class Gate:
    """Made from the settings. ``sessions`` are the logins, where there is a token."""

    def __init__(self, config: AdminConfig) -> None:
        self._token = None if config.token is None else config.token.encode()
        self._names = (*config.hosts, *_own_name(config.host))
        self.sessions = (
            None if config.token is None else Sessions(config.token, float(config.session))
        )

    def check(
        self,
        path: str,
        headers: Mapping[str, str],
        *,
        cookie: str | None = None,
        scheme: str = "http",
    ) -> Refusal | None:
        """Why a request for ``path`` is refused, ``None`` if it is not. ``headers`` by any case of name;
        ``cookie`` is the value of :data:`~mockforge_admin.gate.sessions.COOKIE`."""
        return self._wrong_name(headers, scheme) or self._wrong_token(path, headers, cookie)

    def knows(self, token: str) -> bool:
        """Whether ``token`` is the one; takes the same time for all of a length."""
        return self._token is not None and hmac.compare_digest(token.encode(), self._token)

    def _wrong_name(self, headers: Mapping[str, str], scheme: str) -> Refusal | None:
        host = headers.get("Host", "")
        name = host_name(host)
        if name is None or not is_known(name, self._names):
            return Refusal(
                403,
                "foreign-host",
                f"The request was sent to the name {host!r}, which is not one of this server's: add it to "
                "admin.hosts, or use an address.",
            )
        origin = headers.get("Origin")
        if origin is not None and not same_origin(origin, host, scheme):
            return Refusal(
                403, "foreign-origin", f"Pages of {origin} may not use this server's interface."
            )
        if headers.get("Sec-Fetch-Site") == "cross-site" and headers.get("Sec-Fetch-Mode") not in (
            None,
            "navigate",
        ):
            return Refusal(
                403, "foreign-origin", "Pages of other sites may not use this server's interface."
            )
        return None

    def _wrong_token(
        self, path: str, headers: Mapping[str, str], cookie: str | None
    ) -> Refusal | None:
        if self._token is None or path in OPEN or path.startswith(OPEN_BELOW):
            return None
        given = headers.get("Authorization", "")
        if given[: len(_BEARER)].lower() == _BEARER and self.knows(given[len(_BEARER) :].strip()):
            return None
        if cookie is not None and self.sessions is not None and self.sessions.holds(cookie):
            return None
        if given:
            return Refusal(401, "wrong-token", "This is not the token in admin.token.")
        return Refusal(
            401, "token-needed", "Send the token in admin.token: `Authorization: Bearer ...`."
        )


def check_exposure(config: AdminConfig) -> None:
    """StartError if others could reach an admin that asks for no token."""
    if config.token is None and not is_loopback(config.host):
        raise StartError(
            f"the admin would be reached from other machines at {config.host}, and asks for no token",
            hint="set admin.token (MOCKFORGE_ADMIN__TOKEN) to at least 16 characters, or admin.host to "
            "127.0.0.1",
        )


def _own_name(host: str) -> tuple[str, ...]:
    return () if host.startswith("unix:") else (host,)
