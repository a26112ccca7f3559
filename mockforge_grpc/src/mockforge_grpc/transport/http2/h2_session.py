"""A session in pure Python, by the package ``h2``: for where there is no libnghttp2, and a second opinion in
tests. ``h2`` frames what it is given at once, so what waits for windows is queued here."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingAckReceived,
    PingReceived,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import DenialOfServiceError, H2Error, ProtocolError
from h2.frame_buffer import FrameBuffer
from h2.settings import SettingCodes, Settings

from mockforge_grpc.transport.call import ENHANCE_YOUR_CALM
from mockforge_grpc.transport.http2.session import HARD_HEADERS, Session, SessionError

if TYPE_CHECKING:
    from hyperframe.frame import Frame

    from mockforge_grpc.transport.http2.session import Sink
    from mockforge_grpc.transport.limits import GrpcLimits
    from mockforge_grpc.transport.metadata import Fields

_DEFAULT_WINDOW: Final = 65_535
_PING: Final = bytes(8)
_HEAD: Final = 9
"""Octets of a frame's head (RFC 9113 section 4.1)."""


class _Frames(FrameBuffer):
    """What has come of a frame. It is refused by its head: ``h2`` would first wait for all of it."""

    def __next__(self) -> Frame:
        if len(self._data) >= _HEAD:
            self._validate_frame_length(int.from_bytes(self._data[:3]))
        return super().__next__()


class _Out:
    """What waits to be sent on one stream."""

    __slots__ = ("chunks", "ended", "offset", "size", "trailers")

    def __init__(self) -> None:
        self.chunks: deque[bytes] = deque()
        self.offset = 0
        self.size = 0
        self.ended = False
        self.trailers: Fields | None = None


