"""Pools of plausible values: names, cities, companies, words.

A pool is a tuple made once per process. Names of people and places come from mimesis (an optional
dependency, imported at the first request for one) with a fixed seed, so that the same index means the
same value in every process; without mimesis, from the short lists at the end of this page.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

_SIZE: Final = 64
_SEED: Final = 2026

Pool = tuple[str, ...]


def pool(kind: str) -> Pool:
    """The values of a kind of :data:`KINDS`; at least four, different, plain text."""
    fixed = _FIXED.get(kind)
    return _drawn()[kind] if fixed is None else fixed


@cache
def _drawn() -> dict[str, Pool]:
    """The pools that are drawn from mimesis."""
    try:
        mimesis: Any = importlib.import_module("mimesis")
    except ImportError:
        return _FALLBACK
    pools: dict[str, Pool] = {}
    locale = mimesis.locales.Locale.EN
    person = mimesis.Person(locale, seed=_SEED)
    address = mimesis.Address(locale, seed=_SEED)
    finance = mimesis.Finance(locale, seed=_SEED)
    makers: dict[str, Callable[[], Any]] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "occupation": person.occupation,
        "nationality": person.nationality,
        "university": person.university,
        "language": person.language,
        "city": address.city,
        "state": address.state,
        "country": address.country,
        "street": address.address,
        "company": finance.company,
    }
    for kind, make in makers.items():
        pools[kind] = _distinct((make() for _ in range(_SIZE * 6)), _LONGEST.get(kind, 40))
    pools["full_name"] = tuple(
        f"{first} {last}"
        for first, last in zip(pools["first_name"], pools["last_name"], strict=False)
    )
    return pools


_LONGEST: Final = {"company": 28, "occupation": 30, "country": 24}


def _distinct(values: Iterable[Any], longest: int) -> Pool:
    """The first values that are short, in ASCII, printable, and different."""
    found: dict[str, None] = {}
    for value in values:
        text = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode()
        if 3 <= len(text) <= longest and text.isprintable():
            found[text] = None
        if len(found) == _SIZE:
            break
    return tuple(found)


def _words(text: str) -> Pool:
    return tuple(text.split())


def _lines(text: str) -> Pool:
    return tuple(line.strip() for line in text.strip().splitlines())


_FIXED: Final[dict[str, Pool]] = {
    "adjective": _words(
        "amber bold brave bright calm clever cosmic crisp curious eager early fast fresh gentle"
        " golden happy humble keen light lively lucky mellow merry misty modern noble polar proud"
        " quiet rapid royal silent silver smart solar solid steady sunny swift tidy vivid warm"
    ),
    "noun": _words(
        "anchor arrow badger beacon bridge brook canyon cedar comet coral delta ember falcon"
        " feather field forest garden glacier harbor heron island lagoon lantern maple meadow"
        " meteor mountain oasis orchard otter pebble pine planet prairie quartz ridge river sparrow"
        " spruce summit thistle tide valley willow"
    ),
    "word": _words(
        "account archive balance basic bridge candle classic color custom daily design detail effort"
        " featured figure garden global history island journey kitchen ladder market modern music"
        " nature number office orange organic pocket popular quality record remote sample season"
        " selected simple standard station studio summer table travel urban vintage weekend winter"
    ),
    "pet_name": _words(
        "Bella Max Luna Charlie Lucy Cooper Daisy Milo Rocky Coco Buddy Molly Oscar Ruby Leo Nala"
        " Simba Biscuit Pepper Ziggy"
    ),
    "species": _words("dog cat rabbit hamster parrot turtle goldfish horse guinea-pig lizard"),
    "breed": _lines(
        """Labrador Retriever
        Beagle
        Poodle
        Border Collie
        Siamese
        Maine Coon
        Persian
        Golden Retriever
        Bengal
        Dachshund"""
    ),
    "status": _words("active inactive pending completed archived draft approved scheduled"),
    "color": _words("red orange yellow green blue indigo violet black white gray teal magenta"),
    "currency": _words("USD EUR GBP JPY CHF CAD AUD SEK NOK DKK PLN INR BRL MXN ZAR SGD"),
    "currency_name": _lines(
        """US Dollar
        Euro
        Pound Sterling
        Yen
        Swiss Franc
        Canadian Dollar
        Swedish Krona
        Indian Rupee"""
    ),
    "country_code": _words("US GB DE FR IT ES NL SE NO DK PL CH AT BE IE PT JP IN BR MX CA AU"),
    "country_code_3": _words("USA GBR DEU FRA ITA ESP NLD SWE NOR DNK POL CHE JPN IND BRA CAN AUS"),
    "state_code": _words("AZ CA CO FL GA IL MA MI MN NC NJ NY OH OR PA TX VA WA WI"),
    "language_code": _words("en de fr es it nl sv da pl pt ja ko zh hi"),
    "locale": _words("en-US en-GB de-DE fr-FR es-ES it-IT nl-NL sv-SE pl-PL pt-BR ja-JP"),
    "timezone": _words(
        "UTC Europe/London Europe/Berlin Europe/Paris America/New_York America/Chicago"
        " America/Los_Angeles America/Sao_Paulo Asia/Tokyo Asia/Kolkata Asia/Singapore"
        " Australia/Sydney"
    ),
    "gender": ("female", "male", "other", "female", "male", "unspecified", "female", "male"),
    "category": _words("books clothing electronics furniture garden groceries music sports toys"),
    "product": _lines(
        """Wireless Mouse
        Desk Lamp
        Ceramic Mug
        Travel Backpack
        Running Shoes
        Cotton T-Shirt
        Steel Water Bottle
        Mechanical Keyboard
        Noise-Cancelling Headphones
        Garden Chair
        Leather Wallet
        Yoga Mat"""
    ),
    "department": _words("Sales Engineering Marketing Finance Support Legal Research Operations"),
    "role": _words("admin editor viewer owner member guest manager maintainer"),
    "plan": _words("free basic starter standard professional premium business enterprise"),
    "payment_method": _words("card bank_transfer paypal invoice cash sepa_debit apple_pay giro"),
    "mime_type": _words(
        "application/json application/pdf image/png image/jpeg text/plain text/csv text/html"
        " video/mp4 audio/mpeg"
    ),
    "extension": _words("pdf png jpg csv txt json zip docx xlsx"),
    "method": _words("GET POST PUT PATCH DELETE HEAD OPTIONS GET"),
    "level": _words("low medium high critical info warning error debug"),
    "weekday": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday Monday"),
    "month": _words(
        "January February March April May June July August September October November December"
    ),
    "genre": _words("drama comedy thriller fantasy mystery romance adventure documentary"),
    "unit": _words("kg g lb m cm km l ml piece hour"),
    "size": _words("XS S M L XL XXL small medium large"),
    "browser": _lines(
        """Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
        Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36
        Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15
        curl/8.8.0"""
    ),
    "sentence": _lines(
        """The order was placed without any difficulty.
        A short walk along the river is planned for the morning.
        Everything arrived on time and in good condition.
        Please read the notes before you begin.
        The first version was finished earlier than expected.
        It works well for small teams and for large ones.
        Two more pages will be added next week.
        The team agreed on a simple plan.
        This part can be replaced without tools.
        Breakfast is served from seven to ten.
        The old bridge offers a fine view of the valley.
        Each item is checked twice before it is sent.
        The results were better than last year.
        A quiet room with a view of the garden.
        The meeting was moved to the afternoon.
        Nothing else needs to be changed."""
    ),
}

_FALLBACK: Final[dict[str, Pool]] = {
    "first_name": _words("Ada Alan Anna Ben Clara David Emma Felix Grace Henry Ida Jonas Lena Tom"),
    "last_name": _words("Adams Baker Carter Diaz Evans Fischer Garcia Hansen Ito Jones Klein Moore"),
    "full_name": _lines(
        """Ada Baker
        Alan Carter
        Anna Fischer
        Ben Hansen
        Clara Jones
        David Evans
        Emma Garcia
        Felix Klein"""
    ),
    "occupation": _words("Architect Baker Designer Doctor Engineer Farmer Lawyer Nurse Teacher"),
    "nationality": _words("American British Danish Dutch French German Indian Italian Japanese"),
    "university": _lines(
        """University of Springfield
        Lakeside College
        Northern State University
        Riverside University
        Hill Valley College
        Coastal University
        Institute of Technology
        City College"""
    ),
    "language": _words("English German French Spanish Italian Dutch Swedish Japanese Hindi"),
    "city": _words("Berlin Boston Chicago Dublin Geneva Lisbon London Madrid Oslo Paris Vienna"),
    "state": _words("California Colorado Florida Georgia Illinois Nevada Ohio Oregon Texas Utah"),
    "country": _words("Austria Brazil Canada Denmark France Germany India Italy Japan Spain"),
    "street": tuple(f"{12 + 7 * number} {name} Street" for number, name in enumerate(
        _words("Oak Maple Cedar Pine Elm Lake Hill Park Mill Church")
    )),
    "company": tuple(f"{name} Ltd" for name in _words(
        "Northwind Brightside Bluewater Redwood Stonebridge Clearview Fairfield Greenleaf"
    )),
}  # fmt: skip

KINDS: Final = frozenset(_FIXED) | frozenset(_FALLBACK)
"""The kinds there are pools for."""
