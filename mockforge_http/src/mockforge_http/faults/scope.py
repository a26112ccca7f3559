"""Which requests a rule concerns, and which of several rules counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from mockforge.mocking.exchange import Exchange
from mockforge_http.wildcard import Wildcard

if TYPE_CHECKING:
    from mockforge_http.config_faults import Concerned
    from mockforge_http.documents import OperationRef

T = TypeVar("T")


class Scope:
    """The requests that all the given keys fit; ``rank`` is higher the narrower the narrowest key."""

    def __init__(self, concerned: Concerned) -> None:
        self._tag = concerned.tag
        self._path = None if concerned.path is None else Wildcard(concerned.path)
        self._operation = concerned.operation
        keys = (concerned.tag, concerned.path, concerned.operation)
        self.rank = max((rank for rank, key in enumerate(keys, 1) if key is not None), default=0)

    def takes(self, exchange: Exchange) -> bool:
        """Whether it concerns ``exchange``, whose route has been looked for."""
        if self._path is not None and not (
            self._path.matches(exchange.request.path)
            or (exchange.template is not None and self._path.matches(exchange.template))
        ):
            return False
        if self._tag is None and self._operation is None:
            return True
        ref = operation_of(exchange)
        if ref is None or (self._tag is not None and self._tag not in ref.tags):
            return False
        return self._operation is None or self._operation in (
            ref.operation_id,
            f"{ref.method} {ref.template}",
        )


def operation_of(exchange: Exchange) -> OperationRef | None:
    """The operation of a document that the request is for."""
    if exchange.operation is None:
        return None
    ref: OperationRef | None = exchange.operation.route.target.ref
    return ref


class Rules(Generic[T]):
    """Rules with their scopes, narrowest first, of equals the last first; ``default`` where none fits."""

    def __init__(self, rules: Iterable[tuple[Scope, T]], default: T) -> None:
        ordered = enumerate(rules)
        self._rules = [
            rule
            for _, rule in sorted(
                ordered, key=lambda each: (each[1][0].rank, each[0]), reverse=True
            )
        ]
        self._default = default

    def find(self, exchange: Exchange) -> T:
        """The one that counts for ``exchange``."""
        for scope, rule in self._rules:
            if scope.takes(exchange):
                return rule
        return self._default
