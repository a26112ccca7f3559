"""Request targets: the four forms of RFC 9112 section 3.2."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from mockforge_http.wire.fields import HOST
from mockforge_http.wire.refusal import bad_request

_ABSOLUTE: Final = re.compile(r"(https?)://([^/?]*)(.*)", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+):[0-9]{1,5}")


class Target(NamedTuple):
    """A target that is not in origin-form: ``path`` is what to route by, ``host`` replaces the Host
    field where the target names one."""

    path: str
    host: bytes | None = None
    scheme: str = "http"


def resolve(method: str, target: str) -> Target:
    """What ``target`` means for ``method``; :class:`Refusal` where the two do not fit."""
    if method == "CONNECT":
        if _AUTHORITY.fullmatch(target):
            return Target(target)
        raise bad_request(
            "bad-target", "CONNECT takes host:port as its target (RFC 9112 section 3.2.3)."
        )
    if target.startswith("/"):
        return Target(target)
    if target == "*" and method == "OPTIONS":
        return Target(target)
    if match := _ABSOLUTE.fullmatch(target):
        scheme, authority, rest = match.groups()
        host = authority.encode("ascii")
        if authority and not authority.startswith(":") and HOST.fullmatch(host):
            if not rest.startswith("/"):
                rest = "*" if not rest and method == "OPTIONS" else "/" + rest
            return Target(rest, host, scheme.lower())
    raise bad_request(
        "bad-target",
        "The request target must be a path that starts with `/`, an http or https URL without user "
        "name, or `*` with OPTIONS (RFC 9112 section 3.2).",
    )
