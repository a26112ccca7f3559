"""The ``grpc`` section of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockforge.config.listeners import AnyPort, ListenerTls, TlsPort
from mockforge.config.servers import CacheDir, MaxStubs, Mocks
from mockforge.config.types import ByteSize, Duration
from mockforge_grpc.config_faults import Failures, Latency
from mockforge_grpc.config_proxy import ProxySettings, RecordSettings


class Timeouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a connection may take over each step."""

    handshake: Annotated[
        Duration, Meta(description="For TLS and the first frames; then the connection is cut")
    ] = Duration(10)
    idle: Annotated[
        Duration, Meta(description="A connection without calls; then GOAWAY. 0 = for ever")
    ] = Duration(3600)


class Keepalive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pings of the server to clients that say nothing."""

    ping_interval: Annotated[
        Duration, Meta(description="Silence after which a ping is sent. 0 = none is")
    ] = Duration(60)
    ping_timeout: Annotated[
        Duration, Meta(description="For the answer to it; then the connection is cut")
    ] = Duration(20)


class Tls(ListenerTls, frozen=True, forbid_unknown_fields=True):
    """A second listener, which speaks TLS."""

    port: TlsPort = 50052


class Reflect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A server that is asked for its services by reflection, once, at start and at reload."""

    target: Annotated[str, Meta(description="`host:port`")]
    tls: Annotated[bool, Meta(description="Speak TLS")] = False
    ca: Annotated[Path | None, Meta(description="CA of its certificate, PEM")] = None
    metadata: Annotated[
        dict[str, str], Meta(description="Metadata to send, a token for instance")
    ] = {}
    timeout: Annotated[Duration, Meta(description="For all of it")] = Duration(10)


class HttpBridge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The services as JSON over HTTP, on the port of the HTTP server."""

    enabled: Annotated[
        bool, Meta(description="Answer HTTP requests for methods; takes the HTTP server too")
    ] = True
    prefix: Annotated[str, Meta(description="What their paths begin with: `/grpc`")] = ""
    defaults: Annotated[
        bool, Meta(description="JSON answers hold fields that have their default, too")
    ] = False


class GrpcConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The gRPC mock server."""

    host: Annotated[
        str,
        Meta(
            description="Address to bind; a path (`unix:/run/grpc.sock`) binds a Unix socket",
            extra={"flag": "--host"},
        ),
    ] = "127.0.0.1"
    port: Annotated[
        AnyPort,
        Meta(extra={"flag": "--grpc-port", "env": "MOCKFORGE_GRPC_PORT"}),
    ] = 50051
    protos: Annotated[
        tuple[Path, ...],
        Meta(
            description="`.proto` files, descriptor sets (`.binpb`, `.pb`, `.protoset`, `.desc`), and "
            "folders of them: what is served",
            extra={"flag": "--proto"},
        ),
    ] = ()
    roots: Annotated[
        tuple[Path, ...],
        Meta(
            description="Folders that imports are relative to, besides the folders of `protos`",
            extra={"flag": "--proto-root"},
        ),
    ] = ()
    reflect: Annotated[
        tuple[Reflect, ...],
        Meta(description="Servers whose services are mocked, found by reflection"),
    ] = ()
    mocks: Annotated[
        Mocks, Meta(description="Files of stubs, and folders of them; those with `grpc` are taken")
    ] = ()
    engine: Annotated[
        Literal["http2", "h2", "grpcio"],
        Meta(
            description="What speaks gRPC: `http2` (on libnghttp2, the fast one), `h2` (the same in pure "
            "Python) or `grpcio`"
        ),
    ] = "http2"
    generate: Annotated[
        bool,
        Meta(
            description="Answer calls that no stub is for with data made from the descriptors; else "
            "they get NOT_FOUND with the nearest stubs"
        ),
    ] = True
    generated_messages: Annotated[
        int, Meta(ge=0, le=10_000, description="Messages of a generated stream")
    ] = 3
    reflection: Annotated[
        bool, Meta(description="Tell clients what the services are: reflection, v1 and v1alpha")
    ] = True
    health: Annotated[
        bool, Meta(description="Serve the health service: every service is SERVING")
    ] = True
    latency: Latency = Latency()
    failures: Failures = Failures()
    http_bridge: HttpBridge = HttpBridge()
    proxy: ProxySettings = ProxySettings()
    record: RecordSettings = RecordSettings()
    cache: Annotated[
        bool,
        Meta(description="Keep compiled protos on disk, by content", extra={"flag": "--cache"}),
    ] = True
    cache_dir: CacheDir = None
    max_stubs: MaxStubs = 100_000
    max_connections: Annotated[
        int, Meta(ge=1, description="Open connections; further ones are closed (GOAWAY)")
    ] = 10_000
    max_concurrent_streams: Annotated[
        int, Meta(ge=1, description="Open calls of one connection; further ones are refused")
    ] = 1000
    max_message: Annotated[
        ByteSize,
        Meta(description="Largest message, after decompression; then RESOURCE_EXHAUSTED"),
    ] = ByteSize(4 * 1024**2)
    max_metadata: Annotated[
        ByteSize, Meta(description="Largest metadata of a call; then RESOURCE_EXHAUSTED")
    ] = ByteSize(16 * 1024)
    max_queued: Annotated[
        int,
        Meta(
            ge=1,
            description="Messages of one call that wait for its script; then the client has to wait",
        ),
    ] = 64
    max_collected: Annotated[
        int,
        Meta(
            ge=1,
            description="Messages of one client stream that are kept for stubs that ask for all of "
            "them (and no more than `max_message` bytes); then RESOURCE_EXHAUSTED",
        ),
    ] = 10_000
    max_held: Annotated[
        ByteSize,
        Meta(
            description="Bytes of messages held for all calls together: being received or unsent, and "
            "as many again that wait for scripts and stubs; a call that goes above it ends with "
            "RESOURCE_EXHAUSTED"
        ),
    ] = ByteSize(256 * 1024**2)
    max_resets: Annotated[
        int,
        Meta(
            ge=1,
            description="Calls of one connection that a client may cancel in a second; then the connection "
            "is closed",
        ),
    ] = 200
    write_buffer: Annotated[
        ByteSize, Meta(description="Unsent bytes of one call at which its script waits")
    ] = ByteSize(64 * 1024)
    compression_level: Annotated[
        int, Meta(ge=1, le=9, description="Of gzip and deflate, where a client asks for them")
    ] = 6
    keepalive: Keepalive = Keepalive()
    timeouts: Timeouts = Timeouts()
    tls: Tls = Tls()
