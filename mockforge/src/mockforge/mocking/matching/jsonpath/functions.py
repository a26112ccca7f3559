"""The functions of RFC 9535 (section 2.4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from msgspec import UNSET

from mockforge.mocking.regex.ecma import Rewriter
from mockforge.mocking.regex.engine import Matcher, compile_rewritten

_LONGEST_PATTERN: Final = 1000
"""Characters of a pattern, which may come from the value that is searched."""


class Function(NamedTuple):
    """``takes`` gives the types of the arguments; ``logical`` results cannot be compared."""

    call: Callable[..., Any]
    takes: tuple[Literal["value", "nodes"], ...]
    logical: bool = False


class _IRegexp(Rewriter):
    """RFC 9485: the dot leaves out two line ends."""

    dot = r"[^\n\r]"


@lru_cache(maxsize=128)
def _compiled(pattern: str, whole: bool) -> Matcher | None:
    try:
        return compile_rewritten(_IRegexp(pattern).run().text, whole)
    except ValueError:
        return None


def _regex(text: Any, pattern: Any, whole: bool) -> bool:
    if not isinstance(text, str) or not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN:
        return False
    matcher = _compiled(pattern, whole)
    try:
        return matcher is not None and matcher(text)
    except UnicodeEncodeError:
        return False


FUNCTIONS: Final = {
    "length": Function(
        lambda value: len(value) if isinstance(value, str | list | dict) else UNSET, ("value",)
    ),
    "count": Function(len, ("nodes",)),
    "value": Function(lambda nodes: nodes[0] if len(nodes) == 1 else UNSET, ("nodes",)),
    "match": Function(
        lambda text, pattern: _regex(text, pattern, True), ("value", "value"), logical=True
    ),
    "search": Function(
        lambda text, pattern: _regex(text, pattern, False), ("value", "value"), logical=True
    ),
}
