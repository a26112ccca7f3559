"""A session on libnghttp2, by the package ``ngh2``."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ngh2 import (
    Configuration,
    Connection,
    ConnectionClosed,
    DataReceived,
    DenialOfServiceError,
    Event,
    NGH2Error,
    PingAcknowledged,
    PingReceived,
    RequestReceived,
    Role,
    Setting,
    SettingsReceived,
    StreamClosed,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)

from mockforge_grpc.transport.call import ENHANCE_YOUR_CALM, PROTOCOL_ERROR
from mockforge_grpc.transport.http2.session import HARD_HEADERS, Session, SessionError

if TYPE_CHECKING:
    from mockforge_grpc.transport.http2.session import Sink
    from mockforge_grpc.transport.limits import GrpcLimits
    from mockforge_grpc.transport.metadata import Fields

_FRAME: Final = 16_384
_SENT_HEADERS: Final = 1024**2
"""Bytes of a header list that is sent; more ends the stream."""
_MANY: Final = (1_000_000, 1_000_000)
"""Resets are counted by the connection, so that both libraries allow the same."""


@lru_cache(maxsize=8)
def _configuration(max_metadata: int) -> Configuration:
    most = 2 * max_metadata + HARD_HEADERS
    return Configuration(
        auto_window_update=False,
        max_send_header_block_length=_SENT_HEADERS,
        stream_reset_rate_limit=_MANY,
        max_continuations=8 + most // _FRAME,
        max_inbound_header_list_size=most,
    )


class Ngh2Session(Session):
    """See :class:`~mockforge_grpc.transport.http2.session.Session`. What is said of a stream that is gone
    already has no effect: events of one read are told one after the other."""

    __slots__ = ("_core", "_settings", "_sink", "_stream_window", "_window")

    def __init__(self, sink: Sink, limits: GrpcLimits) -> None:
        self._sink = sink
        self._core = Connection(Role.SERVER, _configuration(limits.max_metadata))
        self._window = limits.connection_window
        self._stream_window = limits.stream_window
        self._settings: dict[int, int] = {
            Setting.MAX_CONCURRENT_STREAMS: limits.max_concurrent_streams,
            Setting.INITIAL_WINDOW_SIZE: limits.stream_window,
            Setting.MAX_HEADER_LIST_SIZE: limits.max_metadata,
            Setting.NO_RFC7540_PRIORITIES: 1,
        }

    def start(self) -> None:
        self._core.initiate_connection(self._settings)
        self._core.set_local_window_size(self._window)

    def receive(self, data: bytes) -> None:
        core = self._core
        try:
            core.receive_data(data)
        except DenialOfServiceError as error:
            raise SessionError(str(error), ENHANCE_YOUR_CALM) from error
        except NGH2Error as error:
            raise SessionError(str(error), PROTOCOL_ERROR) from error
        self._tell(core.events())

    def _tell(self, events: list[Event]) -> None:
        sink = self._sink
        for event in events:
            if isinstance(event, RequestReceived):
                sink.request(event.stream_id, event.headers, event.end_stream)
            elif isinstance(event, DataReceived):
                sink.data(event.stream_id, event.data, event.end_stream)
            elif isinstance(event, StreamClosed):
                sink.closed(event.stream_id)
            elif isinstance(event, WindowUpdated):
                sink.opened()
            elif isinstance(event, TrailersReceived):
                sink.trailers(event.stream_id)
            elif isinstance(event, StreamReset):
                sink.was_reset(event.stream_id, event.error_code)
            elif isinstance(event, PingReceived):
                sink.pinged()
            elif isinstance(event, PingAcknowledged):
                sink.ponged()
            elif isinstance(event, SettingsReceived):
                sink.settled()
            elif isinstance(event, ConnectionClosed):
                sink.over()

    def take(self, most: int) -> bytes:
        return self._take(most)

    def take_all(self) -> bytes:
        return self._take(None)

    def _take(self, most: int | None) -> bytes:
        core = self._core
        try:
            octets = core.data_to_send(most)
        except NGH2Error:  # it has failed: receiving said so
            return b""
        events = core.events()
        if events:
            self._tell(events)
        return octets

    def respond(self, stream_id: int, headers: Fields, end: bool) -> None:
        try:
            self._core.send_response(stream_id, headers, end_stream=end)
        except NGH2Error:
            return

    def send(self, stream_id: int, data: bytes) -> None:
        try:
            self._core.send_data(stream_id, data)
        except NGH2Error:
            return

    def end(self, stream_id: int) -> None:
        try:
            self._core.end_stream(stream_id)
        except NGH2Error:
            return

    def trailers(self, stream_id: int, headers: Fields) -> None:
        try:
            self._core.send_trailers(stream_id, headers)
        except NGH2Error:
            return

    def reset(self, stream_id: int, code: int) -> None:
        try:
            self._core.reset_stream(stream_id, code)
        except NGH2Error:
            return

    def ping(self) -> None:
        try:
            self._core.ping()
        except NGH2Error:
            return

    def queued(self, stream_id: int) -> int:
        return self._core.queued_body_size(stream_id)

    @property
    def all_queued(self) -> int:
        return self._core.queued_body_size()

    def consumed(self, stream_id: int, size: int) -> None:
        try:
            self._core.acknowledge_received_data(size, stream_id)
        except NGH2Error:
            return

    def withhold(self, stream_id: int, size: int, *, first: bool) -> None:
        # libnghttp2 knows data as used or not on both levels at once. So it is used, but the stream's window
        # is closed to be opened no more; one byte is left to have it opened by.
        if first:
            self._resize(stream_id, 0)
            size -= 1
        self.consumed(stream_id, size)

    def restore(self, stream_id: int, size: int) -> None:
        self._resize(stream_id, self._stream_window)
        self.consumed(stream_id, 1)

    def _resize(self, stream_id: int, size: int) -> None:
        try:
            self._core.set_local_window_size(size, stream_id=stream_id)
        except NGH2Error:
            return
