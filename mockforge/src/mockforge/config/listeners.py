"""Settings that all protocol servers have: ports, and the files of TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65535)]
AnyPort = Annotated[Port, Meta(description="Port; 0 = any free port")]
TlsPort = Annotated[Port, Meta(description="Port of the TLS listener; 0 = any free port")]


class ListenerTls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A listener that speaks TLS. Sections give ``port`` a default of their own."""

    port: TlsPort = 0
    cert: Annotated[Path | None, Meta(description="Certificate chain, PEM; unset = no TLS")] = None
    key: Annotated[Path | None, Meta(description="Private key, PEM")] = None
    client_ca: Annotated[
        Path | None, Meta(description="CA of client certificates; set = clients must show one")
    ] = None
