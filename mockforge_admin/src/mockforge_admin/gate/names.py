"""Names that a request was sent to, and pages that it was sent from."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit


def host_name(host: str) -> str | None:
    """The name in a ``Host`` field (RFC 9110 section 7.2), lower case, without port and brackets; ``None``
    if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.path or parts.username is not None or parts.query or parts.fragment:
        return None
    return name.rstrip(".")


def is_address(name: str) -> bool:
    """Whether ``name`` is an IP address: those are not looked up, so nobody can have them lead elsewhere."""
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether what listens at ``host`` (a setting) is reached from this machine alone."""
    if host.startswith("unix:") or host.lower() == "localhost":
        return True
    return is_address(host) and ip_address(host.partition("%")[0]).is_loopback


def is_known(name: str, names: Collection[str]) -> bool:
    """Whether requests may be sent to ``name``: an address, ``localhost`` and names below it (RFC 6761
    section 6.3), and ``names``."""
    return (
        is_address(name)
        or name == "localhost"
        or name.endswith(".localhost")
        or "*" in names
        or name in {each.lower() for each in names}
    )


def same_origin(origin: str, host: str, scheme: str) -> bool:
    """Whether a page of ``origin`` (RFC 6454 section 7) belongs to the server that was asked as ``host``."""
    try:
        parts = urlsplit(origin)
        asked = urlsplit(f"{scheme}://{host}")
        return (parts.scheme, parts.hostname, _port(parts.port, parts.scheme)) == (
            scheme,
            asked.hostname,
            _port(asked.port, scheme),
        )
    except ValueError:
        return False


def _port(port: int | None, scheme: str) -> int | None:
    return {"http": 80, "https": 443}.get(scheme) if port is None else port
