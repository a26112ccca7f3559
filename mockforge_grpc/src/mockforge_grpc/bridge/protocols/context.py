"""What every protocol needs to know of a request: made once, handed through."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockforge.mocking.exchange import Request
from mockforge_grpc.bridge.call import BridgeCall
from mockforge_grpc.bridge.coding import check_size
from mockforge_grpc.bridge.errors import RequestError
from mockforge_grpc.bridge.metadata import request_metadata
from mockforge_grpc.bridge.settings import BridgeSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockforge_grpc.schema import Method, Schema
    from mockforge_grpc.transport.call import Application


class Context(NamedTuple):
    """One request for a method. ``method`` is ``None`` for one that does not exist, which the application
    answers too; ``path`` is ``/package.Service/Method``."""

    request: Request
    path: str
    method: Method | None
    schema: Schema
    application: Application
    settings: BridgeSettings

    def call(self, timeout: float | None) -> BridgeCall:
        """A call that is not started yet."""
        request = self.request
        return BridgeCall(
            self.path,
            request_metadata(request.raw_headers),
            request.raw_headers,
            authority=request.header("host"),
            peer=request.client,
            secure=request.scheme == "https",
            timeout=timeout,
            write_buffer=self.settings.write_buffer,
        )

    def start(self, call: BridgeCall, messages: Sequence[bytes]) -> None:
        """Begin ``call`` with the messages of the request."""
        for message in messages:
            check_size(len(message), self.settings.max_message)
        call.start(self.application, messages)

    def one(self, messages: Sequence[bytes]) -> None:
        """RequestError unless there is one message where one is expected."""
        method = self.method
        if method is None or method.client_streaming:
            if len(messages) > self.settings.max_queued:
                raise RequestError(f"the body holds more than {self.settings.max_queued} messages")
            return
        if len(messages) != 1:
            raise RequestError(f"the body holds {len(messages)} messages; {self.path} takes one")

    @property
    def streams_answers(self) -> bool:
        """Whether the method answers with a stream."""
        return self.method is not None and self.method.server_streaming
