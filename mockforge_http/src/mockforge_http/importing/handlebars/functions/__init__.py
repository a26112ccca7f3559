"""The helpers of WireMock's templates, for templates that were imported: ``hbs.value(name, ...)`` gives what
helper ``name`` makes, ``hbs.text(name, ...)`` how it is printed.

What is printed is what Java prints: lists as ``[1, a]``, maps as ``{a=1}``, nothing for null. A helper that
is called wrongly prints ``[ERROR: ...]``, as WireMock does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockforge.errors import MockForgeError

from .chance import CHANCES, MOMENTS, OTHERS
from .collections import COLLECTIONS
from .documents import DOCUMENTS
from .mockoon import MOCKOON
from .requests import REQUESTS
from .state import STATE
from .strings import STRINGS
from .values import HelperError, java, text
from .xml import XML

_ALL: Final[Mapping[str, Callable[..., Any]]] = {
    **COLLECTIONS,
    **DOCUMENTS,
    **STRINGS,
    **MOCKOON,
    **MOMENTS,
    **CHANCES,
    **OTHERS,
    **REQUESTS,
    **STATE,
    **XML,
}
_OWN: Final = frozenset(
    {"chosen", "deleteState", "pairs", "recordState", "regexGroups", "requestId", "scoped", "section",
     "stateMatches", "text", "truthy", "walk"}
)  # fmt: skip
_BLOCKS: Final = frozenset(
    {"and", "or", "not", "assign", "log", "if", "unless", "each", "with"}
)  # fmt: skip
HELPERS: Final = (frozenset(_ALL) - _OWN - REQUESTS.keys() - MOCKOON.keys()) | _BLOCKS
"""Names that a template may call."""


def value(name: str, /, *arguments: Any, **named: Any) -> Any:
    """What helper ``name`` makes of its arguments."""
    helper = _ALL.get(name)
    if helper is None:
        raise MockForgeError(f"there is no helper {name}", hint="see docs/importing.md")
    try:
        return java(helper(*arguments, **named))
    except HelperError as error:
        return f"[ERROR: {error}]"
    except TypeError as error:
        # Called with too few arguments, or with one that it does not have.
        return f"[ERROR: {name}: {error}]"


def printed(name: str, /, *arguments: Any, **named: Any) -> str:
    """How that is printed."""
    try:
        return text(value(name, *arguments, **named))
    except HelperError as error:  # a date whose pattern makes no sense
        return f"[ERROR: {error}]"
