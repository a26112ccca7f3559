"""JSON pointers (RFC 6901), as text and as the fragment of a URI reference."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

Tokens = tuple[str, ...]


def escape(token: str) -> str:
    """``token`` as one reference token: ``~`` and ``/`` escaped (RFC 6901 section 3)."""
    if "~" in token or "/" in token:
        return token.replace("~", "~0").replace("/", "~1")
    return token


def join(tokens: Iterable[str]) -> str:
    """The pointer that leads through ``tokens``; the empty pointer for none."""
    return "".join(f"/{escape(token)}" for token in tokens)


def split(pointer: str) -> Tokens:
    """The unescaped tokens of ``pointer``; ValueError if it is not one."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer starts with '/', got {pointer!r}")
    tokens = pointer[1:].split("/")
    if "~" in pointer:
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in tokens]
    return tuple(tokens)


def from_fragment(fragment: str) -> str:
    """The pointer (or anchor name) in a URI fragment, percent-decoded (RFC 6901 section 6)."""
    return unquote(fragment) if "%" in fragment else fragment


def array_index(token: str, length: int) -> int | None:
    """The element of an array of ``length`` that ``token`` names, or ``None`` for none."""
    if not token.isascii() or not token.isdigit() or (len(token) > 1 and token.startswith("0")):
        return None
    if len(token) > len(str(length)):
        return None
    index = int(token)
    return index if index < length else None
