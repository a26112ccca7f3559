"""The keywords that look at a value alone: numbers, texts, sizes, ``enum`` and ``const``.

Each check returns ``None``, or what is wrong. Patterns, formats and ``multipleOf`` are put to the
validator itself, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.mocking.data import values
from mockforge.mocking.data.patterns import pattern as python_pattern
from mockforge.mocking.data.values import identity
from mockforge_http.validation import wording
from mockforge_http.validation.compile import compile_schema
from mockforge_http.validation.formats import EXAMPLES
from mockforge_http.validation.patterns import KEYWORD

if TYPE_CHECKING:
    from jsonschema_rs import ValidationErrorKind

_KEPT: Final = 64


class Wrong(NamedTuple):
    """``says`` follows the name of the place: "must be at most 120, got 130". ``expected`` is a few words
    for the finding, ``kinds`` the types that are wanted, where it is the type that is wrong."""

    code: str
    says: str
    expected: str | None = None
    kinds: tuple[str, ...] = ()


def type_of(value: Any) -> str:
    """The JSON type; whole numbers are ``integer``."""
    kind = values.type_of(value)
    if kind != "number":
        return kind
    if isinstance(value, int) or value == (
        value.to_integral_value() if isinstance(value, Decimal) else int(value)
    ):
        return "integer"
    return "number"


def wrong_type(declared: Any, kind: str, value: Any) -> Wrong | None:
    """``type``."""
    names = declared if isinstance(declared, list) else [declared]
    if kind in names or (kind == "integer" and "number" in names):
        return None
    return not_of_type(tuple(names), value)


def not_of_type(kinds: tuple[str, ...], value: Any) -> Wrong:
    """``value`` is of none of these types."""
    text = wording.types(kinds)
    return Wrong("type", f"must be {text}, got {wording.shown(value)}", text, kinds)


def wrong_choice(schema: dict[str, Any], value: Any) -> Wrong | None:
    """``enum`` and ``const``."""
    if "const" in schema and identity(schema["const"]) != identity(value):
        text = wording.shown(schema["const"])
        return Wrong("const", f"must be {text}, got {wording.shown(value)}", text)
    if "enum" in schema:
        wanted = identity(value)
        if not any(identity(option) == wanted for option in schema["enum"]):
            return not_among(schema["enum"], value)
    return None


def not_among(options: Sequence[Any], value: Any) -> Wrong:
    """``value`` is none of these."""
    text = wording.options(options)
    return Wrong("enum", f"must be one of {text}, got {wording.shown(value)}", text)


# ---------------------------------------------------------------------- numbers

_BOUNDS: Final[dict[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "minimum": ("at least", lambda value, limit: value >= limit),
    "maximum": ("at most", lambda value, limit: value <= limit),
    "exclusiveMinimum": ("more than", lambda value, limit: value > limit),
    "exclusiveMaximum": ("less than", lambda value, limit: value < limit),
}


def wrong_number(schema: dict[str, Any], value: Any) -> list[Wrong]:
    """The keywords of numbers."""
    found: list[Wrong] = []
    for keyword, (_words, holds) in _BOUNDS.items():
        limit = schema.get(keyword)
        if limit is not None and not holds(value, limit):
            found.append(_out_of_bounds(keyword, limit, value))
    step = schema.get("multipleOf")
    if step is not None and not _leaf("multipleOf", step)(value):
        text = f"a multiple of {wording.number(step)}"
        found.append(Wrong("multipleOf", f"must be {text}, got {wording.shown(value)}", text))
    return found


def _out_of_bounds(keyword: str, limit: Any, value: Any) -> Wrong:
    text = f"{_BOUNDS[keyword][0]} {wording.number(limit)}"
    return Wrong(keyword, f"must be {text}, got {wording.shown(value)}", text)


# ---------------------------------------------------------------------- texts


def wrong_text(schema: dict[str, Any], value: str, patterns: dict[str, str]) -> list[Wrong]:
    """The keywords of texts; ``patterns`` leads to how the document writes them."""
    found = _wrong_size(schema, len(value), "character", "minLength", "maxLength")
    pattern = schema.get("pattern")
    if pattern is not None and not _leaf("pattern", pattern)(value):
        found.append(_no_match(patterns.get(pattern, pattern), value))
    pattern = schema.get(KEYWORD)
    if pattern is not None and (engine := python_pattern(pattern)) and not engine.matches(value):
        found.append(_no_match(pattern, value))
    name = schema.get("format")
    if name is not None and not _leaf("format", name)(value):
        example = f" (such as {EXAMPLES[name]})" if name in EXAMPLES else ""
        text = f"a valid {name}"
        found.append(Wrong("format", f"must be {text}{example}, got {wording.shown(value)}", text))
    return found


def matches(pattern: str, name: str) -> bool:
    """Whether a property's name matches a key of ``patternProperties``."""
    return _leaf("pattern", pattern)(name)


