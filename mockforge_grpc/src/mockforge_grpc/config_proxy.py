"""The parts ``grpc.proxy`` and ``grpc.record`` of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import msgspec
from msgspec import Meta

from mockforge.config.servers import RecordTo
from mockforge.config.types import ByteSize, Duration
from mockforge.upstreams.address import ServerUrl


class Upstream(ServerUrl):
    """``host:port`` of a server; ``grpcs://host:port`` of one that speaks TLS."""

    ports: ClassVar = {"grpc": 50051, "grpcs": 443}
    expected: ClassVar = "expected a server, such as localhost:50051 or grpcs://api.example.com:443"

    @classmethod
    def parse(cls, value: object) -> Self:
        if isinstance(value, str) and value.strip() and "://" not in value:
            value = f"grpc://{value.strip()}"
        found = super().parse(value)
        if found.origin.base:
            raise ValueError(f"{cls.expected}, without a path, got {value!r}")
        return found

    @classmethod
    def json_schema(cls) -> dict[str, str]:
        return {"type": "string"}

    @property
    def target(self) -> str:
        """``host:port``, as a channel takes it."""
        origin = self.origin
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        return f"{host}:{origin.port}"

    @property
    def secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.origin.scheme == "grpcs"


class ProxyTls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an upstream server with ``grpcs`` is spoken to."""

    ca: Annotated[
        Path | None, Meta(description="Trusted CAs, PEM; default: those that grpcio brings")
    ] = None
    cert: Annotated[
        Path | None, Meta(description="Client certificate to show, PEM, with its chain")
    ] = None
    key: Annotated[Path | None, Meta(description="Its private key, PEM")] = None
    name: Annotated[
        str,
        Meta(description="Host name that its certificate is for, where that is not the host's own"),
    ] = ""


class ProxySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls passed on to another server."""

    upstream: Annotated[
        Upstream | None,
        Meta(
            description="Server that answers what no stub does: `host:port`, `grpcs://host:port` for TLS. "
            "Without `protos`, what its services are is asked by reflection",
            extra={"flag": "--grpc-proxy"},
        ),
    ] = None
    when: Annotated[
        Literal["missing", "always"],
        Meta(
            description="What is passed on: calls that no stub answers (`missing`), or all (`always`)"
        ),
    ] = "missing"
    metadata: Annotated[
        dict[str, str],
        Meta(
            description="Metadata that calls are sent with, in place of the client's own",
            extra={"secret": True},
        ),
    ] = {}
    timeout: Annotated[
        Duration,
        Meta(description="For calls whose client set no deadline; 0 = as long as they take"),
    ] = Duration(0)
    tls: ProxyTls = ProxyTls()


class RecordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that were passed on, written down to be answered without the server."""

    to: RecordTo = None
    match_metadata: Annotated[
        tuple[str, ...],
        Meta(
            description="Metadata of requests that stubs are to match as well; none that is redacted"
        ),
    ] = ()
    max_messages: Annotated[
        int,
        Meta(ge=1, le=4_000, description="Messages of one call; a call with more is not recorded"),
    ] = 2_000
    max_call: Annotated[
        ByteSize,
        Meta(description="Bytes of the messages of one call; a call with more is not recorded"),
    ] = ByteSize(4 * 1024**2)
    max_bytes: Annotated[
        ByteSize,
        Meta(
            description="Bytes of calls that go on or wait to be written; a call that goes above it is "
            "not recorded"
        ),
    ] = ByteSize(32 * 1024**2)
    max_stubs: Annotated[
        int, Meta(ge=1, description="Most different calls recorded; others are left out")
    ] = 10_000
