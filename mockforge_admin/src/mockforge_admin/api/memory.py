"""Where the memory goes."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mockforge.observe.memory import MemoryReport
from mockforge_admin.api.endpoints import Call, Endpoint


class How(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is measured besides."""

    pss: Annotated[
        bool,
        Meta(description="Also PSS, shared pages divided; takes a millisecond for 100 MB"),
    ] = False


def get_memory(call: Call) -> MemoryReport:
    """Bytes by component against those of the process."""
    return call.admin.kernel.memory.report(pss=call.query.pss)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/memory",
        get_memory,
        "Bytes by component against those of the process",
        "memory",
        query=How,
        answer=MemoryReport,
    ),
)
