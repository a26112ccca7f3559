"""Answers that go on: server-sent events (HTML, section 9.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from quart import Response, request


def event_stream(pieces: AsyncIterator[bytes]) -> Response:
    """An answer of ``pieces``, as long as they come. For HEAD only its head: nobody would read them."""
    if request.method == "HEAD":
        return Response(b"", content_type="text/event-stream")
    response = Response(pieces, content_type="text/event-stream")
    response.timeout = None
    return response
