"""Makers of the kinds of text that are computed rather than drawn from a pool.

Everything that could belong to someone is taken from what is reserved for documentation: the domains
``example.com``, ``.org`` and ``.net`` (RFC 2606), addresses of RFC 5737 and RFC 3849, telephone
numbers 555-01xx.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache
from typing import Final

from mockforge.mocking.data.name_tables import Window
from mockforge.mocking.data.names import window
from mockforge.mocking.data.pools import KINDS, pool
from mockforge.mocking.data.runtime import Context

MakeText = Callable[[Context], str]

_EPOCH: Final = datetime.date(1970, 1, 1)
_DOMAINS: Final = ("example.com", "example.org", "example.net")
_TOKEN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"  # noqa: S105  (an alphabet)


@cache
def pick(kind: str) -> MakeText:
    """A maker that draws from the pool ``kind``."""
    return pick_from(pool(kind))


def pick_from(values: tuple[str, ...]) -> MakeText:
    """A maker that draws from ``values``."""
    size = len(values)

    def make(context: Context) -> str:
        return values[int(context.random() * size)]

    return make


def email(context: Context) -> str:
    random = context.random
    first, last = pool("first_name"), pool("last_name")
    return (
        f"{_plain(first[int(random() * len(first))])}.{_plain(last[int(random() * len(last))])}"
        f"@{_DOMAINS[int(random() * 3)]}"
    )


@cache
def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def username(context: Context) -> str:
    random = context.random
    first = pool("first_name")
    return f"{_plain(first[int(random() * len(first))])}{int(random() * 990) + 10}"


def slug(context: Context) -> str:
    random = context.random
    adjectives, nouns = pool("adjective"), pool("noun")
    return f"{adjectives[int(random() * len(adjectives))]}-{nouns[int(random() * len(nouns))]}"


def phrase(context: Context) -> str:
    random = context.random
    adjectives, nouns = pool("adjective"), pool("noun")
    return f"{adjectives[int(random() * len(adjectives))]} {nouns[int(random() * len(nouns))]}"


def title(context: Context) -> str:
    return phrase(context).title()


def url(context: Context) -> str:
    return f"https://{_DOMAINS[int(context.random() * 3)]}/{slug(context)}"


def image_url(context: Context) -> str:
    return f"https://{_DOMAINS[int(context.random() * 3)]}/images/{slug(context)}.png"


def hostname(context: Context) -> str:
    nouns = pool("noun")
    return f"{nouns[int(context.random() * len(nouns))]}.{_DOMAINS[int(context.random() * 3)]}"


def phone(context: Context) -> str:
    return f"+1-{int(context.random() * 790) + 201}-555-01{int(context.random() * 100):02}"


def postal_code(context: Context) -> str:
    return f"{int(context.random() * 90_000) + 10_000}"


def unit_line(context: Context) -> str:
    return f"Apt. {int(context.random() * 200) + 1}"


def latitude(context: Context) -> str:
    return f"{context.random() * 180 - 90:.6f}"


def longitude(context: Context) -> str:
    return f"{context.random() * 360 - 180:.6f}"


def decimal(context: Context) -> str:
    return f"{context.random() * 999 + 1:.2f}"


def year(context: Context) -> str:
    return str(2015 + int(context.random() * 11))


def uuid(context: Context) -> str:
    """Version 4 (RFC 9562 section 5.4)."""
    digits = f"{context.rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _hex(length: int) -> MakeText:
    return lambda context: f"{context.rng.getrandbits(length * 4):0{length}x}"


def token(context: Context) -> str:
    random = context.random
    return "".join([_TOKEN[int(random() * 62)] for _ in range(24)])


def password(context: Context) -> str:
    random = context.random
    middle = "".join([_TOKEN[int(random() * 62)] for _ in range(10)])
    return f"{_TOKEN[int(random() * 26)]}{middle}{int(random() * 10)}{'!#%+-?'[int(random() * 6)]}"


def ipv4(context: Context) -> str:
    block = ("192.0.2", "198.51.100", "203.0.113")[int(context.random() * 3)]
    return f"{block}.{int(context.random() * 254) + 1}"


def ipv6(context: Context) -> str:
    bits = context.rng.getrandbits(32)
    return f"2001:db8::{bits >> 16 or 1:x}:{bits & 0xFFFF or 1:x}"


def mac(context: Context) -> str:
    digits = f"{context.rng.getrandbits(40):010x}"
    return ":".join(("02", *(digits[at : at + 2] for at in range(0, 10, 2))))


def hex_color(context: Context) -> str:
    return f"#{context.rng.getrandbits(24):06x}"


def version(context: Context) -> str:
    random = context.random
    return f"{int(random() * 5) + 1}.{int(random() * 12)}.{int(random() * 20)}"


def file_name(context: Context) -> str:
    extensions = pool("extension")
    return f"{slug(context)}.{extensions[int(context.random() * len(extensions))]}"


def path(context: Context) -> str:
    nouns = pool("noun")
    return f"/{nouns[int(context.random() * len(nouns))]}/{slug(context)}"


def sku(context: Context) -> str:
    random = context.random
    letters = "".join([_TOKEN[int(random() * 26)] for _ in range(3)])
    return f"{letters}-{int(random() * 90_000) + 10_000}"


def _digits(length: int) -> MakeText:
    return lambda context: f"{int(context.random() * 10**length):0{length}d}"


def isbn(context: Context) -> str:
    """ISBN-13 with its check digit (ISO 2108)."""
    body = f"978{int(context.random() * 10**9):09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def iban(context: Context) -> str:
    """A German IBAN with its check digits (ISO 13616)."""
    account = f"{int(context.random() * 10**15):018d}"
    check = 98 - int(f"{account}131400") % 97
    return f"DE{check:02}{account}"


def bic(context: Context) -> str:
    random = context.random
    return "".join([_TOKEN[int(random() * 26)] for _ in range(4)]) + "DEFF"


def card_number(context: Context) -> str:
    """A number of the test range 4242..., with its check digit (ISO/IEC 7812)."""
    body = f"424242{int(context.random() * 10**9):09d}"
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{body}{-total % 10}"


@cache
def _days(span: Window) -> tuple[str, ...]:
    """All dates of a window, as text: cheaper to draw from than to format each time."""
    return tuple(
        (_EPOCH + datetime.timedelta(days=day)).isoformat() for day in range(span.start, span.end)
    )


def date_in(field: str) -> MakeText:
    """A maker of full-dates (RFC 3339) as they fit a property called ``field``."""
    return pick_from(_days(window(field)))


def date_time_in(field: str) -> MakeText:
    """A maker of date-times (RFC 3339, UTC) as they fit a property called ``field``."""
    days = _days(window(field))
    count = len(days)

    def make(context: Context) -> str:
        second = int(context.random() * 86_400)
        minute, second = divmod(second, 60)
        day = days[int(context.random() * count)]
        return f"{day}T{minute // 60:02}:{minute % 60:02}:{second:02}Z"

    return make


def time(context: Context) -> str:
    minute, second = divmod(int(context.random() * 86_400), 60)
    return f"{minute // 60:02}:{minute % 60:02}:{second:02}Z"


_MAKERS: Final[dict[str, MakeText]] = {
    "barcode": _digits(13),
    "bic": bic,
    "card_number": card_number,
    "decimal": decimal,
    "email": email,
    "file_name": file_name,
    "hex_color": hex_color,
    "hostname": hostname,
    "iban": iban,
    "image_url": image_url,
    "ip": ipv4,
    "ipv6": ipv6,
    "isbn": isbn,
    "latitude": latitude,
    "longitude": longitude,
    "mac": mac,
    "md5": _hex(32),
    "password": password,
    "path": path,
    "phone": phone,
    "phrase": phrase,
    "postal_code": postal_code,
    "sha1": _hex(40),
    "sha256": _hex(64),
    "sku": sku,
    "slug": slug,
    "time": time,
    "title": title,
    "token": token,
    "unit_line": unit_line,
    "url": url,
    "username": username,
    "uuid": uuid,
    "version": version,
    "year": year,
}


def maker(kind: str, field: str) -> MakeText:
    """The maker of a kind that :func:`.names.text_kind` told, for a property called ``field``."""
    if kind == "date":
        return date_in(field)
    if kind == "date_time":
        return date_time_in(field)
    if kind == "user_agent":
        return pick("browser")
    made = _MAKERS.get(kind)
    return pick(kind) if made is None else made


MAKERS: Final = frozenset(_MAKERS) | KINDS | {"date", "date_time", "user_agent"}
"""Every kind that :func:`maker` knows."""
