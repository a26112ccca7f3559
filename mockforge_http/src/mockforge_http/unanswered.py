"""What is said where nothing answers a request: which operations and stubs came nearest, and what was
different about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.problems import method_not_allowed, problem

if TYPE_CHECKING:
    from mockforge.explanations import Explanation, NearMiss
    from mockforge.mocking.routing import Miss


def unanswered(exchange: Exchange, miss: Miss, declared: bool) -> Response:
    """405 where documents have the path for other methods, else 404. ``declared``: a document is loaded.
    OPTIONS is told which methods there are, if it is among them (RFC 9110 section 9.3.7)."""
    request, explanation = exchange.request, exchange.explanation
    more: dict[str, Any] = {}
    if explanation is not None and explanation.near:
        more["stubs"] = msgspec.to_builtins(explanation.near)
    if miss.allowed:
        if request.method == "OPTIONS" and "OPTIONS" in miss.allowed and not more:
            return Response(204, [("Allow", ", ".join(miss.allowed))])
        says = f" {_nearest_stub(explanation)}" if more else ""
        return method_not_allowed(request.method, request.path, miss.allowed, detail=says, **more)
    if more:
        what = "No stub matches, and no operation is declared" if declared else "No stub matches"
        operations = f" The nearest operations: {', '.join(miss.near)}." if miss.near else ""
        detail = (
            f"{what}: {request.method} {request.path}. {_nearest_stub(explanation)}{operations}"
        )
    else:
        hint = f" The nearest: {', '.join(miss.near)}." if miss.near else ""
        if not declared:
            hint = " No document is loaded: start with `mockforge serve openapi.yaml`."
        detail = f"No operation is declared at {request.path}.{hint}"
    return problem(404, "not-found", detail, nearest=miss.near, **more)


def _nearest_stub(explanation: Explanation | None) -> str:
    if explanation is None or not explanation.near:
        return ""
    best: NearMiss = explanation.near[0]
    where = f" ({best.place})" if best.place else ""
    wrong = [
        f"{each.name}: expected {each.expected}, got {each.actual}"
        for each in best.criteria
        if not each.matched
    ]
    if best.note:
        wrong.append(best.note)
    return f"The nearest stub is {best.stub}{where}; {'; '.join(wrong)}."
