"""The ``format`` keyword of texts: a maker for each, and a way to meet length bounds.

Names are those of JSON Schema (validation, section 7.3) and of the OpenAPI format registry, plus
usual spellings. A format that is not listed is read as if it were the property's name.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from random import Random
from typing import Final

from mockforge.mocking.data import texts
from mockforge.mocking.data.names import text_kind, window
from mockforge.mocking.data.pools import pool
from mockforge.mocking.data.runtime import Context
from mockforge.mocking.data.texts import MakeText

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def _duration(context: Context) -> str:
    """RFC 3339 appendix A."""
    random = context.random
    kind = int(random() * 3)
    amount = int(random() * 29) + 1
    return (f"P{amount}D", f"PT{amount}M", f"PT{amount % 23 + 1}H{amount}M")[kind]


def _local_time(context: Context) -> str:
    return texts.time(context)[:-1]


def _relative_url(context: Context) -> str:
    return texts.path(context)


def _uri_template(context: Context) -> str:
    """RFC 6570."""
    nouns = pool("noun")
    return f"https://example.com/{nouns[int(context.random() * len(nouns))]}/{{id}}"


def _json_pointer(context: Context) -> str:
    """RFC 6901."""
    nouns = pool("noun")
    return f"/{nouns[int(context.random() * len(nouns))]}/{int(context.random() * 10)}"


def _relative_json_pointer(context: Context) -> str:
    return f"{int(context.random() * 3)}{_json_pointer(context)}"


def _regex(context: Context) -> str:
    nouns = pool("noun")
    return f"^{nouns[int(context.random() * len(nouns))]}-[0-9]{{{int(context.random() * 4) + 1}}}$"


def _base64(context: Context) -> str:
    return base64.b64encode(texts.phrase(context).encode()).decode()


def _base64url(context: Context) -> str:
    return base64.urlsafe_b64encode(texts.phrase(context).encode()).decode().rstrip("=")


def _char(context: Context) -> str:
    return _LETTERS[int(context.random() * 26)]


def _integer(context: Context) -> str:
    return str(int(context.random() * 9_999) + 1)


def _markdown(context: Context) -> str:
    return f"**{texts.title(context)}**: {texts.pick('sentence')(context)}"


def _html(context: Context) -> str:
    return f"<p>{texts.pick('sentence')(context)}</p>"


def _http_date(field: str) -> MakeText:
    """RFC 9110 section 5.6.7."""
    span = window(field)

    def make(context: Context) -> str:
        day = datetime.date(1970, 1, 1) + datetime.timedelta(
            context.between(span.start, span.end - 1)
        )
        name, month = _DAYS[day.weekday()], _MONTHS[day.month - 1]
        return f"{name}, {day.day:02} {month} {day.year} {texts.time(context)[:-1]} GMT"

    return make


def _local_date_time(field: str) -> MakeText:
    make = texts.date_time_in(field)
    return lambda context: make(context)[:-1]


def _fixed(make: MakeText) -> Callable[[str], MakeText]:
    return lambda _field: make


_FORMATS: Final[dict[str, Callable[[str], MakeText]]] = {
    "date": texts.date_in,
    "full-date": texts.date_in,
    "date-time": texts.date_time_in,
    "datetime": texts.date_time_in,
    "timestamp": texts.date_time_in,
    "iso8601": texts.date_time_in,
    "date-time-local": _local_date_time,
    "http-date": _http_date,
    "time": _fixed(texts.time),
    "time-local": _fixed(_local_time),
    "partial-time": _fixed(_local_time),
    "duration": _fixed(_duration),
    "email": _fixed(texts.email),
    "idn-email": _fixed(texts.email),
    "hostname": _fixed(texts.hostname),
    "idn-hostname": _fixed(texts.hostname),
    "ipv4": _fixed(texts.ipv4),
    "ip": _fixed(texts.ipv4),
    "ipv6": _fixed(texts.ipv6),
    "uri": lambda field: texts.image_url if text_kind(field) == "image_url" else texts.url,
    "url": lambda field: texts.image_url if text_kind(field) == "image_url" else texts.url,
    "iri": _fixed(texts.url),
    "uri-reference": _fixed(_relative_url),
    "iri-reference": _fixed(_relative_url),
    "uri-template": _fixed(_uri_template),
    "uuid": _fixed(texts.uuid),
    "guid": _fixed(texts.uuid),
    "json-pointer": _fixed(_json_pointer),
    "relative-json-pointer": _fixed(_relative_json_pointer),
    "regex": _fixed(_regex),
    "byte": _fixed(_base64),
    "base64": _fixed(_base64),
    "base64url": _fixed(_base64url),
    "binary": _fixed(texts.phrase),
    "password": _fixed(texts.password),
    "char": _fixed(_char),
    "int8": _fixed(lambda context: str(int(context.random() * 128))),
    "int16": _fixed(_integer),
    "int32": _fixed(_integer),
    "int64": _fixed(_integer),
    "uint64": _fixed(_integer),
    "integer": _fixed(_integer),
    "unix-time": _fixed(lambda context: str(context.between(1704067200, 1767225599))),
    "decimal": _fixed(texts.decimal),
    "decimal128": _fixed(texts.decimal),
    "double": _fixed(texts.decimal),
    "float": _fixed(texts.decimal),
    "number": _fixed(texts.decimal),
    "commonmark": _fixed(_markdown),
    "markdown": _fixed(_markdown),
    "html": _fixed(_html),
}

KNOWN: Final = frozenset(_FORMATS)


def format_maker(name: str, field: str) -> MakeText | None:
    """The maker for a format, for a property called ``field``; None if nothing is known of it."""
    plain = name.lower().replace("_", "-")
    build = _FORMATS.get(plain)
    if build is not None:
        return build(field)
    kind = text_kind(name)
    return None if kind is None else texts.maker(kind, field)


def _letters(random: Random, count: int) -> str:
    return "".join([_LETTERS[int(random.random() * 26)] for _ in range(max(count, 0))])


def _sized_email(random: Random, length: int) -> str:
    if length < 6:
        return f"{_letters(random, length - 2)}@a"
    local = min(length - 5, 60)
    return f"{_letters(random, local)}@{_sized_hostname(random, length - local - 1)}"


def _sized_hostname(random: Random, length: int) -> str:
    if length < 4:
        return _letters(random, length)
    labels, rest = ["co"], length - 3
    while rest > 63:
        labels.insert(0, _letters(random, 60))
        rest -= 61
    return ".".join((_letters(random, rest), *labels))


def _sized_url(random: Random, length: int) -> str:
    start = "https://example.com/" if length > 20 else "http://" if length > 8 else "a:"
    return start + _letters(random, length - len(start))


def _sized_path(random: Random, length: int) -> str:
    return f"/{_letters(random, length - 1)}" if length else ""


def _sized_base64(random: Random, length: int) -> str:
    return base64.b64encode(_letters(random, length // 4 * 3).encode()).decode()


_SIZED: Final[dict[str, Callable[[Random, int], str]]] = {
    "email": _sized_email,
    "idn-email": _sized_email,
    "hostname": _sized_hostname,
    "idn-hostname": _sized_hostname,
    "uri": _sized_url,
    "url": _sized_url,
    "iri": _sized_url,
    "uri-reference": _sized_path,
    "iri-reference": _sized_path,
    "json-pointer": _sized_path,
    "byte": _sized_base64,
    "base64": _sized_base64,
}


def sized_maker(name: str, low: int, high: int) -> MakeText | None:
    """A maker for a format that meets length bounds for which the usual values are too long or too
    short; None where a format has no room."""
    build = _SIZED.get(name)
    if build is None:
        return None
    length = min(high, max(low, 12))
    if name in ("byte", "base64"):
        length = -(-low // 4) * 4 or min(high // 4 * 4, 12)
    return lambda context: build(context.rng, length)
