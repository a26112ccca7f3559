"""Predicates that plugins bring (``mockforge_register_predicates``)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    BODY,
    Predicate,
    PredicateError,
    Subject,
    shown_spec,
)
from mockforge.observe.throttle import Throttle
from mockforge.structured.marks import Part as Step

if TYPE_CHECKING:
    from mockforge.contracts import CustomPredicate

_log: Final = logging.getLogger("mockforge.matching")


class Custom(Predicate):
    """A plugin's callable under guard: what it raises is logged once a minute and counts as no match."""

    __slots__ = ("_ask", "_throttle", "_words", "custom_name")
    cost = BODY

    def __init__(self, name: str, spec: Any, ask: Callable[[Subject], object]) -> None:
        self.custom_name = name
        self._words = cut(f"{name} {spec!r}") if not isinstance(spec, dict) else f"{name} {{...}}"
        self._ask = ask
        self._throttle = Throttle()

    def matches(self, value: Subject) -> bool:
        """What the plugin says."""
        try:
            return bool(self._ask(value))
        except Exception as error:
            held_back = self._throttle.ready()
            if held_back is not None:
                _log.warning(
                    "the predicate %s raised %s: %s (%d more held back); taken as no match",
                    self.custom_name, type(error).__name__, cut(str(error)), held_back,
                )  # fmt: skip
            return False

    def __str__(self) -> str:
        return self._words


def compile_custom(kind: CustomPredicate, spec: Any, path: tuple[Step, ...]) -> Predicate:
    """The predicate of a plugin; PredicateError if it does not accept ``spec`` or cannot be made."""
    try:
        ask = kind.compile(spec)
    except PredicateError:
        raise
    except Exception as error:
        raise PredicateError(
            f"{kind.name} does not accept {shown_spec(spec)}: {cut(str(error))}", path
        ) from error
    if not callable(ask):
        raise PredicateError(
            f"{kind.name} compiled to {shown_spec(ask)}, which cannot be called", path
        )
    return Custom(kind.name, spec, ask)
