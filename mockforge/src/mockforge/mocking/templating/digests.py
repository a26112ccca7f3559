"""Filters that encode and digest: base64, hex, MD5, SHA, HMAC."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mockforge.mocking.templating.runtime import RefusedError
from mockforge.mocking.templating.texts import text_of

_DIGESTS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def _octets(value: Any) -> bytes:
    return text_of(value).encode("utf-8", "replace")


def _known(name: Any) -> str:
    if not isinstance(name, str) or name not in _DIGESTS:
        raise RefusedError(
            f"there is no digest {str(name)[:40]}", f"there are: {', '.join(_DIGESTS)}"
        )
    return name


def _hashed(value: Any, name: Any = "sha256") -> str:
    return hashlib.new(_known(name), _octets(value), usedforsecurity=False).hexdigest()


def _signed(value: Any, key: Any, name: Any = "sha256") -> str:
    return hmac.new(_octets(key), _octets(value), _known(name)).hexdigest()


def _from_base64(value: Any) -> str:
    text = text_of(value).translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode(
            "utf-8", "replace"
        )
    except (binascii.Error, ValueError) as error:
        raise RefusedError(f"this is no base64: {error}") from error


def _from_hex(value: Any) -> str:
    try:
        return bytes.fromhex(text_of(value)).decode("utf-8", "replace")
    except ValueError as error:
        raise RefusedError(f"these are no hexadecimal digits: {error}") from error


def digest_filters() -> dict[str, Callable[..., Any]]:
    """The filters by name."""
    return {
        **{name: partial(_hashed, name=name) for name in _DIGESTS},
        "hash": _hashed,
        "hmac": _signed,
        "base64": lambda value: base64.b64encode(_octets(value)).decode(),
        "base64url": lambda value: base64.urlsafe_b64encode(_octets(value)).decode().rstrip("="),
        "base64_decode": _from_base64,
        "hex": lambda value: _octets(value).hex(),
        "hex_decode": _from_hex,
    }
