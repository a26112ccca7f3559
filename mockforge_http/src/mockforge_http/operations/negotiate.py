"""Which of the declared answers to give: the status, then the media type.

Statuses: the one asked for (exactly declared, else by range, else ``default``); without a wish the lowest
2xx, else ``default`` as 200, else the lowest status there is. Media types: RFC 9110 section 12.5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mockforge.mocking.fields import essence

IN_ORDER = "x-mockforge-in-order"
"""On an operation: its media types stand in order of preference, as the saved responses of a Postman
collection do and the content map of an OpenAPI document does not."""


class Chosen(NamedTuple):
    """``key`` is how the document names the response (``200``, ``4XX``, ``default``), ``status`` what
    goes on the wire."""

    key: str
    status: int


def choose_status(keys: Iterable[str], wanted: str | None = None) -> Chosen | None:
    """The response to give, or ``None`` if the wanted one (or any at all) is not declared."""
    declared = {key.upper(): key for key in keys if not key.lower().startswith("x-")}
    if wanted is not None:
        return _wanted(declared, wanted)
    exact = sorted(key for key in declared if _is_status(key))
    for key in exact:
        if key.startswith("2"):
            return Chosen(declared[key], int(key))
    for key in ("2XX", "DEFAULT"):
        if key in declared:
            return Chosen(declared[key], 200)
    for key in sorted(declared, key=lambda key: key.replace("X", "0")):
        if _is_status(key):
            return Chosen(declared[key], int(key))
        if re.fullmatch(r"[1-5]XX", key):
            return Chosen(declared[key], int(key[0]) * 100)
    return None


def _wanted(declared: dict[str, str], wanted: str) -> Chosen | None:
    if not _is_status(wanted):
        return None
    for key in (wanted, f"{wanted[0]}XX", "DEFAULT"):
        if key in declared:
            return Chosen(declared[key], int(wanted))
    return None


def _is_status(key: str) -> bool:
    """A final status: 1xx are not answers on their own (RFC 9110 section 15.2)."""
    return re.fullmatch(r"[2-5]\d\d", key) is not None


class MediaRange(NamedTuple):
    """One element of ``Accept``: ``type`` and ``subtype`` (``*`` for any), parameters, and weight."""

    type: str
    subtype: str
    params: frozenset[tuple[str, str]]
    q: float

    def fit(self, offered: MediaRange) -> int:
        """How precisely this range names ``offered``; -1 if it does not cover it.

        ``offered`` may itself be a range, as documents declare ``*/*`` or ``image/*``.
        """
        if not (_covers(self.type, offered.type) and _covers(self.subtype, offered.subtype)):
            return -1
        mine, theirs = dict(self.params), dict(offered.params)
        # A parameter that both name must agree; one that only one side names does not stand in the way:
        # clients send `application/json;charset=utf-8`, documents declare `application/json`.
        shared = mine.keys() & theirs.keys()
        if any(mine[name] != theirs[name] for name in shared):
            return -1
        return (self.type != "*") + (self.subtype != "*") + len(shared)


def _covers(wanted: str, offered: str) -> bool:
    return "*" in (wanted, offered) or wanted == offered


_PARAM = re.compile(r';\s*([^\s=;,]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))')


def parse_media_type(text: str) -> MediaRange:
    """A media type or range with its parameters; ``q`` is 1 unless given."""
    name = essence(text)
    type_, _, subtype = name.partition("/")
    q = 1.0
    params: set[tuple[str, str]] = set()
    for key, quoted, token in _PARAM.findall(text):
        value = token or quoted
        if key.lower() == "q":
            try:
                q = min(max(float(value), 0.0), 1.0)
            except ValueError:
                q = 0.0
            # What follows q is about q, not the type (RFC 9110 section 12.5.1).
            break
        params.add((key.lower(), value.lower()))
    return MediaRange(type_ or "*", subtype or "*", frozenset(params), q)


def parse_accept(header: str) -> list[MediaRange]:
    """The ranges of an ``Accept`` field; an empty or absent one accepts everything."""
    parts = re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+', header)
    return [parse_media_type(part) for part in parts if part.strip()] or [parse_media_type("*/*")]


def choose_media_type(offered: Sequence[str], accept: str, *, in_order: bool = False) -> str | None:
    """The offered media type the client likes best, or ``None`` if it accepts none of them.

    Between equals the one goes first whose range the client named first, then JSON (not if the offer is
    ``in_order`` of preference), then the one that the document names first.
    """
    ranges = parse_accept(accept)
    best: tuple[float, int, int, bool, int] | None = None
    chosen: str | None = None
    for position, text in enumerate(offered):
        parsed = parse_media_type(text)
        fit, q, named = max(
            ((r.fit(parsed), r.q, -index) for index, r in enumerate(ranges)), default=(-1, 0.0, 0)
        )
        if fit < 0 or q <= 0:
            continue
        rank = (q, fit, named, is_json(text) and not in_order, -position)
        if best is None or rank > best:
            best, chosen = rank, text
    return chosen


def concrete(media_type: str, accept: str) -> str:
    """A media type to put on the wire for a declared one, which may be a range (``image/*``)."""
    declared = parse_media_type(media_type)
    if "*" not in (declared.type, declared.subtype):
        return media_type
    for wanted in sorted(parse_accept(accept), key=lambda wanted: -wanted.q):
        if "*" not in (wanted.type, wanted.subtype) and wanted.fit(declared) >= 0 and wanted.q > 0:
            return f"{wanted.type}/{wanted.subtype}"
    if declared.type == "*":
        return "application/json"
    return _CONCRETE.get(declared.type, f"{declared.type}/octet-stream")


_CONCRETE = {
    "application": "application/json",
    "audio": "audio/wav",
    "image": "image/png",
    "multipart": "multipart/form-data",
    "text": "text/plain",
    "video": "video/mp4",
}


def is_json(media_type: str) -> bool:
    """``application/json``, ``text/json`` and every ``+json`` type (RFC 6839 section 3.1)."""
    name = essence(media_type)
    return name.endswith(("/json", "+json"))


def is_xml(media_type: str) -> bool:
    """``application/xml``, ``text/xml`` and every ``+xml`` type (RFC 7303)."""
    name = essence(media_type)
    return name.endswith(("/xml", "+xml"))
