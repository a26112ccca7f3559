"""An HTTP/2 client that shows what is on the wire: `h2` on a blocking socket, and octets as given."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings

from tests.grpc.transport.serving import PATIENCE, Serving

Fields = Sequence[tuple[str, str]]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def framed(message: bytes, flag: int = 0) -> bytes:
    """A message with its prefix."""
    return struct.pack("!BI", flag, len(message)) + message


def frame(kind: int, payload: bytes, *, flags: int = 0, stream: int = 0) -> bytes:
    """An HTTP/2 frame."""
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


@dataclass
class Answer:
    """What came on one stream. ``trailers_only`` is whether it was one HEADERS frame."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    trailers: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    reset: int | None = None
    trailers_only: bool = False

    @property
    def status(self) -> str | None:
        """``grpc-status``, wherever it is."""
        return self.trailers.get("grpc-status", self.headers.get("grpc-status"))

    @property
    def message(self) -> str | None:
        """``grpc-message`` as it is on the wire."""
        return self.trailers.get("grpc-message", self.headers.get("grpc-message"))


class WireClient:
    """One connection. ``answers`` by stream; ``goaway`` is (code, last stream) of each GOAWAY."""

    def __init__(self, port: int, *, window: int = 1 << 20, acknowledge: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        config = h2.config.H2Configuration(header_encoding="utf-8", validate_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        self.h2.local_settings = h2.settings.Settings(
            initial_values={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window}
        )
        self.answers: dict[int, Answer] = {}
        self.goaway: list[tuple[int, int]] = []
        self.goaway_reason = b""
        self.pongs = 0
        self.pings = 0
        self.settings = False
        self.closed = False
        self._acknowledge = acknowledge
        self.h2.initiate_connection()
        self.flush()

    # -------------------------------------------------------------- out

    def flush(self) -> None:
        self.octets(self.h2.data_to_send())

    def octets(self, data: bytes) -> None:
        if data:
            self.socket.sendall(data)

    def headers(
        self, path: str = "/test.Echo/Unary", *more: tuple[str, str], drop: str = ""
    ) -> list[tuple[str, str]]:
        """The request headers of a call; ``more`` replace those of the same name."""
        usual = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "mock.test"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        ]
        names = {name for name, _ in more} | {drop}
        pseudo = [pair for pair in more if pair[0].startswith(":")]
        rest = [pair for pair in more if not pair[0].startswith(":")]
        kept = [pair for pair in usual if pair[0] not in names]
        return [
            *pseudo,
            *(pair for pair in kept if pair[0].startswith(":")),
            *(pair for pair in kept if not pair[0].startswith(":")),
            *rest,
        ]

    def open(
        self,
        path: str = "/test.Echo/Unary",
        *more: tuple[str, str],
        end: bool = False,
        drop: str = "",
    ) -> int:
        """Open a stream."""
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, self.headers(path, *more, drop=drop), end_stream=end)
        self.answers[stream_id] = Answer()
        self.flush()
        return stream_id

    def send(self, stream_id: int, data: bytes, *, end: bool = False) -> None:
        """DATA in frames of at most 16 KiB; within the window."""
        pieces = [data[at : at + 16384] for at in range(0, len(data), 16384)] or [b""]
        for piece in pieces[:-1]:
            self.h2.send_data(stream_id, piece)
        self.h2.send_data(stream_id, pieces[-1], end_stream=end)
        self.flush()

    def call(
        self,
        body: bytes = framed(b"hello"),
        *more: tuple[str, str],
        path: str = "/test.Echo/Unary",
        drop: str = "",
    ) -> Answer:
        """A whole call: its answer."""
        stream_id = self.open(path, *more, drop=drop)
        self.send(stream_id, body, end=True)
        return self.answer(stream_id)

    # -------------------------------------------------------------- in

    def answer(self, stream_id: int) -> Answer:
        """What is on the stream when it is over."""
        answer = self.answers[stream_id]
        self.until(lambda: answer.ended or answer.reset is not None)
        return answer

    def until(self, done: object) -> None:
        """Read until ``done()`` or the end of the connection."""
        assert callable(done)
        while not done() and not self.closed:
            self.read()

    def read(self) -> None:
        """Read once."""
        try:
            data = self.socket.recv(65_536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = True
            return
        for event in self.h2.receive_data(data):
            self._take(event)
        self.flush()

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ResponseReceived):
            answer = self.answers[event.stream_id]
            answer.headers = dict(event.headers)  # type: ignore[arg-type] # decoded
            answer.trailers_only = event.stream_ended is not None
        elif isinstance(event, h2.events.TrailersReceived):
            self.answers[event.stream_id].trailers = dict(event.headers)  # type: ignore[arg-type]
        elif isinstance(event, h2.events.DataReceived):
            self.answers[event.stream_id].data += event.data
            if self._acknowledge and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.answers[event.stream_id].ended = True
        elif isinstance(event, h2.events.StreamReset):
            self.answers[event.stream_id].reset = int(event.error_code)
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.goaway.append((int(event.error_code or 0), event.last_stream_id or 0))
            self.goaway_reason = event.additional_data or b""
        elif isinstance(event, h2.events.PingAckReceived):
            self.pongs += 1
        elif isinstance(event, h2.events.PingReceived):
            self.pings += 1
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            self.settings = True

    def rest(self) -> bytes:
        """The octets up to the end of the connection, as they are."""
        data = b""
        while True:
            try:
                piece = self.socket.recv(65_536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                self.closed = True
                return data
            data += piece

    def close(self) -> None:
        self.socket.close()


@contextmanager
def wire(
    served: Serving, *, window: int = 1 << 20, acknowledge: bool = True
) -> Iterator[WireClient]:
    """A :class:`WireClient` whose settings were seen."""
    made = WireClient(served.port, window=window, acknowledge=acknowledge)
    try:
        made.until(lambda: made.settings)
        yield made
    finally:
        made.close()
