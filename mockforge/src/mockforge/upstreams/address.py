"""Addresses of servers that requests and connections are passed on to, as settings and stubs write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple, Self
from urllib.parse import urlsplit

_VISIBLE: Final = re.compile(r"[\x21-\x7e]*")
_HOST: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]+")
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
"""The schemes there are, with their ports."""


def authority_of(scheme: str, host: str, port: int) -> str:
    """Host and port as the ``Host`` field has them (RFC 9110 section 7.2): a port that the scheme implies is
    left out."""
    shown = f"[{host}]" if ":" in host else host
    return shown if _PORTS[scheme] == port else f"{shown}:{port}"


def host_name(host: str) -> str:
    """``host`` as it is looked up and sent: ASCII, lower case, without a dot at its end. UnicodeError: it is
    no host name."""
    name = host if host.isascii() else host.encode("idna").decode()
    return name.rstrip(".").lower()


def _is_host(host: str) -> bool:
    try:
        return _HOST.fullmatch(host_name(host)) is not None
    except UnicodeError:
        return False


class Origin(NamedTuple):
    """A server, and the path below which it is called (``/api``; empty: its root)."""

    scheme: str
    host: str
    port: int
    base: str

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` field has them."""
        return authority_of(self.scheme, self.host, self.port)


class ServerUrl(str):
    """URL of a server, with or without a path below which it is called. Each protocol has its own: ``ports``
    are the schemes it can speak with their ports, ``expected`` says what is asked for."""

    ports: ClassVar[Mapping[str, int]]
    expected: ClassVar[str]

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a URL; ValueError says what is wrong with it."""
        expected = cls.expected
        if not isinstance(value, str):
            raise ValueError(f"{expected}, got {value!r}")  # noqa: TRY004 - of settings' types
        text = value.strip()
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"{expected}, got {value!r} ({error})") from None
        if parts.scheme not in cls.ports or not host:
            raise ValueError(f"{expected}, got {value!r}")
        if parts.username is not None or parts.password is not None:
            raise ValueError(
                f"{expected}, got one with a user name: send an Authorization header instead"
            )
        if parts.query or parts.fragment or text.endswith(("?", "#")):
            raise ValueError(f"{expected}, without a query, got {value!r}")
        if not _VISIBLE.fullmatch(parts.path):
            raise ValueError(f"{expected}; percent-encode its path, got {value!r}")
        if not _is_host(host):
            raise ValueError(f"{expected}; {host!r} is no host name")
        return cls(text)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What :meth:`parse` takes, as JSON Schema."""
        return {"type": "string", "pattern": f"^\\s*({'|'.join(cls.ports)})://"}

    @cached_property
    def origin(self) -> Origin:
        """The parts."""
        parts = urlsplit(self)
        return Origin(
            parts.scheme,
            host_name(parts.hostname or ""),
            parts.port or self.ports[parts.scheme],
            parts.path.rstrip("/"),
        )
