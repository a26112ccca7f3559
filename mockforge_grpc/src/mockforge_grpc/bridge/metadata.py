"""Metadata in HTTP headers, both ways, and the time that a client gives."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Final

from mockforge_grpc.bridge.errors import RequestError
from mockforge_grpc.transport.call import Metadata

_OF_HTTP: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-grpc-web",
        "x-user-agent",
    }
)
"""Fields that are about the HTTP message, or about the protocol in it, and not about the call."""
_PREFIX: Final = "grpc-metadata-"
_NAME: Final = re.compile(r"[0-9a-z_.-]+")
_GRPC_TIMEOUT: Final = re.compile(r"([0-9]{1,8})([HMSmun])")
_UNITS: Final = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_CONNECT_TIMEOUT: Final = re.compile(r"[0-9]{1,10}")
_NOT_TEXT: Final = re.compile(r"[^\x20-\x7e]")


def request_metadata(raw_headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str | bytes]]:
    """The headers of a request as metadata. ``Grpc-Metadata-X`` is ``x``; other names that begin with
    ``grpc-`` or ``connect-`` belong to the protocols and are left out, like what is about the HTTP message.

    RequestError (INVALID_ARGUMENT): a value of a name in ``-bin`` is not base64.
    """
    made: list[tuple[str, str | bytes]] = []
    for raw_name, raw_value in raw_headers:
        name = raw_name.decode("latin-1").lower()
        if name.startswith(_PREFIX):
            name = name[len(_PREFIX) :]
        elif name in _OF_HTTP or name.startswith(("grpc-", "connect-")):
            continue
        if not _NAME.fullmatch(name):
            continue
        value = raw_value.decode("latin-1").strip(" \t")
        if name.endswith("-bin"):
            made += ((name, _binary(name, part)) for part in value.split(","))
        else:
            made.append((name, value))
    return made


def _binary(name: str, text: str) -> bytes:
    text = text.strip().rstrip("=")
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise RequestError(f"the metadata {name} are not base64: {error}") from error


def answer_headers(metadata: Metadata, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Metadata as headers of an answer, with ``prefix`` before their names."""
    for name, value in metadata:
        yield prefix + name, header_text(value)


def header_text(value: str | bytes) -> str:
    """A value as a header can have it: base64 without padding for bytes, ``?`` for what is no visible
    ASCII."""
    if isinstance(value, bytes):
        return b64encode(value).rstrip(b"=").decode("ascii")
    return _NOT_TEXT.sub("?", value)


def grpc_timeout(value: str) -> float | None:
    """Seconds that ``grpc-timeout`` gives (PROTOCOL-HTTP2, "Timeout"), ``None`` where it is not sent."""
    if not value:
        return None
    found = _GRPC_TIMEOUT.fullmatch(value.strip())
    if found is None:
        raise RequestError(
            f"the header Grpc-Timeout is {value[:40]!r}: write up to 8 digits and a unit, `10S` or `250m`"
        )
    return int(found[1]) * _UNITS[found[2]]


def connect_timeout(value: str) -> float | None:
    """Seconds that ``connect-timeout-ms`` gives, ``None`` where it is not sent."""
    if not value:
        return None
    if not _CONNECT_TIMEOUT.fullmatch(value.strip()):
        raise RequestError(
            f"the header Connect-Timeout-Ms is {value[:40]!r}: write up to 10 digits, milliseconds"
        )
    return int(value) / 1000
