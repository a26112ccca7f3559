"""Metadata and trailers as stubs write them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from mockforge.mocking.scripts import Made, RunError, Scope, ScriptError, text_of
from mockforge_grpc.stubs.statuses import Compile
from mockforge_grpc.stubs.values import Path
from mockforge_grpc.transport.call import Metadata

_NAME: Final = re.compile(r"[0-9a-z_.-]+")
_VALUE: Final = re.compile(r"[\x20-\x7e]*")
_RESERVED: Final = frozenset(
    {"connection", "content-length", "content-type", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "date", "server"}
)
MOST: Final = 200
"""Values in one block."""


def compile_metadata(spec: Any, templated: Compile, path: Path) -> Metadata | Made:
    """Metadata (a tuple where it is the same for everyone). The value of a name is a text, or a list of
    texts; for a name that ends in ``-bin`` it is base64. ScriptError."""
    if spec is None:
        return ()
    if not isinstance(spec, Mapping):
        raise ScriptError("must be a mapping of names to texts", path)
    pairs = [pair for name, value in spec.items() for pair in _pairs(name, value, path)]
    if len(pairs) > MOST:
        raise ScriptError(f"has more than {MOST} values", path)
    made = [(name, _value(name, value, templated, at)) for name, value, at in pairs]
    if not any(callable(value) for _, value in made):
        return tuple(made)  # type: ignore[arg-type] # none is callable

    def make(scope: Scope) -> Metadata:
        return tuple((name, value(scope) if callable(value) else value) for name, value in made)

    return make


def _pairs(name: Any, value: Any, path: Path) -> list[tuple[str, Any, Path]]:
    if not isinstance(name, str):
        raise ScriptError(f"{name!r} is no name", path, "put it in quotes")
    lower, at = name.lower(), (*path, name)
    if not _NAME.fullmatch(lower) or lower in _RESERVED or lower.startswith("grpc-"):
        raise ScriptError(f"{name!r} cannot be set", at)
    if isinstance(value, list):
        return [(lower, each, (*at, number)) for number, each in enumerate(value)]
    return [(lower, value, at)]


def _value(name: str, value: Any, templated: Compile, path: Path) -> str | bytes | Made:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ScriptError("must be text", path)
    making = templated(value, path)
    if making is None:
        try:
            return _checked(name, value)
        except ValueError as error:
            raise ScriptError(str(error), path) from None

    def make(scope: Scope) -> str | bytes:
        try:
            return _checked(name, text_of(making(scope)))
        except ValueError as error:
            raise RunError(f"the metadata {name} {error}") from None

    return make


def _checked(name: str, value: str) -> str | bytes:
    if name.endswith("-bin"):
        try:
            return base64.b64decode(value, validate=True)
        except (ValueError, binascii.Error):
            raise ValueError("must be base64: the name ends in -bin") from None
    if not _VALUE.fullmatch(value):
        raise ValueError("must be printable ASCII; other octets go under a name that ends in -bin")
    return value.strip(" ")
