"""Values given as text, in the environment or on the command line.

Text becomes what a file would say (``"3000"`` becomes 3000 where an integer is due); whether that is
right is then checked like everything else. Text that does not fit stays text, so that the check can
say what was expected.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from msgspec import inspect as mi

from mockforge.config.kinds import LIST_KINDS, Kind, bare, choices, members, nullable

_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_INTEGER: Final = re.compile(r"\s*[-+]?[0-9]{1,40}\s*")
_NUMBER: Final = re.compile(r"\s*[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\s*")


def read_text(kind: Kind, text: str, *, split: bool = True) -> Any:
    """What ``text`` says where a value of ``kind`` is due.

    Lists are split at commas unless ``split`` is false; lists and mappings may be given as JSON
    (ValueError if it is broken).
    """
    _, value = _read(bare(kind), text, split=split)
    return value


def _read(kind: Kind, text: str, *, split: bool) -> tuple[bool, Any]:
    """Whether ``text`` fits ``kind``, and what it says."""
    match kind:
        case mi.UnionType():
            return _read_union(kind, text, split=split)
        case mi.BoolType():
            word = text.strip().lower()
            return word in _BOOLEANS, _BOOLEANS.get(word, text)
        case mi.IntType():
            return (True, int(text)) if _INTEGER.fullmatch(text) else (False, text)
        case mi.FloatType():
            return (True, float(text)) if _NUMBER.fullmatch(text) else (False, text)
        case mi.LiteralType() | mi.EnumType():
            return _read_choice(choices(kind), text)
        case mi.CustomType(cls=cls) if parse := getattr(cls, "parse", None):
            try:
                parse(text)
            except ValueError:
                return False, text
            return True, text
        case mi.StrType() | mi.CustomType():
            return True, text
        case mi.StructType() | mi.DictType():
            return _read_json(text, "{")
        case mi.AnyType():
            try:
                return True, json.loads(text)
            except ValueError:
                return True, text
        case _ if isinstance(kind, LIST_KINDS):
            return _read_list(kind.item_type, text, split=split)
        case _:
            return False, text


def _read_union(kind: mi.UnionType, text: str, *, split: bool) -> tuple[bool, Any]:
    if text == "null" and nullable(kind):
        return True, None
    # Text fits everything, so what is more particular is asked first.
    ordered = sorted(members(kind), key=lambda member: isinstance(member, mi.StrType | mi.AnyType))
    for member in ordered:
        fits, value = _read(member, text, split=split)
        if fits:
            return True, value
    if len(ordered) == 1:
        return _read(ordered[0], text, split=split)
    return False, text


def _read_choice(values: tuple[Any, ...], text: str) -> tuple[bool, Any]:
    for value in values:
        if str(value) == text:
            return True, value
    folded = [value for value in values if str(value).lower() == text.strip().lower()]
    return (True, folded[0]) if len(folded) == 1 else (False, text)


def _read_list(item: Kind, text: str, *, split: bool) -> tuple[bool, Any]:
    if text.lstrip().startswith("["):
        return _read_json(text, "[")
    parts = [part.strip() for part in text.split(",")] if split else [text]
    found = [_read(bare(item), part, split=False) for part in parts if part]
    return all(fits for fits, _ in found), [value for _, value in found]


def _read_json(text: str, opening: str) -> tuple[bool, Any]:
    if not text.lstrip().startswith(opening):
        return False, text
    try:
        return True, json.loads(text)
    except json.JSONDecodeError as failure:
        message = failure.msg[:1].lower() + failure.msg[1:]
        raise ValueError(f"not valid JSON: {message} at character {failure.pos + 1}") from failure
    except RecursionError:
        raise ValueError("not valid JSON: nested too deeply") from None
