"""``name=value`` fields of a query string or form, split but not yet decoded.

Names are decoded at once, values stay as they came: a style's delimiters must be found before escapes are
undone (OpenAPI 3.2.1 appendix C, "Delimiters in Parameter Values").
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from mockforge.mocking.malformed import MalformedError
from mockforge_http.values.percent import decode_name

Fields = dict[str, list[str]]

MAX_FIELDS: Final = 10_000


def split_fields(text: str, limit: int = MAX_FIELDS) -> Fields:
    """The fields of ``text`` by name, in order of arrival; MalformedError (``too-many-fields``) past
    ``limit``."""
    fields: Fields = {}
    pieces = text.split("&", limit)
    if len(pieces) > limit:
        raise MalformedError(
            f"holds more than {limit} fields",
            code="too-many-fields",
            expected=f"up to {limit} fields",
        )
    for piece in pieces:
        name, _, value = piece.partition("=")
        if "%" in name or "+" in name:
            name = decode_name(name)
        known = fields.get(name)
        if known is None:
            if piece:
                fields[name] = [value]
        else:
            known.append(value)
    return fields


class Claims:
    """Names that other parameters have a right to: ``names`` as they are, and everything in brackets
    behind ``roots`` (``filter`` claims ``filter[a]``)."""

    __slots__ = ("names", "roots")

    def __init__(self, names: Collection[str] = (), roots: Collection[str] = ()) -> None:
        self.names = frozenset(names)
        self.roots = frozenset(roots)

    def __contains__(self, name: str) -> bool:
        return name in self.names or (bool(self.roots) and name.partition("[")[0] in self.roots)
