"""Filters on texts and numbers, and the parts of filters and methods that make texts larger."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from mockforge.mocking.templating.helpers import (
    compiled_pattern,
    length_of,
    real_number,
    whole_number,
)
from mockforge.mocking.templating.moments import moment_of
from mockforge.mocking.templating.operators import kind_of
from mockforge.mocking.templating.runtime import RefusedError, Run, size_of
from mockforge.mocking.templating.texts import json_of, text_of

_DIRECTIVE: Final = re.compile(r"%(?:\((\w+)\))?([-+ #0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])")
_NUMBERS: Final = frozenset("dioxXeEfFgG")
_WIDEST: Final = 1000
_LONGEST_WRAPPED: Final = 64 * 1024


def joined(run: Run, values: Any, separator: Any = "", attribute: Any = None) -> str:
    """The texts of a list in a row."""
    from mockforge.mocking.templating.lists import attribute_of, items_of

    items = items_of(values)
    if attribute is not None:
        items = [attribute_of(item, attribute) for item in items]
    between = text_of(separator)
    run.fits(size_of(items, run.most) + len(between) * len(items))
    return between.join(text_of(item) for item in items)


def replaced(run: Run, text: str, old: Any, new: Any, count: Any = -1) -> str:
    """``text`` with ``old`` replaced."""
    before, after = text_of(old), text_of(new)
    number = text.count(before)
    limit = whole_number(count, "the count")
    if limit >= 0:
        number = min(number, limit)
    run.fits(len(text) + number * (len(after) - len(before)))
    return text.replace(before, after, limit)


def padded(run: Run, text: str, way: str, width: Any, fill: Any = " ") -> str:
    """``text`` brought to a width: ``ljust``, ``rjust``, ``center``, ``zfill``."""
    number = length_of(width, "the width", run.most)
    if way == "zfill":
        return text.zfill(number)
    char = text_of(fill)
    if len(char) != 1:
        raise RefusedError("the character to fill with is one character")
    made: str = getattr(text, way)(number, char)
    return made


def formatted(form: str, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """``printf`` directives, with widths up to 1000."""
    waiting = list(arguments)

    def one(match: re.Match[str]) -> str:
        name, flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        if any(int(number[:9]) > _WIDEST for number in (width, precision) if number):
            raise RefusedError(f"widths in formats are at most {_WIDEST}")
        if name is None and not waiting:
            raise RefusedError("the format has more directives than there are values")
        value = named.get(name) if name is not None else waiting.pop(0)
        directive = f"%{flags}{width}{'.' + precision if precision else ''}{kind}"
        if kind in _NUMBERS:
            number = real_number(value, "the value")
            value = value if isinstance(value, int) else number
            return directive % (int(value) if kind in "dioxX" else value)
        if kind not in "sr":
            raise RefusedError(f"there is no directive %{kind}")
        return directive.replace("r", "s") % text_of(value)

    return _DIRECTIVE.sub(one, form)


def _indented(run: Run, value: Any, width: Any = 4, first: Any = False, blank: Any = False) -> str:
    text = text_of(value)
    prefix = width if isinstance(width, str) else " " * length_of(width, "the width", _WIDEST)
    run.fits(len(text) + len(prefix) * (text.count("\n") + 1))
    made = textwrap.indent(text, prefix, (lambda line: True) if blank else None)
    return made if first else made.removeprefix(prefix)


def _rounded(value: Any, digits: Any = 0, method: Any = "common") -> Any:
    from math import ceil, floor

    number = real_number(value, "the value")
    places = whole_number(digits, "the digits")
    if not -300 <= places <= 300:
        raise RefusedError("the digits are out of range")
    if method == "common":
        made = round(number, places)
    elif method in ("ceil", "floor"):
        scaled = number * 10.0**places
        if abs(scaled) > 2.0**53:
            return number
        made = (ceil if method == "ceil" else floor)(scaled) / 10.0**places
    else:
        raise RefusedError("round goes common, ceil or floor")
    return int(made) if places == 0 and abs(made) < 2.0**53 else made


def _to_int(value: Any, default: Any = 0, base: Any = 10) -> Any:
    try:
        if isinstance(value, str):
            radix = whole_number(base, "the base")
            text = value.strip()[:70]
            try:
                number = int(text, radix)
            except ValueError:
                number = int(float(text))
        else:
            number = int(value)
    except (TypeError, ValueError, OverflowError):
        return default
    return number if -(1 << 63) <= number < 1 << 64 else default


def _to_float(value: Any, default: Any = 0.0) -> Any:
    try:
        return real_number(float(value) if isinstance(value, bool) else value, "the value")
    except RefusedError:
        return default


def _default(value: Any, other: Any = "", falsy: Any = False) -> Any:
    return other if value is None or (falsy and not value) else value


def _truncated(value: Any, length: Any = 255, whole_words: Any = False, end: Any = "...") -> str:
    text, most, tail = text_of(value), whole_number(length, "the length"), text_of(end)
    if len(text) <= most:
        return text
    cut = text[: max(0, most - len(tail))]
    if whole_words is not True and " " in cut:
        cut = cut.rsplit(" ", 1)[0]
    return cut + tail


def _url_encoded(value: Any) -> str:
    if isinstance(value, Mapping):
        return urlencode([(text_of(key), text_of(each)) for key, each in value.items()])
    return quote(text_of(value), safe="/")


def _absolute(value: Any) -> Any:
    if isinstance(value, int | float):
        return abs(value)
    raise RefusedError(f"abs does not go with {kind_of(value)}")


def _file_size(value: Any, binary: Any = False) -> str:
    size, base = real_number(value, "the size"), 1024 if binary else 1000
    units = [
        "Bytes",
        *(f"{unit}iB" if binary else f"{unit}B" for unit in ("K" if binary else "k", *"MGTPE")),
    ]
    for unit in units:
        if abs(size) < base or unit == units[-1]:
            return f"{size:.0f} {unit}" if unit == "Bytes" else f"{size:.1f} {unit}"
        size /= base
    raise AssertionError("the last unit takes all")


def text_filters(run: Run) -> dict[str, Callable[..., Any]]:
    """The filters by name."""

    def on_text(function: Callable[[str], Any]) -> Callable[[Any], Any]:
        return lambda value: function(text_of(value))

    def wrapped(value: Any, width: Any = 79) -> str:
        text = text_of(value)
        if len(text) > _LONGEST_WRAPPED:  # the library takes quadratic time over words and spaces
            raise RefusedError(f"texts of up to {_LONGEST_WRAPPED} characters can be wrapped")
        return "\n".join(textwrap.wrap(text, max(1, whole_number(width, "the width"))))

    def find(value: Any, pattern: Any, group: Any = 0) -> Any:
        found = compiled_pattern(str(pattern)).search(text_of(value))
        try:
            return None if found is None else found.group(group)
        except (IndexError, TypeError):
            raise RefusedError(f"the expression has no group {str(group)[:40]}") from None

    def substitute(value: Any, pattern: Any, new: Any = "", count: Any = 0) -> str:
        number = max(0, whole_number(count, "the count"))
        return compiled_pattern(str(pattern)).sub(run, str(new), text_of(value), number)

    def repeated(value: Any, count: Any) -> str:
        text, number = text_of(value), max(0, whole_number(count, "the count"))
        run.fits(len(text) * number)
        return text * number

    def trimmed(value: Any, chars: Any = None) -> str:
        return text_of(value).strip(None if chars is None else str(chars))

    return {
        "abs": _absolute,
        "bool": bool,
        "capitalize": on_text(str.capitalize),
        "center": lambda value, width=80, fill=" ": padded(
            run, text_of(value), "center", width, fill
        ),
        "date": lambda value, form="", zone="": moment_of(value).written(str(form), str(zone)),
        "default": _default,
        "d": _default,
        "escape": on_text(html.escape),
        "e": on_text(html.escape),
        "filesizeformat": _file_size,
        "float": _to_float,
        "format": lambda value, *arguments, **named: formatted(text_of(value), arguments, named),
        "indent": lambda value, *options, **named: _indented(run, value, *options, **named),
        "int": _to_int,
        "json": lambda value, indent=0: json_of(value, length_of(indent, "the indent", 16)),
        "tojson": lambda value, indent=0: json_of(value, length_of(indent, "the indent", 16)),
        "ljust": lambda value, width, fill=" ": padded(run, text_of(value), "ljust", width, fill),
        "lower": on_text(str.lower),
        "offset": lambda value, offset: moment_of(value).shifted(offset, 1),
        "regex_findall": lambda value, pattern: [
            list(each) if isinstance(each, tuple) else each
            for each in compiled_pattern(str(pattern)).findall(text_of(value))
        ],
        "regex_match": lambda value, pattern: (
            compiled_pattern(str(pattern)).fullmatch(text_of(value)) is not None
        ),
        "regex_replace": substitute,
        "regex_search": find,
        "repeat": repeated,
        "replace": lambda value, old, new, count=-1: replaced(run, text_of(value), old, new, count),
        "rjust": lambda value, width, fill=" ": padded(run, text_of(value), "rjust", width, fill),
        "round": _rounded,
        "split": lambda value, by=None, most=-1: text_of(value).split(
            None if by is None else str(by), whole_number(most, "the most")
        ),
        "lines": on_text(str.splitlines),
        "string": text_of,
        "striptags": on_text(lambda text: " ".join(re.sub(r"<[^<>]*>", "", text).split())),
        "title": on_text(str.title),
        "trim": trimmed,
        "truncate": _truncated,
        "unescape": on_text(html.unescape),
        "upper": on_text(str.upper),
        "urldecode": on_text(unquote),
        "urlencode": _url_encoded,
        "wordcount": on_text(lambda text: len(text.split())),
        "wordwrap": wrapped,
        "zfill": lambda value, width: padded(run, text_of(value), "zfill", width),
    }
