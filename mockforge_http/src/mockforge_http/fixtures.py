"""The responder that answers from files below ``http.fixtures``."""

from __future__ import annotations

from typing import ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.fixtures import FixtureStore


class FixtureResponder(Responder):
    """Answers with the fixture for the request's method and path, where there is one.

    The file is looked up and read for each request and not kept; a fixture that is broken answers 500
    with the file and the reason (the pipeline does that).
    """

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 200

    def __init__(self, store: FixtureStore) -> None:
        self._store = store

    def respond(self, exchange: Exchange) -> Response | None:
        request = exchange.request
        path = self._store.find(request.method, request.path)
        if path is None:
            return None
        fixture = self._store.load(path)
        exchange.source = f"fixture:{path.relative_to(self._store.root.resolve()).as_posix()}"
        return Response(200, [("Content-Type", fixture.media_type)], fixture.body)
