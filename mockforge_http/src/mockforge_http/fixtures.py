"""The responder that answers from files below ``http.fixtures``."""

from __future__ import annotations

from typing import ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.fixtures import FixtureStore


class FixtureResponder(Responder):
    """Answers with the fixture for the request's method and path, where there is one.

    The file is looked up for each request, and read unless the store keeps it; one of ``stream_from`` bytes
    or more is sent piece by piece. A fixture that is broken answers 500 with the file and the reason (the
    pipeline does that).
    """

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 200

    def __init__(self, store: FixtureStore, *, stream_from: int) -> None:
        self.store = store
        self._stream_from = stream_from

    def respond(self, exchange: Exchange) -> Response | None:
        request, store = exchange.request, self.store
        path = store.find(request.method, request.path)
        if path is None:
            return None
        exchange.source = f"fixture:{store.name_of(path)}"
        large = store.large(path, self._stream_from)
        if large is not None:
            headers = (("Content-Type", large.media_type), ("Content-Length", str(large.size)))
            return Response(200, headers, stream=large.pieces())
        loaded = store.read(path)
        answer: Response | None = loaded.answer
        if answer is None:
            fixture = loaded.fixture
            answer = Response(200, [("Content-Type", fixture.media_type)], fixture.body)
            loaded.answer = answer
        return answer
