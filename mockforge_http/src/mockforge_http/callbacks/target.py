"""Where a request is to go, and whether it may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from mockforge.upstreams.address import authority_of, host_name
from mockforge.upstreams.hosts import HostPattern
from mockforge.upstreams.permitted import RefusedError, permitted_addresses
from mockforge_http.upstreams import PORTS

__all__ = ["RefusedError", "Target", "allowed_addresses", "parse_target"]

_SAFE: Final = "%/:=&?~+!$,;'@()*[]"


class Target(NamedTuple):
    """An address as it is dialled: ``path`` is the request target with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The ``Host`` field."""
        return authority_of(self.scheme, self.host, self.port)


def parse_target(url: str) -> Target:
    """``url``, which must be absolute; RefusedError says what is wrong with it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise RefusedError(f"{url} is no URL ({error})") from None
    if parts.scheme not in PORTS or not host:
        raise RefusedError(f"{url!r} is not an absolute http or https URL")
    if parts.username is not None:
        raise RefusedError("the URL holds a user name, which is not sent")
    try:
        host = host_name(host)
    except UnicodeError:
        raise RefusedError(f"{host!r} is no host name") from None
    path = quote(parts.path or "/", _SAFE)
    query = f"?{quote(parts.query, _SAFE)}" if parts.query else ""
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path + query)


async def allowed_addresses(target: Target, allow: Sequence[HostPattern]) -> list[str]:
    """The addresses to connect to, in order; RefusedError if ``allow`` does not let requests go there."""
    return await permitted_addresses(
        target.host, target.port, allow, setting="http.callbacks.allow"
    )
