"""The outcome of a call: one of the 17 codes, a message, and details; and how the wire spells them.

Used by the transport, which sends it in trailers, and by whoever decides over calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple


class Code(IntEnum):
    """The status codes (the numbers of ``grpc-status``)."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @classmethod
    def named(cls, name: str | int) -> Code:
        """By name in any case (``NOT_FOUND``, ``not_found``, ``NotFound``) or by number; ValueError
        says which there are."""
        if isinstance(name, int):
            found = _BY_NUMBER.get(name)
        else:
            found = _BY_NAME.get(_folded(name))
            if found is None and name.isdigit():
                found = _BY_NUMBER.get(int(name))
        if found is None:
            known = ", ".join(code.name for code in cls)
            raise ValueError(f"no status code {name!r}; there are {known}")
        return found


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


_BY_NUMBER: Final = {code.value: code for code in Code}
_BY_NAME: Final = {_folded(code.name): code for code in Code} | {"canceled": Code.CANCELLED}


class Status(NamedTuple):
    """How a call ends. ``details`` are serialised ``google.protobuf.Any`` messages; with some, the trailer
    ``grpc-status-details-bin`` is sent."""

    code: Code
    message: str = ""
    details: tuple[bytes, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.code is Code.OK


OK: Final = Status(Code.OK)

_PLAIN: Final = frozenset(range(0x20, 0x7F)) - {0x25}


def encode_message(message: str) -> bytes:
    """``grpc-message``: UTF-8 with every octet but printable ASCII, and ``%``, percent-encoded
    (PROTOCOL-HTTP2, "Percent-Encoded"). A lone surrogate becomes U+FFFD."""
    octets = message.encode("utf-8", "surrogatepass" if message.isascii() else "replace")
    if message.isascii() and message.isprintable() and "%" not in message:
        return octets
    return b"".join(
        octet.to_bytes(1, "big") if octet in _PLAIN else b"%%%02X" % octet for octet in octets
    )


def decode_message(value: bytes) -> str:
    """The text of a ``grpc-message``; what is no percent-encoding stands for itself, and octets that are
    no UTF-8 become U+FFFD: a message is never a reason to fail."""
    parts = value.split(b"%")
    decoded = bytearray(parts[0])
    for part in parts[1:]:
        try:
            decoded.append(int(part[:2].decode("ascii"), 16) if _hex(part[:2]) else 0x25)
        except ValueError:  # pragma: no cover - _hex admits nothing else
            decoded.append(0x25)
        decoded += part[2:] if _hex(part[:2]) else part
    return decoded.decode("utf-8", "replace")


def _hex(pair: bytes) -> bool:
    return len(pair) == 2 and all(octet in b"0123456789abcdefABCDEF" for octet in pair)


def _varint(number: int) -> bytes:
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def encode_details(status: Status) -> bytes:
    """The ``google.rpc.Status`` of ``grpc-status-details-bin``: code, message and details."""
    code = b"" if status.ok else b"\x08" + _varint(status.code)
    message = status.message.encode("utf-8", "replace")
    return code + (_field(2, message) if message else b"") + _fields(3, status.details)


def _fields(number: int, values: Iterable[bytes]) -> bytes:
    return b"".join(_field(number, value) for value in values)
