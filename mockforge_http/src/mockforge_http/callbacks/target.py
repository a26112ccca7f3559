"""Where a request is to go, and whether it may.

The address that was found to be allowed is the one that is connected to, so that a name cannot lead to one
place when it is checked and to another when it is used.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

import anyio

from mockforge_http.hosts import Address, HostPattern, plain_address

_PORTS: Final = {"http": 80, "https": 443}
_SAFE: Final = "%/:=&?~+!$,;'@()*[]"


class RefusedError(Exception):
    """A request that is not sent, and why."""


class Target(NamedTuple):
    """An address as it is dialled: ``path`` is the request target with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The ``Host`` field (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if _PORTS[self.scheme] == self.port else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """``url``, which must be absolute; RefusedError says what is wrong with it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise RefusedError(f"{url} is no URL ({error})") from None
    if parts.scheme not in _PORTS or not host:
        raise RefusedError(f"{url!r} is not an absolute http or https URL")
    if parts.username is not None:
        raise RefusedError("the URL holds a user name, which is not sent")
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise RefusedError(f"{host!r} is no host name") from None
    path = quote(parts.path or "/", _SAFE)
    query = f"?{quote(parts.query, _SAFE)}" if parts.query else ""
    return Target(
        parts.scheme, host.rstrip(".").lower(), port or _PORTS[parts.scheme], path + query
    )


async def allowed_address(target: Target, allow: Sequence[HostPattern]) -> str:
    """The address to connect to; RefusedError if ``allow`` does not let requests go there."""
    if not allow:
        raise RefusedError("`http.callbacks.allow` names no host")
    refused: str | None = None
    for text in await _addresses(target):
        reason = _refusal(target, plain_address(text), allow)
        if reason is None:
            return text
        refused = reason
    raise RefusedError(refused or f"{target.host} has no address")


async def _addresses(target: Target) -> Iterable[str]:
    found = await anyio.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return dict.fromkeys(str(entry[4][0]) for entry in found)


def _refusal(target: Target, address: Address, allow: Sequence[HostPattern]) -> str | None:
    if any(pattern.names(target.host, target.port, address) for pattern in allow):
        return None
    if not any(pattern.covers(target.host, target.port) for pattern in allow):
        return f"{target.authority} is not among `http.callbacks.allow`"
    if not address.is_global or address.is_multicast:
        return f"{target.host} is {address}, an address of this machine or network; name it to allow it"
    return None
