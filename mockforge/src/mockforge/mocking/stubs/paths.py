"""The path of a stub: a literal, a template, a pattern, or any.

Paths are compared in their *plain* form (:func:`plain_path`): percent-encoding decoded segment by segment
(RFC 3986 section 6.2.2.2), but for an encoded slash, which stays ``%2F`` because it separates nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from mockforge.mocking.routing import PathTemplate

if TYPE_CHECKING:
    from mockforge.contracts import CustomPredicate
    from mockforge.mocking.matching import Predicate

MAX_PREFIX: Final = 64
"""Characters of a pattern's literal beginning that are used to find it."""
MAX_SEGMENTS: Final = 200
"""Segments of a path that a stub names."""
_SPECIAL: Final = frozenset("\\.^$*+?{}[]|()")


class PathPattern:
    """A path described by a predicate. ``prefix`` is what every path that matches begins with; ``key``
    tells patterns apart: those with the same key match the same paths."""

    __slots__ = ("key", "predicate", "prefix")

    def __init__(self, predicate: Predicate, *, prefix: str = "", key: str = "") -> None:
        self.predicate = predicate
        self.prefix = prefix[:MAX_PREFIX]
        self.key = key or str(predicate)

    def matches(self, path: str) -> bool:
        """Whether the plain ``path`` fits."""
        return self.predicate.matches(path)

    def __str__(self) -> str:
        return str(self.predicate)

    def __repr__(self) -> str:
        return f"PathPattern({self.key!r})"


StubPath = str | PathTemplate | PathPattern | None
"""A literal in plain form, a template with parameters, a pattern, or ``None`` for any path."""


def plain_path(path: str) -> str:
    """``path`` as sent (no query) in the form in which paths are compared."""
    if "%" not in path:
        return path
    return "/".join(_plain_segment(segment) for segment in path.split("/"))


def _plain_segment(segment: str) -> str:
    return unquote(segment).replace("%", "%25").replace("/", "%2F")


def segments_of(plain: str) -> list[str]:
    """The decoded segments of a plain path."""
    segments = plain[1:].split("/")
    return [unquote(segment) for segment in segments] if "%" in plain else segments


def path_from_text(text: str) -> str | PathTemplate:
    """The path that a stub gives as text: a template, or a literal if there is no ``{name}`` in it. The
    caller has made sure that there is no ``?`` or ``#``."""
    template = PathTemplate(text)
    return template if template.names else plain_path(template.path)


def path_rank(path: StubPath) -> tuple[Any, ...]:
    """Sort key, the most specific first: literals, templates in the order of preference of the trie
    (segment by segment: literal, most literal text, whole parameter), patterns by the length of their
    literal beginning, any path."""
    if isinstance(path, str):
        return ((0,),)
    if isinstance(path, PathTemplate):
        return ((1,), *(segment.rank for segment in path.segments))
    if isinstance(path, PathPattern):
        return ((2,), (-len(path.prefix),))
    return ((3,),)


def compile_path(
    spec: Any,
    *,
    path: tuple[str | int, ...] = ("path",),
    custom: Mapping[str, CustomPredicate] = {},
) -> StubPath:
    """What ``request.path`` says: text is a template, anything else a predicate on the plain path.
    ``custom`` are the predicates of plugins.

    Raises :class:`~mockforge.mocking.matching.PredicateError` with the key path below ``path``.
    """
    from mockforge.mocking.matching import PredicateError, compile_predicate

    if isinstance(spec, str):
        if cut := re.search(r"[?#]", spec):
            what = "query" if cut[0] == "?" else "fragment"
            raise PredicateError(
                f"a path has no {what}: {spec!r}",
                path=path,
                hint="give the parameters under `query`" if what == "query" else "leave it out",
            )
        if spec.count("/") > MAX_SEGMENTS:
            raise PredicateError(f"a path has at most {MAX_SEGMENTS} segments", path=path)
        return path_from_text(spec)
    predicate = compile_predicate(spec, path=path, custom=custom)
    if predicate.exact is not None:
        return plain_path(predicate.exact)
    # Two predicates may look alike in words (long ones are cut), so the definition tells them apart.
    return PathPattern(predicate, prefix=_prefix_of(spec), key=json.dumps(spec, sort_keys=True))


def _prefix_of(spec: Any) -> str:
    """What a path must begin with to fit a predicate, as far as it is told by one word of it."""
    if not isinstance(spec, dict):
        return ""
    starts = spec.get("startsWith")
    if isinstance(starts, str):
        return starts
    pattern = spec.get("matches")
    return literal_prefix(pattern) if isinstance(pattern, str) else ""


def literal_prefix(pattern: str) -> str:
    """The text that every full match of a regular expression begins with; "" where it is not plain."""
    if "|" in pattern or pattern.startswith("(?"):
        return ""
    text = pattern.removeprefix("^")
    taken: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        width = 1
        if char == "\\" and at + 1 < len(text) and not text[at + 1].isalnum():
            char = text[at + 1]
            width = 2
        elif char in _SPECIAL:
            break
        following = text[at + width : at + width + 1]
        if following and following in "*?{":
            break
        taken.append(char)
        at += width
    return "".join(taken)
