"""Helpers about texts, as handlebars.java and WireMock define them."""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from .numbers import number_format
from .values import HelperError, text

LONGEST: Final = 1_000_000
"""Longest text that a helper makes, in characters."""


def _bounded(made: str) -> str:
    if len(made) > LONGEST:
        raise HelperError(f"a text is longer than {LONGEST:,} characters")
    return made


def _count(value: Any, name: str) -> int:
    try:
        number = int(text(value))
    except ValueError:
        raise HelperError(f"{name} is no whole number") from None
    if abs(number) > LONGEST:
        raise HelperError(f"{name} is larger than {LONGEST:,}")
    return number


def capitalize(value: Any, fully: bool = False) -> str:
    """The first letter of every word in upper case; the others in lower case if ``fully``."""
    source = text(value).lower() if fully is True else text(value)
    return re.sub(r"(^|\s)(\S)", lambda match: match[1] + match[2].upper(), source)


def capitalize_first(value: Any) -> str:
    """The first letter in upper case."""
    source = text(value)
    return source[:1].upper() + source[1:]


def padded(value: Any, size: Any = None, pad: Any = " ", *, at: str) -> str:
    """``value`` filled up to ``size``: ``center``, ``ljust`` or ``rjust``."""
    if size is None:
        raise HelperError(f"{at} has no size")
    fill = (text(pad) or " ")[0]
    adjusted: str = getattr(text(value), at)(_count(size, "size"), fill)
    return adjusted


def center(value: Any, size: Any = None, pad: Any = " ") -> str:
    """``value`` in the middle of ``size`` characters; the odd one goes to the right."""
    source, fill = text(value), (text(pad) or " ")[0]
    missing = max(0, _count(0 if size is None else size, "size") - len(source))
    return fill * (missing // 2) + source + fill * (missing - missing // 2)


def cut(value: Any, what: Any = " ") -> str:
    """``value`` without ``what``."""
    return text(value).replace(text(what), "")


def default_if_empty(value: Any, *defaults: Any) -> Any:
    """``value``, or the first of ``defaults`` that is not empty."""
    for each in (value, *defaults):
        if each is not None and each != "" and each is not False and each != []:
            return each
    return ""


def join(*values: Any, prefix: Any = "", suffix: Any = "") -> str:
    """All but the last, joined with the last; a list in the place of one is taken apart."""
    if len(values) < 2:
        raise HelperError("join needs values and what to put between them")
    *items, separator = values
    if len(items) == 1 and isinstance(items[0], list | tuple):
        items = list(items[0])
    return _bounded(text(prefix) + text(separator).join(map(text, items)) + text(suffix))


def substring(value: Any, start: Any, end: Any = None) -> str:
    """From ``start`` up to, not including, ``end``."""
    source = text(value)
    first = _count(start, "start")
    last = len(source) if end is None else _count(end, "end")
    if not 0 <= first <= last <= len(source):
        raise HelperError(f"substring {first} to {last} is not within {len(source)} characters")
    return source[first:last]


def slugify(value: Any) -> str:
    """Letters and digits, joined by ``-``."""
    kept = re.sub(r"[^\w\s-]", "", text(value)).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


def abbreviate(value: Any, width: Any = None) -> str:
    """Cut to ``width`` characters, the last three being dots."""
    source, most = text(value), _count(width, "width")
    if len(source) <= most:
        return source
    if most < 4:
        raise HelperError("abbreviate needs a width of at least 4")
    return source[: most - 3] + "..."


def word_wrap(value: Any, length: Any) -> str:
    """With a line break after at most ``length`` characters, between words."""
    return "\n".join(
        textwrap.wrap(text(value), max(1, _count(length, "length")), break_long_words=False)
    )


def replace(value: Any, target: Any, replacement: Any) -> str:
    """With every ``target`` replaced."""
    return _bounded(text(value).replace(text(target), text(replacement)))


def yesno(value: Any, yes: Any = "yes", no: Any = "no", maybe: Any = "maybe") -> str:
    """A word for true, false and neither."""
    return text(maybe if value is None else yes if value is True else no)


def string_format(pattern: Any, *values: Any) -> str:
    """``java.lang.String.format`` as far as ``%s %d %x %f %e %n %%`` with flags, width and precision go."""
    waiting = list(values)

    def put(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind in "%n":
            return "%" if kind == "%" else "\n"
        if not waiting:
            raise HelperError(f"stringFormat has no value for {match[0]}")
        if (width and int(width) > 10_000) or (precision and int(precision[1:]) > 1_000):
            raise HelperError("stringFormat with more than 10,000 characters")
        value = waiting.pop(0)
        spec = f"%{flags.replace(',', '')}{width}{precision}{kind}"
        try:
            if kind in "sS":
                made = spec.lower() % text(value)
            else:
                number = float(text(value)) if kind in "feEgG" else int(text(value))
                made = spec % number if "," not in flags else f"{number:{width},{precision}{kind}}"
        except (ValueError, TypeError) as error:
            raise HelperError(f"{match[0]} does not fit {text(value)[:40]!r}") from error
        return made.upper() if kind == "S" else made

    pattern_ = r"%(?:\d+\$)?([-#+ 0,(]*)(\d*)(\.\d+|)([sSdxXfeEgGn%])"
    return _bounded(re.sub(pattern_, put, text(pattern)))


def strip_tags(value: Any) -> str:
    """Without what stands between ``<`` and ``>``."""
    return re.sub(r"<[^<>]*>", "", text(value))


def number(value: Any, style: Any = "", locale: Any = "en_US", **options: Any) -> str:
    """See :func:`.numbers.number_format`."""
    return number_format(
        value, text(options.pop("format", style)), text(options.pop("locale", locale)), options
    )


def trim(value: Any) -> str:
    """Without white space around."""
    return text(value).strip()


def base64_(value: Any, decode: Any = False, padding: Any = True) -> str:
    """Encoded, or decoded, in Base64."""
    source = text(value)
    if decode is True:
        try:
            padded_ = source + "=" * (-len(source) % 4)
            return base64.b64decode(padded_, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError) as error:
            raise HelperError("no Base64") from error
    made = base64.b64encode(source.encode("utf-8", "surrogatepass")).decode()
    return made if padding is not False else made.rstrip("=")


def url_encode(value: Any, decode: Any = False) -> str:
    """Encoded, or decoded, as a form does."""
    source = text(value)
    return unquote_plus(source) if decode is True else quote_plus(source, safe="*-._")


STRINGS: Final[Mapping[str, Callable[..., Any]]] = {
    "abbreviate": abbreviate,
    "base64": base64_,
    "capitalize": capitalize,
    "capitalizeFirst": capitalize_first,
    "center": center,
    "cut": cut,
    "defaultIfEmpty": default_if_empty,
    "join": join,
    "ljust": lambda value, size=None, pad=" ": padded(value, size, pad, at="ljust"),
    "lower": lambda value: text(value).lower(),
    "numberFormat": number,
    "replace": replace,
    "rjust": lambda value, size=None, pad=" ": padded(value, size, pad, at="rjust"),
    "slugify": slugify,
    "stringFormat": string_format,
    "stripTags": strip_tags,
    "substring": substring,
    "trim": trim,
    "upper": lambda value: text(value).upper(),
    "urlEncode": url_encode,
    "wordWrap": word_wrap,
    "yesno": yesno,
}
