"""Header fields that are for one connection alone, and so are not passed on (RFC 9110 section 7.6.1)."""

from __future__ import annotations

from typing import Final

OF_ONE_CONNECTION: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


def of_the_connection(named: bytes) -> frozenset[bytes]:
    """The known ones, and those that the value ``named`` of ``Connection`` names."""
    if not named:
        return OF_ONE_CONNECTION
    return OF_ONE_CONNECTION | {name.strip().lower() for name in named.split(b",")}


def field_value(text: str) -> bytes:
    """A value of the settings as it is sent."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
