"""Character encodings of request bodies: those of the web, and no others.

Python knows codecs that are no character encodings (``punycode``, ``unicode_escape``) or take quadratic time,
so a name from a client is looked up only after it was found in the list.
"""

from __future__ import annotations

import re
from typing import Final

from mockforge.mocking.malformed import MalformedError

_KNOWN: Final = re.compile(
    r"utf-?(?:8|16|32)(?:-?[bl]e)?|us-ascii|ascii|iso-?8859-?(?:[1-9]|1[013-6])|latin-?1"
    r"|(?:windows-|cp)125[0-8]|koi8-[ru]|shift[-_]jis|euc-(?:jp|kr)|iso-2022-jp"
    r"|gb(?:2312|k|18030)|big5"
)


def decode_text(raw: bytes, charset: str | None) -> str:
    """``raw`` as text, by default UTF-8; MalformedError (``unsupported-charset`` or ``malformed``)."""
    name = (charset or "utf-8").strip().lower()
    if not _KNOWN.fullmatch(name):
        raise MalformedError(
            f"is in the charset `{name[:40]}`, which is not supported",
            code="unsupported-charset",
            expected="utf-8, utf-16, iso-8859-1 or another charset of the web",
            actual=name,
        )
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        raise MalformedError(
            f"is not {name}: octet {error.start} is wrong",
            expected=name,
            actual=raw[max(0, error.start - 20) : error.start + 20],
        ) from None
