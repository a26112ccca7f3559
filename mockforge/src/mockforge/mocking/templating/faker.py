"""``faker.*``: plausible names, addresses and so on, from the makers that generated data uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mockforge.mocking.templating.helpers import length_of
from mockforge.mocking.templating.runtime import Run

KINDS: Final[dict[str, str]] = {
    "name": "full_name", "full_name": "full_name", "first_name": "first_name", "last_name": "last_name",
    "username": "username", "email": "email", "phone": "phone", "job": "occupation", "language": "language",
    "nationality": "nationality", "university": "university", "gender": "gender", "password": "password",
    "street": "street", "city": "city", "state": "state", "zip": "postal_code", "postal_code": "postal_code",
    "country": "country", "country_code": "country_code", "latitude": "latitude", "longitude": "longitude",
    "timezone": "timezone", "locale": "locale", "company": "company", "department": "department",
    "product": "product", "category": "category", "price": "decimal", "currency": "currency", "sku": "sku",
    "iban": "iban", "bic": "bic", "card_number": "card_number", "isbn": "isbn", "barcode": "barcode",
    "url": "url", "image_url": "image_url", "domain": "hostname", "ipv4": "ip", "ipv6": "ipv6", "mac": "mac",
    "user_agent": "user_agent", "mime_type": "mime_type", "file_name": "file_name", "slug": "slug",
    "version": "version", "token": "token", "uuid": "uuid", "color": "color", "hex_color": "hex_color",
    "date": "date", "datetime": "date_time", "time": "time", "title": "title", "word": "word",
    "sentence": "sentence", "pet_name": "pet_name",
}  # fmt: skip
"""Functions of the family, and the kinds of data that they draw."""
_MOST: Final = 1000


def faker_functions(run: Run) -> dict[str, Callable[..., Any]]:
    """The functions by name (``faker.email``). What they draw from is loaded when one is first called."""
    functions: dict[str, Callable[..., Any]] = {
        f"faker.{name}": _Drawn(run, kind) for name, kind in KINDS.items()
    }
    word = functions["faker.word"]
    sentence = functions["faker.sentence"]

    def address() -> str:
        """Street, city and postal code in one line."""
        parts = (functions[f"faker.{part}"]() for part in ("street", "city", "postal_code"))
        return ", ".join(parts)

    def words(count: Any = 3) -> str:
        return " ".join(word() for _ in range(length_of(count, "the number of words", _MOST)))

    def paragraph(count: Any = 4) -> str:
        return " ".join(
            sentence() for _ in range(length_of(count, "the number of sentences", _MOST))
        )

    return {
        **functions,
        "faker.address": address,
        "faker.words": words,
        "faker.lorem": words,
        "faker.paragraph": paragraph,
        "faker.text": paragraph,
    }


class _Drawn:
    """A function that draws one kind."""

    __slots__ = ("_kind", "_make", "_run", "_source")

    def __init__(self, run: Run, kind: str) -> None:
        self._run = run
        self._kind = kind
        self._make: Callable[[Any], str] | None = None
        self._source: Callable[[Any], Any] | None = None

    def __call__(self) -> str:
        if self._make is None or self._source is None:
            from mockforge.mocking.data.model import DataLimits
            from mockforge.mocking.data.runtime import Context
            from mockforge.mocking.data.texts import maker

            limits = DataLimits()
            self._source = lambda chance: Context(chance, limits)
            self._make = maker(self._kind, self._kind)
        return self._make(self._source(self._run.chance))
