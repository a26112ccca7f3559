"""A client that asks once over HTTP/3."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.e2e.raw import PATIENCE


async def fetch_h3(
    port: int, ca: Path, path: str = "/", connect_to: str | None = None
) -> tuple[int, bytes]:
    """Status and body of the answer to a GET from 127.0.0.1; with ``connect_to``, to an extended CONNECT to
    that protocol (RFC 9220)."""
    from aioquic.asyncio.client import connect
    from aioquic.asyncio.protocol import QuicConnectionProtocol
    from aioquic.h3.connection import H3_ALPN, H3Connection
    from aioquic.h3.events import DataReceived, HeadersReceived
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import QuicEvent

    class Client(QuicConnectionProtocol):
        def __init__(self, *args: Any, **given: Any) -> None:
            super().__init__(*args, **given)
            self.h3 = H3Connection(self._quic)
            self.status = 0
            self.body = b""
            self.done = asyncio.Event()

        def quic_event_received(self, event: QuicEvent) -> None:
            for each in self.h3.handle_event(event):
                if isinstance(each, HeadersReceived):
                    self.status = int(dict(each.headers)[b":status"])
                elif isinstance(each, DataReceived):
                    self.body += each.data
                if isinstance(each, HeadersReceived | DataReceived) and each.stream_ended:
                    self.done.set()

        def ask(self) -> None:
            head = {b":method": b"GET", b":scheme": b"https", b":authority": b"localhost"}
            if connect_to is not None:
                head |= {b":method": b"CONNECT", b":protocol": connect_to.encode()}
            fields = [] if connect_to is None else [(b"sec-websocket-version", b"13")]
            stream = self._quic.get_next_available_stream_id()
            self.h3.send_headers(
                stream,
                [*head.items(), (b":path", path.encode()), *fields],
                end_stream=connect_to is None,
            )
            self.transmit()

    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=True)
    configuration.load_verify_locations(str(ca))
    async with (
        asyncio.timeout(PATIENCE),
        connect("127.0.0.1", port, configuration=configuration, create_protocol=Client) as client,
    ):
        assert isinstance(client, Client)
        client.ask()
        await client.done.wait()
        return client.status, client.body