def _no_match(pattern: str, value: str) -> Wrong:
    text = pattern if len(pattern) <= 100 else pattern[:97] + "..."
    return Wrong("pattern", f"must match the pattern {text}, got {wording.shown(value)}", text)


@lru_cache(maxsize=_KEPT)
def _leaf(keyword: str, argument: Any) -> Callable[[Any], bool]:
    check: Callable[[Any], bool] = compile_schema({keyword: argument}).is_valid
    return check


# ---------------------------------------------------------------------- sizes


def wrong_length(schema: dict[str, Any], value: list[Any]) -> list[Wrong]:
    """``minItems`` and ``maxItems``."""
    return _wrong_size(schema, len(value), "item", "minItems", "maxItems")


def wrong_breadth(schema: dict[str, Any], value: dict[str, Any]) -> list[Wrong]:
    """``minProperties`` and ``maxProperties``."""
    return _wrong_size(schema, len(value), "property", "minProperties", "maxProperties")


def _wrong_size(schema: dict[str, Any], size: int, noun: str, least: str, most: str) -> list[Wrong]:
    found: list[Wrong] = []
    low, high = schema.get(least), schema.get(most)
    if low is not None and size < low:
        text = f"at least {wording.count(int(low), noun)}"
        found.append(Wrong(least, f"must have {text}, has {size}", text))
    if high is not None and size > high:
        text = f"at most {wording.count(int(high), noun)}"
        found.append(Wrong(most, f"must have {text}, has {size}", text))
    return found


def twins(items: list[Any]) -> tuple[int, int] | None:
    """The positions of two items that are equal."""
    seen: dict[Any, int] = {}
    for position, item in enumerate(items):
        key = identity(item)
        if key in seen:
            return seen[key], position
        seen[key] = position
    return None


# ---------------------------------------------------------------------- errors of the validator

_OF_TEXTS: Final = frozenset({"minLength", "maxLength", "pattern", "format"})
_OF_LISTS: Final = frozenset({"minItems", "maxItems"})
_OF_OBJECTS: Final = frozenset({"minProperties", "maxProperties"})


def wrong_alone(kind: ValidationErrorKind, value: Any, patterns: dict[str, str]) -> Wrong | None:
    """What an error of the validator says if it is about ``value`` by itself; else ``None``."""
    keyword = kind.name
    if keyword == "type":
        return not_of_type(tuple(sorted(kind.value, key="null".__eq__)), value)
    found: list[Wrong] = []
    if keyword == "enum":
        return not_among(kind.value, value)
    if keyword in _BOUNDS:
        return _out_of_bounds(keyword, kind.value, value)
    if keyword == "const":
        return wrong_choice({keyword: kind.value}, value)
    if keyword == "multipleOf":
        found = wrong_number({keyword: kind.value}, value)
    elif keyword in _OF_TEXTS:
        found = wrong_text({keyword: kind.value}, value, patterns)
    elif keyword in _OF_LISTS:
        found = wrong_length({keyword: kind.value}, value)
    elif keyword in _OF_OBJECTS:
        found = wrong_breadth({keyword: kind.value}, value)
    return found[0] if found else None
