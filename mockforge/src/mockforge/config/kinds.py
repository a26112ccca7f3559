"""The types a setting can have, on top of :mod:`msgspec.inspect`: taking them apart, saying them in
words, and showing their values the way they are written in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

import msgspec
from msgspec import inspect as mi

Kind = mi.Type
LIST_KINDS: Final = (mi.ListType, mi.VarTupleType, mi.SetType, mi.FrozenSetType)
_LONGEST_SHOWN: Final = 60


def bare(kind: Kind) -> Kind:
    """``kind`` without what is only said about it."""
    while isinstance(kind, mi.Metadata):
        kind = kind.type
    return kind


def notes(kind: Kind) -> dict[str, Any]:
    """What ``Meta(extra=...)`` says about a setting."""
    found: dict[str, Any] = {}
    while isinstance(kind, mi.Metadata):
        found = {**(kind.extra or {}), **found}
        kind = kind.type
    return found


def description(kind: Kind) -> str:
    """What ``Meta(description=...)`` says about a setting."""
    while isinstance(kind, mi.Metadata):
        if text := (kind.extra_json_schema or {}).get("description"):
            return str(text)
        kind = kind.type
    return ""


def summary(struct: mi.StructType) -> str:
    """The first paragraph of a struct's own docstring."""
    text = (struct.cls.__doc__ or "").strip().split("\n\n")[0]
    # A struct without one has the signature that msgspec makes for it.
    return "" if text.startswith(f"{struct.cls.__name__}(") else " ".join(text.split())


def members(kind: Kind) -> tuple[Kind, ...]:
    """The alternatives of a union without ``None``, or ``kind`` alone."""
    kind = bare(kind)
    if isinstance(kind, mi.UnionType):
        kinds = (bare(member) for member in kind.types)
        return tuple(member for member in kinds if not isinstance(member, mi.NoneType))
    return (kind,)


def nullable(kind: Kind) -> bool:
    """Whether ``None`` is a value of its own."""
    kind = bare(kind)
    if isinstance(kind, mi.UnionType):
        return any(isinstance(bare(member), mi.NoneType) for member in kind.types)
    return isinstance(kind, mi.NoneType | mi.AnyType)


def struct_of(kind: Kind) -> mi.StructType | None:
    """The one struct that ``kind`` is, or is unless it is ``None``."""
    found = members(kind)
    if len(found) == 1 and isinstance(found[0], mi.StructType):
        return found[0]
    return None


def item_of(kind: Kind) -> Kind | None:
    """The kind of the items where ``kind`` is a list (or ``None``)."""
    found = members(kind)
    if len(found) == 1 and isinstance(found[0], LIST_KINDS):
        return found[0].item_type
    return None


def check_supported(kind: Kind, key: str) -> None:
    """TypeError if a setting cannot have this type."""
    kind = bare(kind)
    match kind:
        case mi.CustomType(cls=cls):
            if not (callable(getattr(cls, "parse", None)) or issubclass(cls, PurePath)):
                raise TypeError(f"{key}: the type {cls.__name__} has no classmethod parse")
        case mi.UnionType(types=types):
            for member in types:
                check_supported(member, key)
        case mi.ListType() | mi.VarTupleType() | mi.SetType() | mi.FrozenSetType():
            check_supported(kind.item_type, f"{key}[]")
        case mi.DictType(key_type=key_type, value_type=value_type):
            if not isinstance(bare(key_type), mi.StrType | mi.AnyType):
                raise TypeError(f"{key}: the keys of a mapping are text")
            check_supported(value_type, f"{key}.*")
        case mi.StructType(array_like=False):
            for field in kind.fields:
                if struct_of(field.type) is not kind:
                    check_supported(field.type, f"{key}.{field.encode_name}")
        case (
            mi.AnyType()
            | mi.NoneType()
            | mi.BoolType()
            | mi.IntType()
            | mi.FloatType()
            | mi.StrType()
            | mi.LiteralType()
            | mi.EnumType()
        ):
            pass
        case _:
            raise TypeError(f"{key}: a setting cannot have the type {type(kind).__name__}")


# ------------------------------------------------------------------ in words


