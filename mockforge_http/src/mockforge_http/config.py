"""The ``http`` section of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockforge.config.listeners import AnyPort, ListenerTls, TlsPort
from mockforge.config.servers import CacheDir, MaxStubs, Mocks, Mode, SpecRoot
from mockforge.config.types import ByteSize, Duration
from mockforge.upstreams.hosts import HostPattern
from mockforge_http.config_faults import Failures, Latency, RateLimit
from mockforge_http.config_proxy import ProxySettings, RecordSettings
from mockforge_http.config_resources import ResourceSettings


class Timeouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a connection may take over each step."""

    head: Annotated[Duration, Meta(description="To send the whole request head")] = Duration(10)
    body: Annotated[
        Duration, Meta(description="Between two pieces of a request body; then 408")
    ] = Duration(20)
    idle: Annotated[Duration, Meta(description="Between two requests on one connection")] = (
        Duration(60)
    )
    write: Annotated[
        Duration, Meta(description="For a client to read what waits to be sent to it")
    ] = Duration(30)


class Tls(ListenerTls, frozen=True, forbid_unknown_fields=True):
    """A second listener, served by hypercorn, that speaks TLS with HTTP/1.1 and HTTP/2."""

    port: TlsPort = 3443
    http2: Annotated[bool, Meta(description="Offer HTTP/2 by ALPN")] = True
    http3: Annotated[bool, Meta(description="Also listen for HTTP/3 (QUIC) on the UDP port")] = (
        False
    )


class Cors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cross-origin requests from browsers (the Fetch standard, section 3.2)."""

    enabled: Annotated[
        bool, Meta(description="Answer preflights and add the headers", extra={"flag": "--cors"})
    ] = True
    origins: Annotated[
        tuple[str, ...], Meta(description="Allowed origins; `*` allows every one")
    ] = ("*",)


class ValidationOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another mode for some operations: those that all the keys given here fit. Of several overrides the one
    with the narrowest key counts (operation, then path, tag, document), of equals the last."""

    mode: Annotated[Mode, Meta(description="What to do with their requests")]
    document: Annotated[
        str | None, Meta(description="File name, path or title of the document")
    ] = None
    tag: Annotated[str | None, Meta(description="A tag of the operation")] = None
    path: Annotated[
        str | None,
        Meta(description="Path template; `*` stands for any text: `/pets/*`"),
    ] = None
    operation: Annotated[
        str | None, Meta(description="`operationId`, or method and path: `GET /pets/{petId}`")
    ] = None


class Validation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requests and answers checked against the document."""

    mode: Annotated[
        Mode,
        Meta(
            description="A request that does not fit the document is refused (`enforce`), answered "
            "with a note in `X-Mockforge-Findings` (`warn`), or not checked (`off`)",
            extra={"flag": "--validation"},
        ),
    ] = "enforce"
    max_findings: Annotated[
        int, Meta(ge=1, le=1000, description="Most findings listed for one request")
    ] = 20
    responses: Annotated[
        Literal["off", "warn", "fail"],
        Meta(
            description="Check answers as well: note what does not fit the document (`warn`), or "
            "answer 500 instead (`fail`)"
        ),
    ] = "off"
    strict: Annotated[
        bool,
        Meta(
            description="Answer 500 wherever an answer does not fit the document, and send examples "
            "as they stand, so that mistakes in the document show",
            extra={"flag": "--strict"},
        ),
    ] = False
    overrides: Annotated[
        tuple[ValidationOverride, ...], Meta(description="Other modes for some operations")
    ] = ()


class CallbackSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requests that the mock itself sends: the callbacks that operations declare, and webhooks."""

    enabled: Annotated[
        bool,
        Meta(
            description="Send the callbacks of an operation after it was answered with a 2xx",
            extra={"flag": "--callbacks"},
        ),
    ] = False
    allow: Annotated[
        tuple[HostPattern, ...],
        Meta(
            description="Hosts they may go to: `example.com`, `*.example.com`, `localhost:9000`, "
            "`10.0.0.0/8`, `*`. Addresses of this machine and of private networks must be named; `*` "
            "does not stand for them"
        ),
    ] = ()
    timeout: Annotated[Duration, Meta(description="For one attempt, until its answer begins")] = (
        Duration(10)
    )
    max_queue: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="Requests waiting to be sent, and pushes of stubs waiting for their time; further "
            "ones are dropped",
        ),
    ] = 100
    max_bytes: Annotated[
        ByteSize,
        Meta(
            description="Bytes of requests waiting to be sent, or for their delay, or being sent, and as "
            "many of pushes; then likewise"
        ),
    ] = ByteSize(16 * 1024**2)
    workers: Annotated[
        int,
        Meta(ge=1, le=100, description="Servers sent to at once; to each, one request at a time"),
    ] = 4
    retries: Annotated[
        int,
        Meta(
            ge=0,
            le=10,
            description="Further attempts where there was no answer, or one that may be better later "
            "(408, 425, 429, 500, 502, 503, 504)",
        ),
    ] = 2


class HttpConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The HTTP mock server."""

    host: Annotated[
        str,
        Meta(
            description="Address to bind; a path (`unix:/run/mock.sock`) binds a Unix socket",
            extra={"flag": "--host", "env": "MOCKFORGE_HTTP_HOST"},
        ),
    ] = "127.0.0.1"
    port: Annotated[
        AnyPort,
        Meta(extra={"flag": "--http-port", "env": "MOCKFORGE_HTTP_PORT"}),
    ] = 3000
    specs: Annotated[
        tuple[Path, ...],
        Meta(
            description="OpenAPI documents (2.0, 3.0, 3.1, 3.2; JSON or YAML) and Postman "
            "collections",
            extra={"flag": "--spec", "argument": "DOCUMENT"},
        ),
    ] = ()
    spec_root: SpecRoot = None
    mocks: Annotated[
        Mocks, Meta(description="Files of stubs, and folders of them (YAML and JSON at any depth)")
    ] = ()
    max_stubs: MaxStubs = 100_000
    fixtures: Annotated[
        Path | None,
        Meta(
            description="Folder of fixtures, read on demand: `GET/pets/1.json` answers GET /pets/1",
            extra={"flag": "--fixtures", "env": "MOCKFORGE_FIXTURES_DIR"},
        ),
    ] = None
    fixture_cache: Annotated[
        ByteSize,
        Meta(
            description="Bytes of fixtures kept in memory, those used last; one that has changed on "
            "disk is read again. 0 = none is kept"
        ),
    ] = ByteSize(0)
    fixture_stream: Annotated[
        ByteSize,
        Meta(
            description="Fixtures from this size on that are answered as they are (text, binary, JSON) "
            "are sent piece by piece from disk"
        ),
    ] = ByteSize(1024**2)
    fixture_max_size: Annotated[
        ByteSize,
        Meta(
            description="Largest fixture, or file of a stub, that is read whole; one that cannot be "
            "streamed gets 500"
        ),
    ] = ByteSize(16 * 1024**2)
    stateful: Annotated[
        bool,
        Meta(
            description="Keep what is posted: every collection that a document describes (`/pets` with "
            "`/pets/{id}`) is created, listed, changed and deleted from, instead of made up",
            extra={"flag": "--stateful"},
        ),
    ] = False
    resources: Annotated[
        dict[str, ResourceSettings],
        Meta(description="Collections that are kept, by a name of your choice"),
    ] = {}
    max_items: Annotated[
        int, Meta(ge=1, description="Items kept of one collection; then the oldest go")
    ] = 10_000
    dynamic: Annotated[
        bool,
        Meta(
            description="Generate new data on every request instead of declared examples",
            extra={"flag": "--dynamic"},
        ),
    ] = False
    examples: Annotated[
        Literal["mended", "verbatim"],
        Meta(
            description="Whether declared examples that contradict their own schema are mended where "
            "they do, or sent as they stand"
        ),
    ] = "mended"
    base_path: Annotated[
        Literal["optional", "required", "ignored"],
        Meta(
            description="Whether paths start with the base path that a document's `servers` (or "
            "`basePath`) name: `/v1/pets` and `/pets`, only `/v1/pets`, or only `/pets`"
        ),
    ] = "optional"
    source_header: Annotated[
        bool, Meta(description="Say in `X-Mockforge-Source` what answered")
    ] = False
    check: Annotated[
        Literal["auto", "always", "never"],
        Meta(
            description="Check documents with openapi-core in a process of its own after the start; "
            "`auto` does so for documents up to 256 KiB whose content was not checked before"
        ),
    ] = "auto"
    cache: Annotated[
        bool,
        Meta(description="Keep prepared documents on disk, by content", extra={"flag": "--cache"}),
    ] = True
    cache_dir: CacheDir = None
    operation_cache: Annotated[
        ByteSize,
        Meta(description="Most bytes of prepared operations kept; the least used go first"),
    ] = ByteSize(12 * 1024**2)
    max_connections: Annotated[
        int, Meta(ge=1, description="Open connections; further ones get 503 and a close")
    ] = 10_000
    max_request_line: Annotated[ByteSize, Meta(description="Longest request line; then 414")] = (
        ByteSize(16 * 1024)
    )
    max_head: Annotated[ByteSize, Meta(description="Largest request head; then 431")] = ByteSize(
        64 * 1024
    )
    max_body: Annotated[ByteSize, Meta(description="Largest request body; then 413")] = ByteSize(
        10 * 1024**2
    )
    max_bodies: Annotated[
        ByteSize,
        Meta(
            description="Request body bytes held for all connections together, being received or "
            "waiting for their turn; above it 503"
        ),
    ] = ByteSize(128 * 1024**2)
    max_pipelined: Annotated[
        int,
        Meta(
            ge=1,
            description="Requests of one connection waiting for their turn; then reading pauses",
        ),
    ] = 64
    write_buffer: Annotated[
        ByteSize, Meta(description="Unsent answer bytes of one connection at which reading pauses")
    ] = ByteSize(256 * 1024)
    timeouts: Timeouts = Timeouts()
    tls: Tls = Tls()
    cors: Cors = Cors()
    validation: Validation = Validation()
    callbacks: CallbackSettings = CallbackSettings()
    proxy: ProxySettings = ProxySettings()
    record: RecordSettings = RecordSettings()
    latency: Latency = Latency()
    failures: Failures = Failures()
    rate_limits: Annotated[
        tuple[RateLimit, ...],
        Meta(description="How many requests may come; further ones get 429. All that fit count"),
    ] = ()
    max_limited_clients: Annotated[
        int,
        Meta(
            ge=1,
            description="Clients that rate limits remember, counted once for each limit; those that were "
            "quiet longest are forgotten and begin anew",
        ),
    ] = 10_000
