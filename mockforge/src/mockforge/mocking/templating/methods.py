"""Methods of values: those of texts, lists and mappings that make something new, and what objects expose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockforge.mocking.templating.operators import kind_of
from mockforge.mocking.templating.runtime import RefusedError, Run, checked
from mockforge.nearest import nearest

_TEXT: Final = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rfind",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    ]
)
_SIZED: Final = frozenset(["center", "join", "ljust", "replace", "rjust", "zfill"])
"""Methods whose result may be larger than the text: what they will make is worked out before."""
_LIST: Final = frozenset(("count", "index"))
_MAPPING: Final = frozenset(("get", "items", "keys", "values"))
_VIEWS: Final[tuple[type, ...]] = (type({}.items()), type({}.keys()), type({}.values()))


def method_function(run: Run) -> Callable[..., Any]:
    """The function that calls a method by name."""

    def call(value: Any, name: str, *arguments: Any, **named: Any) -> Any:
        if isinstance(value, str):
            known = _TEXT | _SIZED
            if name in _SIZED:
                return _sized(run, value, name, arguments)
        elif (exposed := getattr(type(value), "template_methods", None)) is not None:
            known = exposed
        elif isinstance(value, Mapping):
            known = _MAPPING
        elif isinstance(value, list | tuple):
            known = _LIST
        elif value is None:
            raise RefusedError(f"there is nothing whose {name} could be called", "use default(...)")
        else:
            known = frozenset()
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else "see docs/templates.md for what there is"
            raise RefusedError(f"{kind_of(value)} has no method {name}", hint)
        made: Any
        try:
            made = getattr(value, name)(*arguments, **named)
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            raise RefusedError(f"{name}: {error}") from error
        return [*made] if type(made) in _VIEWS else made

    return checked(run, call)


def _sized(run: Run, text: str, name: str, arguments: tuple[Any, ...]) -> str:
    from mockforge.mocking.templating.filters import joined, padded, replaced

    try:
        if name == "join":
            (values,) = arguments
            return joined(run, values, text)
        if name == "replace":
            return replaced(run, text, *arguments)
        return padded(run, text, name, *arguments)
    except (TypeError, ValueError) as error:
        raise RefusedError(f"{name}: {error}") from error
