"""Patterns of hosts that requests may be sent to, as settings write them."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, Self

Address = IPv4Address | IPv6Address

_NAME: Final = r"(?:\*|(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_\-]+)*)"
_PATTERN: Final = re.compile(
    rf"(?:(?P<name>{_NAME})|\[(?P<six>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{{1,5}}))?"
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_HIGHEST_PORT: Final = 65_535
_EXPECTED: Final = (
    "expected a host such as example.com, *.example.com, localhost:9000, 127.0.0.1, [::1]:9000, "
    "10.0.0.0/8 or *"
)


class HostPattern(str):
    """``example.com``, ``*.example.com`` (what is below it), ``*``, an address, or a network
    (``10.0.0.0/8``); with ``:port`` for one port alone."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a pattern; ValueError says which spellings are understood."""
        if isinstance(value, str):
            text = value.strip().lower()
            if _network(text) is not None:
                return cls(text)
            match = _PATTERN.fullmatch(text)
            if (
                match
                and int(match["port"] or 0) <= _HIGHEST_PORT
                and (match["six"] is None or _network(match["six"]) is not None)
            ):
                return cls(text)
        raise ValueError(f"{_EXPECTED}, got {value!r}")

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What :meth:`parse` takes, as JSON Schema."""
        return {"type": "string", "minLength": 1}

    @cached_property
    def _parts(self) -> tuple[str, IPv4Network | IPv6Network | None, int | None]:
        """Name, network (of an address: one of that address alone) and port."""
        network = _network(self)
        if network is not None:
            return "", network, None
        match = _PATTERN.fullmatch(self)
        assert match is not None  # noqa: S101 - `parse` has seen to it
        name = match["name"] or match["six"]
        return name, _network(name), int(match["port"]) if match["port"] else None

    def names(self, host: str, port: int, address: Address) -> bool:
        """Whether this names exactly ``host``, or a network that ``address`` is in."""
        name, network, wanted = self._parts
        if wanted not in (None, port):
            return False
        if network is not None:
            return address.version == network.version and address in network
        return host == name

    def may_allow(self, host: str, port: int) -> bool:
        """Whether requests to ``host`` can be allowed by this, whatever its address turns out to be."""
        name, network, wanted = self._parts
        if wanted not in (None, port):
            return False
        if network is not None:
            return _may_lie_in(host, network)
        return host == name or self.covers(host, port)

    def covers(self, host: str, port: int) -> bool:
        """Whether ``host`` is among those that ``*`` in this stands for."""
        name, network, wanted = self._parts
        if network is not None or wanted not in (None, port):
            return False
        return name == "*" or (name.startswith("*.") and host.endswith(name[1:]))


def _may_lie_in(host: str, network: IPv4Network | IPv6Network) -> bool:
    """Whether ``host`` is an address in ``network``, or a name, whose address is not known yet."""
    try:
        address = plain_address(host)
    except ValueError:
        return True
    return address.version == network.version and address in network


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def plain_address(text: str) -> Address:
    """The address ``text``; an IPv4 address in the clothes of IPv6 (mapped, 6to4 and NAT64: RFC 4291, 3056,
    6052) is told for what it is. ValueError if it is none."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    return address if inner is None else inner
