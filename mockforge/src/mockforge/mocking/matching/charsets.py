"""Text of a body in the charset its sender states: those of the web, and no others.

Python knows codecs that are no character encodings (``punycode``, ``unicode_escape``) or take quadratic
time, so a name from a client is looked up only after it was found in the list.
"""

from __future__ import annotations

import re
from typing import Final

_STATED: Final = re.compile(r';\s*charset\s*=\s*"?([^\s";]{1,40})', re.IGNORECASE)
_KNOWN: Final = re.compile(
    r"utf-?(?:8|16|32)(?:-?[bl]e)?|us-ascii|ascii|iso-?8859-?(?:[1-9]|1[013-6])|latin-?1"
    r"|(?:windows-|cp)125[0-8]|koi8-[ru]|shift[-_]jis|euc-(?:jp|kr)|iso-2022-jp"
    r"|gb(?:2312|k|18030)|big5"
)


def decode(raw: bytes, media_type: str) -> str:
    """``raw`` as text; octets that are wrong become U+FFFD, an unknown charset counts as UTF-8."""
    if ";" in media_type and (stated := _STATED.search(media_type)) is not None:
        charset = stated[1].lower()
        if _KNOWN.fullmatch(charset):
            return raw.decode(charset, "replace")
    return raw.decode("utf-8", "replace")