class H2Session(Session):
    """See :class:`~mockforge_grpc.transport.http2.session.Session`."""

    __slots__ = ("_core", "_half", "_out", "_ready", "_sink", "_total", "_window")

    def __init__(self, sink: Sink, limits: GrpcLimits) -> None:
        self._sink = sink
        self._core = core = H2Connection(
            H2Configuration(
                client_side=False, header_encoding=None, validate_outbound_headers=False
            )
        )
        core.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: limits.max_concurrent_streams,
                SettingCodes.INITIAL_WINDOW_SIZE: limits.stream_window,
                SettingCodes.MAX_HEADER_LIST_SIZE: limits.max_metadata,
                SettingCodes.MAX_FRAME_SIZE: core.max_inbound_frame_size,
            },
        )
        core.incoming_buffer = _Frames(server=True)
        core.decoder.max_header_list_size = 2 * limits.max_metadata + HARD_HEADERS
        self._window = limits.connection_window
        self._out: dict[int, _Out] = {}
        self._ready: dict[int, None] = {}
        self._half: dict[int, bool] = {}
        self._total = 0

    def start(self) -> None:
        self._core.initiate_connection()
        if self._window > _DEFAULT_WINDOW:
            self._core.increment_flow_control_window(self._window - _DEFAULT_WINDOW)

    def receive(self, data: bytes) -> None:
        try:
            events = self._core.receive_data(data)
        except DenialOfServiceError as error:
            raise SessionError(str(error), ENHANCE_YOUR_CALM, told=True) from error
        except ProtocolError as error:
            raise SessionError(str(error), error.error_code, told=True) from error
        self._tell(events)

    def _tell(self, events: list[Event]) -> None:
        sink = self._sink
        for event in events:
            if isinstance(event, RequestReceived):
                self._half[event.stream_id] = event.stream_ended is not None
                sink.request(event.stream_id, event.headers, event.stream_ended is not None)
            elif isinstance(event, DataReceived):
                padding = event.flow_controlled_length - len(event.data)
                if padding:
                    self.consumed(event.stream_id, padding)
                sink.data(event.stream_id, event.data, event.stream_ended is not None)
            elif isinstance(event, TrailersReceived):
                sink.trailers(event.stream_id)
            elif isinstance(event, StreamEnded):
                self._ended(event.stream_id)
            elif isinstance(event, StreamReset):
                sink.was_reset(event.stream_id, event.error_code)
                self._close(event.stream_id)
            elif isinstance(event, WindowUpdated):
                self._open(event.stream_id)
                sink.opened()
            elif isinstance(event, PingReceived):
                sink.pinged()
            elif isinstance(event, PingAckReceived):
                sink.ponged()
            elif isinstance(event, RemoteSettingsChanged):
                self._open(0)
                sink.settled()
            elif isinstance(event, ConnectionTerminated):
                sink.over()  # h2 sends nothing more, though streams might go on

    def _ended(self, stream_id: int) -> None:
        """The client sends no more on the stream."""
        if self._half.get(stream_id) is None:
            return
        self._half[stream_id] = True
        out = self._out.get(stream_id)
        if out is not None and out.ended and stream_id not in self._ready:
            self._close(stream_id)

    def _open(self, stream_id: int) -> None:
        if not stream_id:
            self._ready.update(dict.fromkeys(self._out))
        elif stream_id in self._out:
            self._ready[stream_id] = None

    def _close(self, stream_id: int) -> None:
        if self._half.pop(stream_id, None) is None:
            return
        self._ready.pop(stream_id, None)
        out = self._out.pop(stream_id, None)
        if out is not None:
            self._total -= out.size
        self._sink.closed(stream_id)

    # -------------------------------------------------------------- out

    def take(self, most: int) -> bytes:
        core, ready = self._core, self._ready
        left = most
        while ready and left > 0:
            stream_id = next(iter(ready))
            del ready[stream_id]
            sent = self._frame(stream_id, left)
            if sent:
                ready[stream_id] = None  # the others first
                left -= sent
        return core.data_to_send()

    def take_all(self) -> bytes:
        return self.take(1 << 62)

    def _frame(self, stream_id: int, most: int) -> int:
        """One frame of what waits on a stream: its size, 0 if it has to wait on or is done."""
        core, out = self._core, self._out[stream_id]
        if not out.size:
            if out.ended:
                self._finish(stream_id, out)
            return 0
        try:
            size = min(
                core.local_flow_control_window(stream_id), core.max_outbound_frame_size, most
            )
            if size <= 0:
                return 0
            chunk = out.chunks[0][out.offset : out.offset + size]
            core.send_data(stream_id, chunk)
        except H2Error:  # it is gone
            self._close(stream_id)
            return 0
        out.offset += len(chunk)
        if out.offset == len(out.chunks[0]):
            out.chunks.popleft()
            out.offset = 0
        out.size -= len(chunk)
        self._total -= len(chunk)
        return len(chunk)

    def _finish(self, stream_id: int, out: _Out) -> None:
        try:
            if out.trailers is None:
                self._core.end_stream(stream_id)
            else:
                self._core.send_headers(stream_id, out.trailers, end_stream=True)
        except H2Error:
            self._close(stream_id)
            return
        if self._half.get(stream_id):
            self._close(stream_id)

    def respond(self, stream_id: int, headers: Fields, end: bool) -> None:
        if stream_id not in self._half or stream_id in self._out:
            return
        try:
            self._core.send_headers(stream_id, headers, end_stream=end)
        except H2Error:
            self._close(stream_id)
            return
        out = self._out[stream_id] = _Out()
        out.ended = end
        if end and self._half[stream_id]:
            self._close(stream_id)

    def send(self, stream_id: int, data: bytes) -> None:
        out = self._out.get(stream_id)
        if out is None or out.ended or not data:
            return
        out.chunks.append(data)
        out.size += len(data)
        self._total += len(data)
        self._ready[stream_id] = None

    def end(self, stream_id: int) -> None:
        self._end(stream_id, None)

    def trailers(self, stream_id: int, headers: Fields) -> None:
        self._end(stream_id, headers)

    def _end(self, stream_id: int, trailers: Fields | None) -> None:
        out = self._out.get(stream_id)
        if out is None or out.ended:
            return
        out.ended = True
        out.trailers = trailers
        self._ready[stream_id] = None

    def reset(self, stream_id: int, code: int) -> None:
        if stream_id not in self._half:
            return
        with suppress(H2Error):  # it may be closed for h2 already
            self._core.reset_stream(stream_id, code)
        self._close(stream_id)

    def ping(self) -> None:
        with suppress(H2Error):
            self._core.ping(_PING)

    def queued(self, stream_id: int) -> int:
        out = self._out.get(stream_id)
        return 0 if out is None else out.size

    @property
    def all_queued(self) -> int:
        return self._total

    # -------------------------------------------------------------- windows

    def consumed(self, stream_id: int, size: int) -> None:
        self.withhold(stream_id, size, first=False)
        self.restore(stream_id, size)

    def withhold(self, stream_id: int, size: int, *, first: bool) -> None:
        if size:
            self._core.increment_flow_control_window(size)

    def restore(self, stream_id: int, size: int) -> None:
        if not size or self._half.get(stream_id, True):  # the client sends no more on it
            return
        try:
            self._core.increment_flow_control_window(size, stream_id)
        except H2Error:
            return
