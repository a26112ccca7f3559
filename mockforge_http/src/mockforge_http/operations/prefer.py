"""What a client asks of the mock itself: ``Prefer: code=404, example=cat, dynamic=true``.

The header is RFC 7240's; the names are those that Prism made familiar. The same can be said in the query
with ``__code``, ``__example`` and ``__dynamic``, which wins over the header.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from mockforge.mocking.exchange import Request

_PREFERENCE = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]+))')
_MARK = "__"


class Preference(NamedTuple):
    """The wishes of one request; ``None`` where it has none."""

    code: str | None = None
    example: str | None = None
    dynamic: bool | None = None


NO_PREFERENCE = Preference()


def preference(request: Request) -> Preference:
    """Read the wishes of ``request``. Unknown names and malformed parts are ignored, as RFC 7240
    section 2 asks."""
    header = request.fields.get(b"prefer")
    if header is None and _MARK not in request.query:
        return NO_PREFERENCE
    wishes: dict[str, str] = {}
    for name, quoted, token in _PREFERENCE.findall((header or b"").decode("latin-1")):
        wishes.setdefault(name.lower(), token or re.sub(r"\\(.)", r"\1", quoted))
    if _MARK in request.query:
        for name, value in parse_qsl(request.query, max_num_fields=1000):
            if name.startswith(_MARK):
                wishes[name[2:]] = value
    dynamic = wishes.get("dynamic")
    return Preference(
        code=wishes.get("code") or None,
        example=wishes.get("example") or None,
        dynamic=None if dynamic is None else dynamic.lower() not in ("false", "0", "no"),
    )
