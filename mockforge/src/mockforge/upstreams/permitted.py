"""Which addresses of a host may be connected to, by a list of patterns.

The addresses that were found to be allowed are the ones that are connected to, so that a name cannot lead to
one place when it is checked and to another when it is used.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

import anyio

from mockforge.upstreams.hosts import Address, HostPattern, plain_address


class RefusedError(Exception):
    """A request that is not sent, and why."""


async def permitted_addresses(
    host: str, port: int, allow: Sequence[HostPattern], *, setting: str
) -> list[str]:
    """The addresses of ``host`` that requests may be sent to, in the order to try them.

    RefusedError if there is none; it names the ``setting`` that ``allow`` comes from. OSError: the name
    cannot be resolved.
    """
    if not allow:
        raise RefusedError(f"`{setting}` names no host")
    if not any(pattern.may_allow(host, port) for pattern in allow):
        # Asking for the address of a host tells others of it.
        raise RefusedError(f"{host}:{port} is not among `{setting}`")
    refused: str | None = None
    permitted = []
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for text in dict.fromkeys(str(entry[4][0]) for entry in found):
        reason = _refusal(host, port, plain_address(text), allow, setting)
        if reason is None:
            permitted.append(text)
        else:
            refused = reason
    if not permitted:
        raise RefusedError(refused or f"{host} has no address")
    return permitted


def _refusal(
    host: str, port: int, address: Address, allow: Sequence[HostPattern], setting: str
) -> str | None:
    if any(pattern.names(host, port, address) for pattern in allow):
        return None
    if not any(pattern.covers(host, port) for pattern in allow):
        return f"{host}:{port} is not among `{setting}`"
    if not address.is_global or address.is_multicast:
        return f"{host} is {address}, an address of this machine or network; name it to allow it"
    return None
