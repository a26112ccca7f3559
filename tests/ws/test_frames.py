"""Frames cut and split in every way mean the same."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto import ConnectionType
from wsproto.connection import Connection as Frames
from wsproto.events import BytesMessage, Ping, Pong, TextMessage

from mockforge.mocking.exchange import Exchange
from mockforge_ws.config import WebSocketConfig
from mockforge_ws.wire import Accept, Connection, Data, Limits, WireStats
from mockforge_ws.wire.arrival import Arrival
from mockforge_ws.wire.hub import Hub
from tests.ws.making import handshake


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.reading = True
        self.protocol: Any = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is buffered."""

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        """Nothing is to be cut."""


class Echo:
    def __init__(self) -> None:
        self.got: list[Data] = []

    def start(self, connection: Connection) -> None:
        self.connection = connection

    def message(self, data: Data) -> None:
        self.got.append(data)
        self.connection.send(data)

    def pushed(self, data: Data) -> None:
        """Nobody else speaks."""

    def writable(self) -> None:
        """Nothing waits."""

    def closed(self, code: int, reason: str) -> None:
        """Nothing is held."""

    def memory_bytes(self) -> int:
        return 0


class Application:
    def __init__(self) -> None:
        self.session = Echo()

    def decide(self, exchange: Exchange, subprotocols: tuple[str, ...]) -> Accept:
        return Accept(self.session)

    def answered(self, exchange: Exchange) -> None:
        """Nothing is noted."""


MESSAGES = st.lists(
    st.one_of(st.text(max_size=300), st.binary(max_size=300), st.integers(0, 100)), max_size=8
)


@settings(max_examples=120, deadline=None)
@given(MESSAGES, st.lists(st.integers(0, 3000), max_size=20), st.data())
def test_messages_come_whole_however_they_are_split(
    messages: list[str | bytes | int], cuts: list[int], data: Any
) -> None:
    asked = Frames(ConnectionType.CLIENT)
    octets = handshake("/")
    sent: list[Data] = []
    pings: list[bytes] = []
    for message in messages:
        if isinstance(message, int):
            pings.append(b"p" * message)
            octets += asked.send(Ping(pings[-1]))
            continue
        sent.append(message)
        kind: type[Any] = TextMessage if isinstance(message, str) else BytesMessage
        parts = sorted(
            {0, len(message), *data.draw(st.lists(st.integers(0, len(message)), max_size=3))}
        )
        pieces = [message[start:end] for start, end in pairwise(parts)] or [message]
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            octets += asked.send(kind(data=piece, message_finished=last))

    async def receive() -> Echo:
        application = Application()
        loop = asyncio.get_running_loop()
        hub = Hub(application, Limits.of(WebSocketConfig()), WireStats(), loop)
        transport = Transport()
        transport.set_protocol(Arrival(hub))
        transport.protocol.connection_made(transport)
        places = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
        for start, end in pairwise(places):
            transport.protocol.data_received(octets[start:end])
        answer, _, frames = transport.sent.partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        asked.receive_data(frames)
        events = list(asked.events())
        assert [event.payload for event in events if isinstance(event, Pong)] == pings
        back: list[Data] = [
            cast("Data", event.data)
            for event in events
            if isinstance(event, TextMessage | BytesMessage)
        ]
        assert back == sent
        hub.clock.stop()
        return application.session

    assert asyncio.run(receive()).got == sent
