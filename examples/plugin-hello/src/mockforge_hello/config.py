"""The settings of this plugin: the section ``hello`` of ``mockforge.yaml``.

From each field come a key of the file, a variable (``MOCKFORGE_HELLO__GREETING``) and, where one is
named, a flag of ``mockforge serve``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta


class HelloConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the example plugin does."""

    greeting: Annotated[
        str,
        Meta(description="Value of the header X-Hello", extra={"flag": "--hello-greeting"}),
    ] = "hello"
    log: Annotated[
        Path | None,
        Meta(description="File that gets a line for each request", extra={"flag": "--hello-log"}),
    ] = None
    host: Annotated[str, Meta(description="Address to bind for the line protocol")] = "127.0.0.1"
    port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="Port of the line protocol; 0 = any free port",
            extra={"flag": "--hello-port"},
        ),
    ] = 7070
    max_connections: Annotated[
        int, Meta(ge=1, description="Open connections; further ones are closed at once")
    ] = 100
    max_line: Annotated[int, Meta(ge=1, description="Longest line in bytes; then a close")] = 65536
