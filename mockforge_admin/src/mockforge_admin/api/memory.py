"""Where the memory goes, and how the process did over the last minutes."""

from __future__ import annotations

from typing import Annotated

import msgspec
from anyio import to_thread
from msgspec import Meta

from mockforge.observe.memory import MemoryReport
from mockforge_admin.api.endpoints import Call, Endpoint, Reply
from mockforge_admin.history import Stretch
from mockforge_admin.tracing import MAX_FRAMES, Snapshot


class How(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is measured besides."""

    pss: Annotated[
        bool, Meta(description="Also PSS, shared pages divided; takes a millisecond for 100 MB")
    ] = False


class HowMuch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How far back."""

    last: Annotated[int, Meta(ge=1, le=100_000, description="Most stretches")] = 120


class HowMany(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many lines."""

    top: Annotated[int, Meta(ge=1, le=1000, description="Most lines")] = 25


class Dashboard(msgspec.Struct):
    """The last minutes."""

    interval: float
    """Seconds between two moments."""
    stretches: list[Stretch]
    """Oldest first."""
    over_budget: bool
    memory_budget: int


class HowToTrace(msgspec.Struct, forbid_unknown_fields=True):
    """How allocations are traced."""

    frames: Annotated[int, Meta(ge=1, le=MAX_FRAMES)] = 1


def get_memory(call: Call) -> MemoryReport:
    """Bytes by component against those of the process."""
    return call.admin.kernel.memory.report(pss=call.query.pss)


def get_dashboard(call: Call) -> Dashboard:
    """How the process did over the last minutes."""
    admin = call.admin
    budget = admin.kernel.budget
    return Dashboard(
        float(admin.config.history_interval),
        admin.history.stretches(call.query.last),
        budget.over,
        budget.limit,
    )


async def start_trace(call: Call) -> Reply:
    """Trace allocations from now on; costs time and memory until it is stopped."""
    frames = 1 if call.body is None else call.body.frames
    await to_thread.run_sync(call.admin.tracing.start, frames)
    return Reply(None, 204)


async def get_trace(call: Call) -> Snapshot:
    """The lines that allocated most, or most since the mark."""
    return await to_thread.run_sync(call.admin.tracing.snapshot, call.query.top)


async def mark_trace(call: Call) -> Reply:
    """Compare later snapshots with now."""
    await to_thread.run_sync(call.admin.tracing.mark)
    return Reply(None, 204)


async def stop_trace(call: Call) -> Reply:
    """Trace allocations no longer."""
    await to_thread.run_sync(call.admin.tracing.stop)
    return Reply(None, 204)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/dashboard",
        get_dashboard,
        "How the process did over the last minutes",
        "memory",
        query=HowMuch,
        answer=Dashboard,
    ),
    Endpoint(
        "GET",
        "/memory",
        get_memory,
        "Bytes by component against those of the process",
        "memory",
        query=How,
        answer=MemoryReport,
    ),
    Endpoint(
        "GET",
        "/memory/trace",
        get_trace,
        "Lines that allocated most",
        "memory",
        query=HowMany,
        answer=Snapshot,
    ),
    Endpoint(
        "POST",
        "/memory/trace",
        start_trace,
        "Trace allocations",
        "memory",
        body=HowToTrace,
        body_required=False,
        status=204,
        description="Costs time and memory until it is stopped.",
    ),
    Endpoint(
        "POST",
        "/memory/trace/mark",
        mark_trace,
        "Compare later snapshots with now",
        "memory",
        status=204,
        errors=(422,),
    ),
    Endpoint("DELETE", "/memory/trace", stop_trace, "Trace no longer", "memory", status=204),
)
