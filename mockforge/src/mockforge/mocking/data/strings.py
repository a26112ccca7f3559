"""Texts: from a pattern, a format, an encoding, the property's name, or plain words.

The candidates are tried in that order, when the schema is compiled: a pool is cut down to the values
that fit, a maker is kept if what it makes fits. Nothing that a name suggests goes against the schema.
"""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Final

from mockforge.mocking.data.formats import format_maker, sized_maker
from mockforge.mocking.data.model import DEMAND_STRING, DataLimits, UnsatisfiableError
from mockforge.mocking.data.names import text_kind
from mockforge.mocking.data.patterns import Pattern, pattern
from mockforge.mocking.data.plan import Node
from mockforge.mocking.data.pools import KINDS, pool
from mockforge.mocking.data.runtime import Context
from mockforge.mocking.data.shape import Shape
from mockforge.mocking.data.texts import MakeText, maker, phrase, pick_from

_ALPHABETS: Final = (
    string.ascii_lowercase,
    string.ascii_uppercase,
    string.digits,
    string.ascii_letters + string.digits + string.punctuation + " ",
)
_SAMPLES: Final = 6


class Wanted:
    """What a text must be like: ``low`` to ``high`` code points, matching ``patterns``."""

    __slots__ = ("bounded", "high", "low", "patterns")

    def __init__(self, limits: DataLimits, node: Node, shape: Shape) -> None:
        self.low = shape.min_length
        if self.low > DEMAND_STRING:
            raise UnsatisfiableError(
                node.path, f"minLength {self.low} is beyond the {DEMAND_STRING} that are generated"
            )
        most = DEMAND_STRING if shape.max_length is None else shape.max_length
        if self.low > most:
            raise UnsatisfiableError(
                node.path, f"minLength {self.low} is greater than maxLength {most}"
            )
        self.bounded = self.low > 0 or shape.max_length is not None
        self.patterns: list[Pattern] = [
            compiled for text in shape.patterns if (compiled := pattern(text)) is not None
        ]
        longest = max((pattern.low for pattern in self.patterns), default=0)
        if longest > most:
            raise UnsatisfiableError(
                node.path,
                f"a text that matches the pattern has at least {longest} characters, "
                f"but at most {most} are allowed",
            )
        for pattern_ in self.patterns:
            if pattern_.whole and pattern_.high < self.low:
                raise UnsatisfiableError(
                    node.path,
                    f"a text that matches {pattern_.text!r} has at most {pattern_.high} characters, "
                    f"but at least {self.low} are asked for",
                )
        self.high = min(most, max(limits.max_string, self.low, longest))

    def accepts(self, text: str) -> bool:
        """Whether ``text`` will do."""
        return self.low <= len(text) <= self.high and all(
            pattern.matches(text) for pattern in self.patterns
        )


def string_maker(limits: DataLimits, node: Node, shape: Shape, *, plausible: bool) -> MakeText:
    """The maker of texts for ``shape`` at ``node``. Without ``plausible`` it makes whatever the
    schema allows, as variedly as it can."""
    wanted = Wanted(limits, node, shape)
    if wanted.high == 0:
        return lambda _context: ""
    if not plausible:
        return _from_pattern(wanted) if wanted.patterns else _random_letters(wanted)
    for candidate in _candidates(node, shape, wanted):
        fitted = _fitted(candidate, wanted)
        if fitted is not None:
            return fitted
    if wanted.patterns:
        return _from_pattern(wanted)
    return _words(wanted)


def _candidates(node: Node, shape: Shape, wanted: Wanted) -> list[MakeText | str]:
    """Makers and names of pools, best first."""
    found: list[MakeText | str] = []
    for name in shape.formats:
        makers = (format_maker(name, node.field), sized_maker(name, wanted.low, wanted.high))
        found.extend(made for made in makers if made is not None)
    if shape.encoding is not None or shape.media_type is not None:
        found.append(_encoded(shape.encoding, shape.media_type))
    kind = text_kind(node.field, node.owner)
    if kind is not None and not found:
        found.append(kind if kind in KINDS else maker(kind, node.field))
    return found


