"""Media types with parameters, as ``Content-Type`` has them (RFC 9110 section 8.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from mockforge.mocking.fields import TOKEN, essence

_NAME: Final = re.compile(f"{TOKEN}/{TOKEN}")
_PARAM: Final = re.compile(rf';[ \t]*({TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_QUOTED_PAIR: Final = re.compile(r"\\(.)")


class ContentType(NamedTuple):
    """``name`` is ``type/subtype`` in lower case (``""`` if it is none), ``params`` by lower-case name,
    values as sent, without quotes."""

    name: str
    params: Mapping[str, str]

    @property
    def charset(self) -> str | None:
        """The ``charset`` parameter."""
        return self.params.get("charset")


def parse_content_type(text: str) -> ContentType:
    """The media type that ``text`` names; of a parameter given twice the first counts."""
    name = essence(text)
    params: dict[str, str] = {}
    for key, quoted, token in _PARAM.findall(text):
        params.setdefault(key.lower(), token or _QUOTED_PAIR.sub(r"\1", quoted))
    return ContentType(name if _NAME.fullmatch(name) else "", params)
