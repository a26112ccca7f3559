"""The parts ``http.proxy`` and ``http.record`` of the settings."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockforge.config.servers import MatchHeaders, RecordTo
from mockforge.config.types import ByteSize, Duration
from mockforge.upstreams.hosts import HostPattern
from mockforge.upstreams.tls import UpstreamTls
from mockforge_http.upstreams import Upstream


class ProxySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requests passed on to another server."""

    upstream: Annotated[
        Upstream | None,
        Meta(
            description="URL of the server that answers what no stub and no fixture does",
            extra={"flag": "--proxy"},
        ),
    ] = None
    when: Annotated[
        Literal["missing", "undeclared", "always"],
        Meta(
            description="What is passed on: what no stub and no fixture answers (`missing`), of that "
            "only what no document declares (`undeclared`), or everything (`always`)"
        ),
    ] = "missing"
    paths: Annotated[
        tuple[str, ...],
        Meta(description="Paths that are passed on, `*` for any text: `/api/*`; empty = all"),
    ] = ()
    allow: Annotated[
        tuple[HostPattern, ...],
        Meta(
            description="Hosts that stubs may pass requests on to, besides `upstream`: `example.com`, "
            "`*.example.com`, `localhost:9000`, `10.0.0.0/8`, `*`. Addresses of this machine and of "
            "private networks must be named; `*` does not stand for them"
        ),
    ] = ()
    headers: Annotated[
        dict[str, str],
        Meta(
            description="Headers that requests are sent with, in place of the client's own",
            extra={"secret": True},
        ),
    ] = {}
    preserve_host: Annotated[
        bool, Meta(description="Send the client's `Host` instead of the upstream server's")
    ] = False
    timeout: Annotated[
        Duration, Meta(description="Until an answer begins, connecting included; then 504")
    ] = Duration(30)
    idle_timeout: Annotated[
        Duration, Meta(description="Between two pieces of an answer's body; then it is cut")
    ] = Duration(60)
    max_body: Annotated[
        ByteSize,
        Meta(description="Largest body of an answer; a larger one is answered 502, or cut"),
    ] = ByteSize(1024**3)
    max_connections: Annotated[
        int,
        Meta(ge=1, le=10_000, description="Connections to upstream servers; further requests wait"),
    ] = 100
    keep_alive: Annotated[
        Duration, Meta(description="How long an unused connection is kept for the next request")
    ] = Duration(15)
    tls: UpstreamTls = UpstreamTls()


class RecordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers of upstream servers, written down to be served without them."""

    to: Annotated[
        RecordTo,
        Meta(
            description="Folder that stubs or fixtures are written to; unset = nothing is recorded"
        ),
    ] = None
    as_: Annotated[
        Literal["stubs", "fixtures"],
        Meta(
            description="Stubs, which tell requests apart by query and body and answer with status and "
            "headers, or plain fixtures"
        ),
    ] = msgspec.field(name="as", default="stubs")
    match_headers: MatchHeaders = ()
    drop_headers: Annotated[
        tuple[str, ...],
        Meta(description="Response headers that are not recorded, besides those that are volatile"),
    ] = ()
    inline: Annotated[
        ByteSize,
        Meta(
            description="Longest text body that stands in its stub; others become files beside it"
        ),
    ] = ByteSize(4 * 1024)
    max_body: Annotated[
        ByteSize,
        Meta(description="Largest body that is recorded; exchanges with more are left out"),
    ] = ByteSize(16 * 1024**2)
    max_bytes: Annotated[
        ByteSize,
        Meta(description="Bytes that may wait to be written; further exchanges are left out"),
    ] = ByteSize(32 * 1024**2)
    max_stubs: Annotated[
        int, Meta(ge=1, description="Most different requests recorded; further ones are left out")
    ] = 10_000
    max_responses: Annotated[
        int,
        Meta(ge=1, description="Most answers to one request recorded; further ones are left out"),
    ] = 100
