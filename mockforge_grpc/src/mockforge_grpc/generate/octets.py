"""Makers for fields of ``bytes``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockforge.mocking.data.runtime import Context, Make

from .errors import UnsatisfiableRulesError
from .strings import string_schema

MakeBytes = Callable[[Context], bytes]
Text = Callable[[dict[str, Any]], Make]
"""Compiles the JSON Schema of a text for this field."""

_LENGTHS: Final = {"len": "len_bytes", "min_len": "min_bytes", "max_len": "max_bytes"}


def bytes_maker(rules: Mapping[str, Any], text: Text, field: str, *, filled: bool) -> MakeBytes:
    """A maker of bytes; where rules say nothing else they are a text as the name suggests it."""
    banned = frozenset(rules.get("not_in", ()))
    if "const" in rules or rules.get("in"):
        values = [rules["const"]] if "const" in rules else list(rules["in"])
        fitting = [value for value in values if value not in banned]
        if not fitting:
            raise UnsatisfiableRulesError(field, "none of the values is allowed")
        return lambda context: fitting[int(context.random() * len(fitting))]
    for name, size in (("ip", 4), ("ipv4", 4), ("ipv6", 16), ("uuid", 16)):
        if rules.get(name):
            return lambda context: context.rng.getrandbits(size * 8).to_bytes(size, "big")
    return _framed(rules, text, field, filled, banned)


def _framed(
    rules: Mapping[str, Any], text: Text, field: str, filled: bool, banned: frozenset[bytes]
) -> MakeBytes:
    prefix, inside, suffix = (rules.get(name, b"") for name in ("prefix", "contains", "suffix"))
    taken = len(prefix) + len(inside) + len(suffix)
    wanted: dict[str, Any] = {"pattern": rules["pattern"]} if "pattern" in rules else {}
    for name, in_bytes in _LENGTHS.items():
        if name in rules:
            wanted[in_bytes] = rules[name] - taken
    if any(wanted.get(name, 0) < 0 for name in ("len_bytes", "max_bytes")):
        raise UnsatisfiableRulesError(
            field, f"what it must hold is {taken} bytes, more than it may be"
        )
    make = text(string_schema(wanted, filled=filled and not taken))

    def made(context: Context) -> bytes:
        value: str = make(context)
        return bytes(prefix + inside + value.encode() + suffix)

    if not banned:
        return made

    def allowed(context: Context) -> bytes:
        value = made(context)
        for _ in range(20):
            if value not in banned:
                break
            value = made(context)
        return value

    return allowed
