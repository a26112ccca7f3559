"""The operations of a mock's documents, by the names that stubs call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockforge.mocking.routing import PathTemplate
from mockforge_http.stubs.kit import OperationPlace

if TYPE_CHECKING:
    from mockforge_http.operations.responder import Routes


class AnyOperation:
    """Stands for documents that are not at hand: an operation of any name is taken to be in one."""

    def named(self, name: str) -> Sequence[OperationPlace]:
        """One that no request leads to."""
        return (OperationPlace("GET", (PathTemplate("/"),), object()),)

    def names(self) -> Sequence[str]:
        """None are known."""
        return ()


class DeclaredOperations:
    """Read from the routes when first asked."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._named: dict[str, list[OperationPlace]] | None = None

    def named(self, name: str) -> Sequence[OperationPlace]:
        """Those with this ``operationId``, or at this method and path template."""
        method, space, template = name.partition(" ")
        key = f"{method.upper()} {template.strip()}" if space else name
        return self._all().get(key, ())

    def names(self) -> Sequence[str]:
        """Every name."""
        return tuple(self._all())

    def _all(self) -> dict[str, list[OperationPlace]]:
        if self._named is None:
            self._named = self._read()
        return self._named

    def _read(self) -> dict[str, list[OperationPlace]]:
        templates: dict[int, tuple[object, list[str]]] = {}
        for route in self._routes.routes():
            templates.setdefault(id(route.target), (route.target, []))[1].append(route.template)
        named: dict[str, list[OperationPlace]] = {}
        for route in self._routes.routes():
            slot, texts = templates.pop(id(route.target), (None, []))
            ref = route.target.ref
            if slot is None or ref is None:
                continue
            place = OperationPlace(
                ref.method, tuple(PathTemplate(text) for text in sorted(texts, key=len)), slot
            )
            names = {f"{ref.method} {ref.template}", *(f"{ref.method} {text}" for text in texts)}
            if ref.operation_id:
                names.add(ref.operation_id)
            for name in names:
                named.setdefault(name, []).append(place)
        return named
