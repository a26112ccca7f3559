"""What header fields are made of: tokens, and the media types that ``Content-Type`` names.

For every protocol that speaks HTTP, in what it reads as in what it is told to send.
"""

from __future__ import annotations

import re
from typing import Final

TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - no password
"""A token (RFC 9110 section 5.6.2), to be part of patterns."""

_TOKEN: Final = re.compile(TOKEN)


def is_token(text: str) -> bool:
    """Whether ``text`` is a token, as methods and the names of header fields are."""
    return _TOKEN.fullmatch(text) is not None


def essence(media_type: str) -> str:
    """``type/subtype`` of a media type, in lower case, without its parameters (RFC 9110 section 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()
