"""Addresses of HTTP servers that requests are passed on to, as settings and stubs write them."""

from __future__ import annotations

from typing import ClassVar, Final

from mockforge.upstreams.address import ServerUrl

PORTS: Final = {"http": 80, "https": 443}
"""The schemes that can be spoken to, with their ports."""


class Upstream(ServerUrl):
    """``http`` or ``https`` URL of a server, with or without a path below which it is called."""

    ports: ClassVar = PORTS
    expected: ClassVar = (
        "expected the URL of a server, such as http://localhost:9000 or https://example.com/api"
    )
