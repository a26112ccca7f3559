"""The ``websocket`` section of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockforge.config.listeners import AnyPort, ListenerTls, TlsPort
from mockforge.config.servers import MaxStubs, Mocks, Mode, SpecRoot
from mockforge.config.types import ByteSize, Duration
from mockforge_ws.config_proxy import ProxySettings, RecordSettings


class Timeouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a connection may take over each step."""

    handshake: Annotated[
        Duration, Meta(description="To send the whole opening request; then 408")
    ] = Duration(10)
    idle: Annotated[
        Duration,
        Meta(description="Without a message in either direction; then close 1001. 0 = for ever"),
    ] = Duration(3600)
    ping: Annotated[
        Duration, Meta(description="Between the pings that the server sends. 0 = it sends none")
    ] = Duration(20)
    pong: Annotated[
        Duration, Meta(description="For the answer to a ping; then the connection is cut")
    ] = Duration(20)
    close: Annotated[
        Duration,
        Meta(description="For the answer to a close; then the connection is cut"),
    ] = Duration(5)


class Tls(ListenerTls, frozen=True, forbid_unknown_fields=True):
    """A second listener, which speaks TLS."""

    port: TlsPort = 3444


class AsyncApi(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent on the channels of AsyncAPI documents."""

    interval: Annotated[
        Duration,
        Meta(
            description="Between two messages of operations that send; the first is sent when a "
            "connection opens. 0 = there is only that one"
        ),
    ] = Duration(1)
    messages: Annotated[
        int,
        Meta(ge=0, description="Messages of such operations on one connection. 0 = any number"),
    ] = 0
    dynamic: Annotated[
        bool,
        Meta(
            description="Generate new data for every message instead of declared examples",
            extra={"flag": "--dynamic"},
        ),
    ] = False


class WebSocketConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The WebSocket mock server."""

    host: Annotated[
        str,
        Meta(
            description="Address to bind; a path (`unix:/run/ws.sock`) binds a Unix socket",
            extra={"flag": "--host"},
        ),
    ] = "127.0.0.1"
    port: Annotated[
        AnyPort,
        Meta(extra={"flag": "--ws-port", "env": "MOCKFORGE_WS_PORT"}),
    ] = 3001
    scripts: Annotated[
        tuple[Path, ...],
        Meta(
            description="Files of stubs with `websocket`, and folders of them",
            extra={"flag": "--ws-script"},
        ),
    ] = ()
    mocks: Annotated[
        Mocks,
        Meta(description="Files of stubs, and folders of them; those with `websocket` are taken"),
    ] = ()
    replay_file: Annotated[
        Path | None,
        Meta(
            description="A conversation as JSON Lines, played to every client at `/ws`",
            extra={"env": "MOCKFORGE_WS_REPLAY_FILE"},
        ),
    ] = None
    documents: Annotated[
        tuple[Path, ...],
        Meta(
            description="AsyncAPI documents (3.0, 3.1), whose channels are served",
            extra={"flag": "--asyncapi", "argument": "DOCUMENT", "root": "asyncapi"},
        ),
    ] = ()
    spec_root: SpecRoot = None
    validation: Annotated[
        Mode,
        Meta(
            description="What does not fit the document: an opening request is refused with 400 and a "
            "message closes the connection with 1008 (`enforce`), it is only noted in the journal "
            "(`warn`), or not checked (`off`)",
            extra={"flag": "--validation"},
        ),
    ] = "enforce"
    asyncapi: AsyncApi = AsyncApi()
    upgrade: Annotated[
        bool,
        Meta(
            description="Also take connections over from the HTTP port, for paths that have a stub"
        ),
    ] = True
    origins: Annotated[
        tuple[str, ...],
        Meta(
            description="Origins that browsers may connect from, else 403; `*` allows every one. A "
            "stub may name its own"
        ),
    ] = ("*",)
    compression: Annotated[
        bool,
        Meta(
            description="Agree to permessage-deflate where a client offers it; takes about 50 KB for "
            "each connection"
        ),
    ] = False
    compression_window: Annotated[
        int,
        Meta(ge=9, le=15, description="Bits of the window of permessage-deflate"),
    ] = 12
    log_messages: Annotated[
        bool,
        Meta(description="Have each message in the journal, not only opening and close"),
    ] = True
    max_stubs: MaxStubs = 100_000
    max_connections: Annotated[
        int, Meta(ge=1, description="Open connections; further ones get 503 and a close")
    ] = 10_000
    max_head: Annotated[ByteSize, Meta(description="Largest opening request; then 431")] = ByteSize(
        16 * 1024
    )
    max_message: Annotated[
        ByteSize, Meta(description="Largest message, after decompression; then close 1009")
    ] = ByteSize(1024**2)
    max_frame: Annotated[
        ByteSize, Meta(description="Largest frame of a message; then close 1009")
    ] = ByteSize(1024**2)
    max_inbox: Annotated[
        int,
        Meta(
            ge=1,
            description="Messages of one connection that wait for its script (and no more than "
            "`max_message` bytes of them beyond the first); then reading pauses",
        ),
    ] = 64
    max_rate: Annotated[
        int,
        Meta(
            ge=0,
            description="Messages of one connection in a second; then close 1008. 0 = any number",
        ),
    ] = 0
    max_rooms: Annotated[int, Meta(ge=1, description="Rooms that one connection may join")] = 64
    write_buffer: Annotated[
        ByteSize,
        Meta(description="Unsent bytes of one connection at which its script waits"),
    ] = ByteSize(64 * 1024)
    send_queue: Annotated[
        ByteSize,
        Meta(
            description="Bytes of messages from other connections that wait for one that does not read"
        ),
    ] = ByteSize(1024**2)
    send_queue_full: Annotated[
        Literal["close", "drop_oldest"],
        Meta(description="What then happens to it: close 1013, or the oldest message is dropped"),
    ] = "close"
    max_held: Annotated[
        ByteSize,
        Meta(
            description="Bytes of messages held for all connections together: being received, waiting "
            "for a script, or queued; a connection that goes above it is closed with 1013"
        ),
    ] = ByteSize(128 * 1024**2)
    timeouts: Timeouts = Timeouts()
    tls: Tls = Tls()
    proxy: ProxySettings = ProxySettings()
    record: RecordSettings = RecordSettings()
