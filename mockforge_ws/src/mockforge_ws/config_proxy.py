"""The parts ``websocket.proxy`` and ``websocket.record`` of the settings."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from mockforge.config.servers import MatchHeaders, RecordTo
from mockforge.config.types import ByteSize, Duration
from mockforge.upstreams.address import ServerUrl
from mockforge.upstreams.tls import UpstreamTls


class Upstream(ServerUrl):
    """``ws`` or ``wss`` URL of a server, with or without a path below which it is called."""

    ports: ClassVar = {"ws": 80, "wss": 443}
    expected: ClassVar = (
        "expected the URL of a server, such as ws://localhost:9000 or wss://example.com/feed"
    )


class ProxySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Connections passed on to another server."""

    upstream: Annotated[
        Upstream | None,
        Meta(
            description="URL of the server that is connected to where no stub answers",
            extra={"flag": "--ws-proxy"},
        ),
    ] = None
    when: Annotated[
        Literal["missing", "always"],
        Meta(
            description="What is passed on: connections that no stub answers (`missing`), or all "
            "(`always`)"
        ),
    ] = "missing"
    headers: Annotated[
        dict[str, str],
        Meta(
            description="Headers that opening requests are sent with, in place of the client's own",
            extra={"secret": True},
        ),
    ] = {}
    timeout: Annotated[
        Duration,
        Meta(description="Until the upstream server has agreed, connecting included; then 504"),
    ] = Duration(30)
    tls: UpstreamTls = UpstreamTls()


class RecordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conversations with the upstream server, written down to be played without it."""

    to: RecordTo = None
    match_headers: MatchHeaders = ()
    max_messages: Annotated[
        int,
        Meta(
            ge=1,
            le=9_000,
            description="Messages of one conversation that are recorded; what follows is left out",
        ),
    ] = 5_000
    max_conversation: Annotated[
        ByteSize,
        Meta(
            description="Bytes of one conversation that are recorded; what follows is left out",
        ),
    ] = ByteSize(4 * 1024**2)
    max_bytes: Annotated[
        ByteSize,
        Meta(
            description="Bytes of conversations that go on or wait to be written; one that goes above "
            "it is left out"
        ),
    ] = ByteSize(32 * 1024**2)
    max_stubs: Annotated[
        int, Meta(ge=1, description="Most different conversations recorded; others are left out")
    ] = 10_000