def describe(kind: Kind) -> str:
    """What is expected, with its article: ``an integer between 0 and 65535``."""
    kind = bare(kind)
    match kind:
        case mi.UnionType():
            # That it may be left out or null goes without saying.
            parts = [describe(member) for member in members(kind)]
            return f"{', '.join(parts[:-1])} or {parts[-1]}" if len(parts) > 1 else parts[0]
        case mi.NoneType():
            return "nothing"
        case mi.BoolType():
            return "true or false"
        case mi.IntType():
            return f"an integer{_bounds(kind)}"
        case mi.FloatType():
            return f"a number{_bounds(kind)}"
        case mi.StrType():
            words = "text" if not kind.min_length else "text that is not empty"
            return f"{words} matching {kind.pattern}" if kind.pattern else words
        case mi.LiteralType() | mi.EnumType():
            values = [show(value) for value in choices(kind)]
            return f"one of {', '.join(values)}" if len(values) > 1 else values[0]
        case mi.CustomType(cls=cls):
            return f"a {type_name(kind)}" if not issubclass(cls, PurePath) else "a path"
        case mi.DictType():
            return f"a mapping of names to {plural(kind.value_type)}"
        case mi.StructType():
            return f"a section with the keys {', '.join(f.encode_name for f in kind.fields)}"
        case mi.ListType() | mi.VarTupleType() | mi.SetType() | mi.FrozenSetType():
            return f"a list of {plural(kind.item_type)}"
        case _:
            return "any value"


def plural(kind: Kind) -> str:
    """What a list holds: ``paths``, ``integers between 1 and 9``."""
    kind = bare(kind)
    match kind:
        case mi.IntType():
            return f"integers{_bounds(kind)}"
        case mi.FloatType():
            return f"numbers{_bounds(kind)}"
        case mi.StrType() | mi.CustomType():
            return {"text": "texts"}.get(type_name(kind), f"{type_name(kind)}s")
        case mi.StructType():
            return f"sections with the keys {', '.join(f.encode_name for f in kind.fields)}"
        case _:
            return f"values, each {describe(kind)}"


def type_name(kind: Kind) -> str:
    """The type in a word or two, for tables: ``integer``, ``size``, ``list of paths``."""
    kind = bare(kind)
    match kind:
        case mi.UnionType():
            return " or ".join(type_name(member) for member in members(kind))
        case mi.BoolType():
            return "boolean"
        case mi.IntType():
            return "integer"
        case mi.FloatType():
            return "number"
        case mi.StrType():
            return "text"
        case mi.LiteralType() | mi.EnumType():
            return " | ".join(show(value) for value in choices(kind))
        case mi.CustomType(cls=cls):
            named = {"ByteSize": "size"}
            return (
                "path"
                if issubclass(cls, PurePath)
                else named.get(cls.__name__, cls.__name__.lower())
            )
        case mi.DictType():
            return f"mapping of names to {plural(kind.value_type)}"
        case mi.StructType():
            return "section"
        case mi.ListType() | mi.VarTupleType() | mi.SetType() | mi.FrozenSetType():
            item = bare(kind.item_type)
            return (
                "list of sections" if isinstance(item, mi.StructType) else f"list of {plural(item)}"
            )
        case _:
            return "any"


def choices(kind: mi.LiteralType | mi.EnumType) -> tuple[Any, ...]:
    """The values to choose from, as a file spells them."""
    if isinstance(kind, mi.LiteralType):
        return tuple(kind.values)
    return tuple(member.value for member in kind.cls)


def _bounds(kind: mi.IntType | mi.FloatType) -> str:
    if kind.ge is not None and kind.le is not None:
        return f" between {kind.ge} and {kind.le}"
    parts = [
        f"{words} {limit}"
        for words, limit in (
            ("of at least", kind.ge),
            ("greater than", kind.gt),
            ("of at most", kind.le),
            ("less than", kind.lt),
            ("that is a multiple of", kind.multiple_of),
        )
        if limit is not None
    ]
    return f" {' and '.join(parts)}" if parts else ""


def got(value: Any) -> str:
    """What was there instead, for a message."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = "nothing" if value is None else show(value)
    cut = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return repr(cut) if isinstance(value, str) else cut


# ------------------------------------------------------------------ values as they are written


def plain(value: Any) -> Any:
    """A value of a setting as a file spells it: made of dict, list, str, int, float, bool, None."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(item) for name, item in _fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Enum):
        return value.value
    if value is None or type(value) in (bool, int, float, str):
        return value
    return str(value)


def _fields(value: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    config = type(value).__struct_config__
    if config.tag is not None:
        yield str(config.tag_field), config.tag
    names = type(value).__struct_fields__
    for name, key in zip(names, type(value).__struct_encode_fields__, strict=True):
        yield key, getattr(value, name)


def show(value: Any) -> str:
    """A value in one line, for tables: text without quotes, lists and mappings as JSON."""
    value = plain(value)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
