"""What goes wrong before a Connect call is one, in the protocol's own words."""

from __future__ import annotations

import msgspec

from mockforge.mocking.exchange import Response
from mockforge_grpc.bridge.errors import HTTP_STATUS, connect_json
from mockforge_grpc.schema import Schema
from mockforge_grpc.status import Status


def unary_error(status: Status, schema: Schema, headers: list[tuple[str, str]]) -> Response:
    """A unary error: its HTTP status and Connect's ``Error`` in JSON."""
    body = msgspec.json.encode(connect_json(status, schema))
    return Response(
        HTTP_STATUS[status.code], [("Content-Type", "application/json"), *headers], body
    )


def unsupported() -> Response:
    """415, for a codec that is not known, or a unary one for a stream and the reverse."""
    kinds = (
        "application/json, application/proto, application/connect+json, application/connect+proto"
    )
    return Response(415, [("Accept-Post", kinds)])
