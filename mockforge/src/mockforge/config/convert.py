"""From what a file, the environment and flags say to typed values, all errors collected.

msgspec's own conversion stops at the first error and does not know where in a file a value stands,
so the types are walked here; constraints and spellings are those of the struct's annotations.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, Final

import msgspec
from msgspec import inspect as mi

from mockforge.config.kinds import (
    LIST_KINDS,
    Kind,
    bare,
    choices,
    describe,
    got,
    members,
    notes,
    nullable,
)
from mockforge.errors import ConfigError, MockForgeError, Place
from mockforge.nearest import nearest
from mockforge.structured import Part

KeyPath = tuple[Part, ...]
INVALID: Final = object()
"""Stands for a value that was reported as wrong."""

_MAX_ERRORS: Final = 100
_OFF_WORDS: Final = frozenset({"on", "off", "yes", "no", "y", "n"})
_MAKERS: Final[dict[type, Callable[[list[Any]], Any]]] = {
    mi.ListType: list,
    mi.VarTupleType: tuple,
    mi.SetType: set,
    mi.FrozenSetType: frozenset,
}


class Converter:
    """Walks one value. ``place`` says where a key path was given, ``folder`` what relative paths
    there are relative to, ``elsewhere`` finds a setting of this name in another place (for hints).

    With ``partial`` a value that lacks required keys is fine (it will be merged with others) and no
    structs are made.
    """

    def __init__(
        self,
        place: Callable[[KeyPath], Place],
        *,
        folder: Callable[[KeyPath], Path] = lambda _: Path(),
        elsewhere: Callable[[KeyPath], str | None] = lambda _: None,
        partial: bool = False,
    ) -> None:
        self.problems: list[ConfigError] = []
        self._place = place
        self._folder = folder
        self._elsewhere = elsewhere
        self._partial = partial
        self._secret = False

    def fail(self, path: KeyPath, message: str, hint: str | None = None) -> Any:
        """Note an error about the value at ``path``."""
        if len(self.problems) < _MAX_ERRORS:
            self.problems.append(ConfigError(message, hint=hint, place=self._place(path)))
        return INVALID

    def expected(self, kind: Kind, value: Any, path: KeyPath, hint: str | None = None) -> Any:
        """Note that ``value`` is not what ``kind`` asks for."""
        shown = "something else" if self._secret else got(value)
        return self.fail(path, f"expected {describe(kind)}, got {shown}", hint)

    def convert(self, value: Any, kind: Kind, path: KeyPath, default: Any = None) -> Any:
        """The value as ``kind``, or :data:`INVALID`. Keys that a struct is not given come from
        ``default`` where that is such a struct."""
        if notes(kind).get("secret"):
            before, self._secret = self._secret, True
            try:
                return self._convert(value, bare(kind), path, default)
            finally:
                self._secret = before
        return self._convert(value, bare(kind), path, default)

    def _convert(self, value: Any, kind: Kind, path: KeyPath, default: Any) -> Any:
        match kind:
            case mi.UnionType():
                return self._union(value, kind, path, default)
            case mi.StructType():
                return self._struct({} if value is None else value, kind, path, default)
            case mi.DictType():
                return self._dict(value, kind, path)
            case mi.IntType() | mi.FloatType():
                return self._number(value, kind, path)
            case mi.StrType():
                return self._text(value, kind, path)
            case mi.CustomType(cls=cls):
                return self._custom(value, cls, kind, path)
            case mi.BoolType() if isinstance(value, bool):
                return value
            case mi.LiteralType() | mi.EnumType():
                return self._choice(value, kind, path)
            case mi.AnyType():
                return value
            case mi.NoneType() if value is None:
                return value
            case _ if isinstance(kind, LIST_KINDS):
                return self._list(value, kind, path)
            case _:
                return self.expected(kind, value, path, _bool_hint(value))

    # -------------------------------------------------------------- scalars

    def _number(self, value: Any, kind: mi.IntType | mi.FloatType, path: KeyPath) -> Any:
        hint = None
        if isinstance(kind, mi.IntType):
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            right = isinstance(value, int) and not isinstance(value, bool)
            if isinstance(value, str) and re.fullmatch(r"[0-9_,' ]*[0-9]", value):
                hint = f"write {re.sub('[^0-9]', '', value)}, without quotes or separators"
        else:
            right = isinstance(value, int | float) and not isinstance(value, bool)
            # Infinities and NaN are no JSON, and no limit or rate is ever one of them.
            right = right and abs(value) <= sys.float_info.max
        if not right or not _within(value, kind):
            return self.expected(kind, value, path, hint)
        return float(value) if isinstance(kind, mi.FloatType) else value

    def _text(self, value: Any, kind: mi.StrType, path: KeyPath) -> Any:
        if not isinstance(value, str):
            return self.expected(kind, value, path, _quote_hint(value))
        fits = (
            len(value) >= (kind.min_length or 0)
            and (kind.max_length is None or len(value) <= kind.max_length)
            and (kind.pattern is None or re.search(kind.pattern, value))
        )
        if kind.max_length is not None and len(value) > kind.max_length:
            return self.fail(path, f"longer than {kind.max_length} characters")
        return value if fits else self.expected(kind, value, path)

    def _custom(self, value: Any, cls: Any, kind: Kind, path: KeyPath) -> Any:
        if parse := getattr(cls, "parse", None):
            try:
                return parse(value)
            except ValueError as failure:
                if self._secret:
                    return self.expected(kind, value, path)
                if isinstance(failure, MockForgeError):  # a value with keys of its own
                    below = getattr(failure, "path", ())
                    return self.fail((*path, *below), failure.message, failure.hint)
                return self.fail(path, str(failure))
        if not issubclass(cls, PurePath) or not isinstance(value, str):
            return self.expected(kind, value, path, _quote_hint(value))
        if not value or "\0" in value:
            return self.expected(kind, value, path)
        try:
            given = Path(value).expanduser()
        except RuntimeError:
            return self.fail(path, f"there is no home folder for {value!r}")
        return cls(self._folder(path) / given)

    def _choice(self, value: Any, kind: mi.LiteralType | mi.EnumType, path: KeyPath) -> Any:
        for known in choices(kind):
            if known == value and type(known) is type(value):
                return value if isinstance(kind, mi.LiteralType) else kind.cls(value)
        close = nearest(value, map(str, choices(kind))) if isinstance(value, str) else None
        return self.expected(kind, value, path, f"did you mean {close}?" if close else None)

    # -------------------------------------------------------------- containers

    def _list(self, value: Any, kind: Any, path: KeyPath) -> Any:
        if not isinstance(value, list | tuple):
            scalar = isinstance(value, str | int | float)
            hint = (
                f"write [{got(value)}] for a list of one" if scalar and not self._secret else None
            )
            return self.expected(kind, value, path, hint)
        if (kind.min_length or 0) > len(value):
            return self.fail(path, f"expected at least {kind.min_length} items, got {len(value)}")
        if kind.max_length is not None and len(value) > kind.max_length:
            return self.fail(path, f"expected at most {kind.max_length} items, got {len(value)}")
        partial, self._partial = self._partial, False  # lists are not merged but replaced
        items = [self.convert(item, kind.item_type, (*path, n)) for n, item in enumerate(value)]
        self._partial = partial
        if any(item is INVALID for item in items):
            return INVALID
        return _MAKERS[type(kind)](items)

    def _dict(self, value: Any, kind: mi.DictType, path: KeyPath) -> Any:
        if not isinstance(value, dict):
            return self.expected(kind, value, path)
        for key in value:
            self.convert(key, kind.key_type, (*path, key))
        items = {
            key: self.convert(item, kind.value_type, (*path, key)) for key, item in value.items()
        }
        return INVALID if any(item is INVALID for item in items.values()) else items

    def _union(self, value: Any, kind: mi.UnionType, path: KeyPath, default: Any) -> Any:
        if value is None and nullable(kind):
            return None
        candidates = [member for member in members(kind) if _may_take(member, value)]
        if len(candidates) > 1 and all(isinstance(one, mi.StructType) for one in candidates):
            return self._tagged(value, candidates, path, default)
        if len(candidates) == 1:
            return self._convert(value, candidates[0], path, default)
        kept = self.problems
        for candidate in candidates:
            self.problems = []
            found = self._convert(value, candidate, path, default)
            if not self.problems:
                self.problems = kept
                return found
        self.problems = kept
        return self.expected(kind, value, path, _bool_hint(value))

    def _tagged(self, value: Any, structs: list[Any], path: KeyPath, default: Any) -> Any:
        by_tag = {struct.tag: struct for struct in structs}
        field: str = structs[0].tag_field
        tag = value.get(field)
        if isinstance(tag, str | int) and tag in by_tag:
            return self._convert(value, by_tag[tag], path, default)
        if field not in value:
            if self._partial:
                return INVALID
            return self.fail(path, f"the key {field} is missing, one of {_words(by_tag)}")
        close = nearest(str(tag), map(str, by_tag))
        hint = f"did you mean {close}?" if close else None
        return self.fail((*path, field), f"expected one of {_words(by_tag)}, got {got(tag)}", hint)

    def _struct(self, value: Any, kind: mi.StructType, path: KeyPath, default: Any) -> Any:
        if not isinstance(value, dict):
            return self.expected(kind, value, path)
        given = {
            key: item for key, item in value.items() if kind.tag is None or key != kind.tag_field
        }
        known = {field.encode_name: field for field in kind.fields}
        for key in given:
            if key not in known:
                self._unknown(key, known, path)
        inherited = default if type(default) is kind.cls else None
        made: dict[str, Any] = {}
        for key, field in known.items():
            if key in given:
                below = _default_of(field, inherited)
                made[field.name] = self.convert(given[key], field.type, (*path, key), below)
            elif inherited is not None:
                made[field.name] = getattr(inherited, field.name)
            elif field.required and not self._partial:
                self.fail(path, f"the key {key} is missing: {describe(field.type)}")
                made[field.name] = INVALID
        if self._partial or any(item is INVALID for item in made.values()):
            return INVALID
        return self._make(kind.cls, made, path)

    def _make(self, cls: type[msgspec.Struct], made: dict[str, Any], path: KeyPath) -> Any:
        try:
            return cls(**made)
        except MockForgeError as failure:
            return self.fail(path, failure.message, failure.hint)
        except ValueError as failure:  # from the struct's own __post_init__
            return self.fail(path, str(failure))

    def _unknown(self, key: str, known: dict[str, Any], path: KeyPath) -> None:
        from mockforge.structured import format_path

        here = (*path, key)
        close = nearest(key, known)
        meant = format_path((*path, close)) if close else self._elsewhere(here)
        hint = f"did you mean {meant}?" if meant else f"known here: {', '.join(known)}"
        self.fail(here, "there is no such setting", hint)


def _default_of(field: mi.Field, inherited: msgspec.Struct | None) -> Any:
    if inherited is not None:
        return getattr(inherited, field.name)
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return None if field.default is msgspec.NODEFAULT else field.default


def _within(value: float, kind: mi.IntType | mi.FloatType) -> bool:
    return (
        (kind.ge is None or value >= kind.ge)
        and (kind.gt is None or value > kind.gt)
        and (kind.le is None or value <= kind.le)
        and (kind.lt is None or value < kind.lt)
        and (kind.multiple_of is None or value % kind.multiple_of == 0)
    )


def _may_take(kind: Kind, value: Any) -> bool:
    """Whether a value of this shape could be meant for ``kind`` at all."""
    match kind:
        case mi.AnyType():
            return True
        case mi.BoolType():
            return isinstance(value, bool)
        case mi.IntType() | mi.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case mi.StrType():
            return isinstance(value, str)
        case mi.LiteralType() | mi.EnumType():
            return any(type(known) is type(value) for known in choices(kind))
        case mi.CustomType(cls=cls):
            return hasattr(cls, "parse") or isinstance(value, str)
        case mi.StructType() | mi.DictType():
            return isinstance(value, dict)
        case _:
            return isinstance(value, list | tuple)


def _quote_hint(value: Any) -> str | None:
    if isinstance(value, bool | int | float):
        return "put the value in quotes"
    return None


def _bool_hint(value: Any) -> str | None:
    if isinstance(value, str) and value.lower() in _OFF_WORDS:
        return "write true or false; on, off, yes and no are text"
    return None


def _words(values: Any) -> str:
    return ", ".join(str(value) for value in values)
