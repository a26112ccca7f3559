"""Metadata and header fields: reserved names, ``-bin`` values, ``grpc-timeout`` (gRPC over HTTP/2, "Requests"
and "Custom-Metadata")."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

from mockforge_grpc.transport.call import Metadata

Fields = Sequence[tuple[bytes, bytes]]
"""Header fields as they are on the wire."""

_RESERVED: Final = frozenset(
    {
        b"te",
        b"content-type",
        b"connection",
        b"grpc-accept-encoding",
        b"grpc-encoding",
        b"grpc-message",
        b"grpc-message-type",
        b"grpc-status",
        b"grpc-timeout",
    }
)
"""What the protocol itself says, and no metadata may."""

_NAME: Final = re.compile(r"[0-9a-z_.-]+")
_VALUE: Final = re.compile(r"[\x20-\x7e]*")
_UNSAFE: Final = re.compile(rb"[\x00-\x1f\x7f]")

_UNITS: Final = {
    ord("H"): 3600.0,
    ord("M"): 60.0,
    ord("S"): 1.0,
    ord("m"): 1e-3,
    ord("u"): 1e-6,
    ord("n"): 1e-9,
}


def fault_of(name: str, value: str | bytes) -> str | None:
    """What is wrong with a pair of metadata that is to be sent, None if nothing is. For stubs, when they are
    loaded."""
    if not _NAME.fullmatch(name):
        return f"{name!r} is no name of metadata: lower-case letters, digits, '_', '-' and '.'"
    if name.encode() in _RESERVED:
        return f"{name!r} is reserved for gRPC itself"
    if isinstance(value, str) and not _VALUE.fullmatch(value) and not name.endswith("-bin"):
        return f"the value of {name!r} is not printable ASCII; name it {name}-bin to send octets"
    return None


def decode_metadata(fields: Fields) -> list[tuple[str, str | bytes]]:
    """The metadata among ``fields``. A ``-bin`` value of several joined by commas gives a pair for each;
    ValueError for one that is no base64."""
    metadata: list[tuple[str, str | bytes]] = []
    for name, value in fields:
        if name[:1] == b":" or name in _RESERVED:
            continue
        if name.endswith(b"-bin"):
            text = name.decode("ascii", "replace")
            metadata.extend((text, decode_binary(part)) for part in value.split(b","))
        else:
            metadata.append((name.decode("ascii", "replace"), value.decode("utf-8", "replace")))
    return metadata


def encode_metadata(metadata: Metadata) -> list[tuple[bytes, bytes]]:
    """Header fields for ``metadata``. Reserved names are left out, and control characters become spaces: they
    would end the stream."""
    fields: list[tuple[bytes, bytes]] = []
    for name, value in metadata:
        field = name.lower().encode("ascii", "replace")
        if field in _RESERVED or field[:1] == b":":
            continue
        octets = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
        if field.endswith(b"-bin"):
            octets = base64.b64encode(octets).rstrip(b"=")
        else:
            octets = _UNSAFE.sub(b" ", octets).strip(b" ")
        fields.append((field, octets))
    return fields


def decode_binary(value: bytes) -> bytes:
    """Octets of base64 with padding or without; ValueError."""
    value = value.strip(b" ")
    try:
        return base64.b64decode(
            value.rstrip(b"=") + b"=" * (-len(value.rstrip(b"=")) % 4), validate=True
        )
    except binascii.Error as error:
        raise ValueError(f"{value[:40]!r} is no base64") from error


def parse_timeout(value: bytes) -> float:
    """Seconds of a ``grpc-timeout``: one to eight digits and a unit; ValueError."""
    scale = _UNITS.get(value[-1]) if value else None
    if scale is None or not 1 < len(value) < 10 or not value[:-1].isdigit():
        raise ValueError(f"malformed grpc-timeout: {value[:20]!r}")
    return int(value[:-1]) * scale
