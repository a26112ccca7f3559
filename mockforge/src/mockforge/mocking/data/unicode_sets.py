r"""Character classes for ``\p{...}``, which ECMA-262 patterns know and Python's ``re`` does not.

Computed from :mod:`unicodedata` on first use, for the Basic Multilingual Plane (what is beyond it
is in no class). Scripts are told by the first word of the characters' names.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

_LAST: Final = 0xFFFF

_LONG_NAMES: Final = {
    "letter": "L", "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt",
    "casedletter": "LC", "modifierletter": "Lm", "otherletter": "Lo", "mark": "M",
    "combiningmark": "M", "nonspacingmark": "Mn", "number": "N", "decimalnumber": "Nd",
    "digit": "Nd", "letternumber": "Nl", "othernumber": "No", "punctuation": "P", "punct": "P",
    "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "openpunctuation": "Ps",
    "closepunctuation": "Pe", "symbol": "S", "mathsymbol": "Sm", "currencysymbol": "Sc",
    "separator": "Z", "spaceseparator": "Zs", "other": "C", "control": "Cc", "cntrl": "Cc",
    "format": "Cf",
}  # fmt: skip

_SCRIPTS: Final = {
    "latin": "LATIN", "latn": "LATIN", "greek": "GREEK", "grek": "GREEK", "cyrillic": "CYRILLIC",
    "cyrl": "CYRILLIC", "han": "CJK", "hani": "CJK", "hiragana": "HIRAGANA", "hira": "HIRAGANA",
    "katakana": "KATAKANA", "kana": "KATAKANA", "hangul": "HANGUL", "hang": "HANGUL",
    "arabic": "ARABIC", "arab": "ARABIC", "hebrew": "HEBREW", "hebr": "HEBREW", "thai": "THAI",
    "devanagari": "DEVANAGARI", "deva": "DEVANAGARI", "armenian": "ARMENIAN", "armn": "ARMENIAN",
    "georgian": "GEORGIAN", "geor": "GEORGIAN",
}  # fmt: skip


@lru_cache(maxsize=64)
def ranges(name: str) -> tuple[tuple[int, int], ...]:
    r"""The code point ranges of the property in ``\p{name}``; ValueError if it is not known."""
    prefix, _, value = name.rpartition("=")
    plain = value.replace("_", "").replace(" ", "").lower()
    if prefix.lower() in ("script", "sc", "scriptextensions", "scx") or plain in _SCRIPTS:
        word = _SCRIPTS.get(plain.removeprefix("is"))
        if word is None:
            raise ValueError(f"the script {name!r} is not known")
        return _collect(lambda char: unicodedata.name(char, "").startswith(word))
    simple = _simple(plain)
    if simple is not None:
        return simple
    category = _LONG_NAMES.get(plain, value)
    wanted = ("Lu", "Ll", "Lt") if category == "LC" else (category,)
    found = _collect(lambda char: unicodedata.category(char).startswith(wanted))
    if not found:
        raise ValueError(f"the Unicode property {name!r} is not known")
    return found


def _simple(plain: str) -> tuple[tuple[int, int], ...] | None:
    """Properties that are no category."""
    if plain == "any":
        return ((0, sys.maxunicode),)
    if plain == "ascii":
        return ((0, 0x7F),)
    if plain in ("alphabetic", "alpha"):
        return _collect(str.isalpha)
    if plain in ("uppercase", "upper"):
        return _collect(str.isupper)
    if plain in ("lowercase", "lower"):
        return _collect(str.islower)
    if plain in ("whitespace", "space"):
        return _collect(str.isspace)
    if plain in ("emoji", "emojipresentation", "extendedpictographic"):
        return ((0x2600, 0x27BF), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF))
    return None


def _collect(belongs: Callable[[str], bool]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    start: int | None = None
    for code in range(_LAST + 2):
        inside = code <= _LAST and not 0xD800 <= code <= 0xDFFF and belongs(chr(code))
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            found.append((start, code - 1))
            start = None
    return tuple(found)


def class_body(name: str, *, negated: bool) -> str:
    r"""The property as the inside of a Python character class (``a-zA-Z``)."""
    pairs = _inverted(ranges(name)) if negated else ranges(name)
    return "".join(
        f"\\U{low:08x}" if low == high else f"\\U{low:08x}-\\U{high:08x}" for low, high in pairs
    )


def _inverted(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    found = []
    low = 0
    for start, end in pairs:
        if start > low:
            found.append((low, start - 1))
        low = end + 1
    if low <= sys.maxunicode:
        found.append((low, sys.maxunicode))
    return tuple(found)
