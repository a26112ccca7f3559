"""The ``admin`` section of the settings."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mockforge.config.listeners import AnyPort
from mockforge.config.types import ByteSize, Duration


class AdminConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The admin API and its pages."""

    enabled: Annotated[
        bool,
        Meta(description="Run it", extra={"env": "MOCKFORGE_ADMIN_ENABLED"}),
    ] = True
    host: Annotated[
        str,
        Meta(
            description="Address to bind. Any but a loopback address asks for a `token`",
            extra={"flag": "--admin-host"},
        ),
    ] = "127.0.0.1"
    port: Annotated[
        AnyPort,
        Meta(extra={"flag": "--admin-port", "env": "MOCKFORGE_ADMIN_PORT"}),
    ] = 9080
    token: Annotated[
        Annotated[str, Meta(min_length=16)] | None,
        Meta(
            description="What clients have to know (`Authorization: Bearer ...`, or the login page)",
            extra={"secret": True},
        ),
    ] = None
    hosts: Annotated[
        tuple[str, ...],
        Meta(
            description="Names that requests may come under, besides `localhost` and addresses in "
            "figures; `*` allows every one"
        ),
    ] = ()
    max_connections: Annotated[
        int, Meta(ge=1, description="Open connections; further ones are closed at once")
    ] = 64
    max_body: Annotated[ByteSize, Meta(description="Largest request body; then 413")] = ByteSize(
        8 * 1024**2
    )
    max_tails: Annotated[
        int, Meta(ge=1, le=64, description="Clients that follow the journal at a time; then 503")
    ] = 16
    tail_buffer: Annotated[
        int,
        Meta(
            ge=1,
            description="Entries that wait for a client that follows the journal and reads too "
            "slowly; then it loses the oldest, and is told how many",
        ),
    ] = 256
    history: Annotated[
        int,
        Meta(
            ge=2, le=100_000, description="Moments kept of how the process did, for the dashboard"
        ),
    ] = 360
    history_interval: Annotated[
        Duration, Meta(description="Between two moments; at least 100 ms")
    ] = Duration(5)
    request_timeout: Annotated[
        Duration, Meta(description="For a client to send its whole request; then 408")
    ] = Duration(30)
    session: Annotated[Duration, Meta(description="How long a login on the page holds")] = Duration(
        12 * 3600
    )