def _fitted(candidate: MakeText | str, wanted: Wanted) -> MakeText | None:
    """``candidate`` cut down to what fits; None if next to nothing does."""
    if isinstance(candidate, str):
        values = tuple(value for value in pool(candidate) if wanted.accepts(value))
        return pick_from(values) if values else None
    if not wanted.bounded and not wanted.patterns:
        return candidate
    context = Context(Random(0), DataLimits())  # noqa: S311  (samples, not secrets)
    fitting = sum(wanted.accepts(candidate(context)) for _ in range(_SAMPLES))
    if not fitting:
        return None
    make, other = candidate, _from_pattern(wanted) if wanted.patterns else _random_letters(wanted)

    def checked(context: Context) -> str:
        for _ in range(8):
            text = make(context)
            if wanted.accepts(text):
                return text
        return other(context)

    return checked


def _from_pattern(wanted: Wanted) -> MakeText:
    """A maker for the first pattern, checked against the others."""
    low, high = wanted.low, wanted.high
    first, *others = wanted.patterns
    if not others:

        def make_one(context: Context) -> str:
            text = first.make(context.random, low, high)
            if text is None:
                context.misses += 1
                return _letters(context, low)
            context.nodes += len(text) >> 6
            return text

        return make_one

    def make(context: Context) -> str:
        text: str | None = None
        for attempt in range(30):
            leader = wanted.patterns[attempt % len(wanted.patterns)]
            text = leader.make(context.random, low, high)
            if text is not None and wanted.accepts(text):
                return text
        context.misses += 1
        return text if text is not None else _letters(context, low)

    return make


def _letters(context: Context, count: int) -> str:
    random = context.random
    context.nodes += count >> 6
    return "".join([string.ascii_lowercase[int(random() * 26)] for _ in range(count)])


def _random_letters(wanted: Wanted) -> MakeText:
    """Texts of all sorts: of a different alphabet each time."""
    low, high = wanted.low, min(wanted.high, wanted.low + 12)

    def make(context: Context) -> str:
        random = context.random
        alphabet = _ALPHABETS[int(random() * len(_ALPHABETS))]
        size = len(alphabet)
        count = context.between(low, high)
        context.nodes += count >> 6
        return "".join([alphabet[int(random() * size)] for _ in range(count)])

    return make


@lru_cache(maxsize=256)
def _words_between(low: int, high: int) -> MakeText:
    """Words, as many as it takes."""

    def make(context: Context) -> str:
        text = phrase(context)
        if len(text) < low:
            parts, size = [text], len(text)
            while size < low:
                parts.append(phrase(context))
                size += len(parts[-1]) + 1
            text = " ".join(parts)
            context.nodes += size >> 6
        if len(text) <= high:
            return text
        text = text[:high]
        return f"{text[:-1]}e" if text.endswith(" ") else text

    return make


def _words(wanted: Wanted) -> MakeText:
    if wanted.low == 0 and wanted.high >= 24:
        return phrase
    return _words_between(wanted.low, wanted.high)


def _encoded(encoding: str | None, media_type: str | None) -> MakeText:
    """Text of a media type (``contentMediaType``) in an encoding (``contentEncoding``, RFC 4648)."""
    content: Callable[[Context], str] = phrase
    if media_type is not None and media_type.partition(";")[0].endswith("json"):
        content = _json
    elif media_type is not None and "html" in media_type:
        content = format_maker("html", "") or phrase
    elif media_type is not None and "xml" in media_type:
        content = _xml
    encode = _ENCODINGS.get((encoding or "").lower())
    if encode is None:
        return content
    return lambda context: encode(content(context).encode()).decode()


def _json(context: Context) -> str:
    return json.dumps({"name": phrase(context)})


def _xml(context: Context) -> str:
    return f"<name>{phrase(context)}</name>"


_ENCODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "base32": base64.b32encode,
    "base16": base64.b16encode,
}
