"""Values as text: what ``{{ ... }}`` puts out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from mockforge.mocking.templating.runtime import RefusedError, Run, size_of

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode


def text_of(value: Any) -> str:
    """``value`` as text: nothing for what is missing or null, ``true`` and ``false``, JSON for lists and
    mappings unless they know better (``request.query``)."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    own: object = type(value).__str__
    if own is not object.__str__ or isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict | list | tuple):
        return json_of(value)
    if callable(value):  # the method of a mapping that has no such key
        return ""
    # What Python would say names an address in memory, another in each run.
    raise RefusedError("this is nothing that can be written", "name a value in it, or call it")


def _plain(value: Any) -> Any:
    return None if callable(value) else text_of(value)


def json_of(value: Any, indent: int = 0) -> str:
    """``value`` as JSON text, compact or indented."""
    whole = getattr(value, "whole", None)
    if whole is not None:
        value = whole()
    try:
        encoded = msgspec.json.encode(value, enc_hook=_plain)
    except (TypeError, ValueError, OverflowError, RecursionError):
        # Integers of more than 64 bits, keys that are no text.
        try:
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)
        except (TypeError, ValueError, RecursionError) as error:
            raise RefusedError(f"the value cannot be written as JSON: {error}") from error
        encoded = _SURROGATE.sub("\ufffd", text).encode()
    if indent:
        encoded = msgspec.json.format(encoded, indent=indent)
    return encoded.decode()


def output_functions(run: Run) -> dict[str, Callable[..., Any]]:
    """The functions that outputs are written through: text, part of a JSON string, JSON value."""

    def bounded(value: Any) -> Any:
        if isinstance(value, list | tuple | dict) and size_of(value, run.left) > run.left:
            raise run.too_large()
        return value

    def text(value: Any) -> str:
        if value.__class__ is not str:
            value = text_of(bounded(value))
        left = run.left - len(value)
        if left < 0:
            raise run.too_large()
        run.left = left
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)

    def string(value: Any) -> str:
        return text(_quote(text_of(bounded(value)))[1:-1])

    def json_value(value: Any) -> str:
        if value.__class__ is str:
            return text(_quote(value))
        return text(json_of(bounded(value)))

    return {"__t": text, "__s": string, "__j": json_value}
