"""Whether it lives, and whether everything that should run runs."""

from __future__ import annotations

from importlib.metadata import version
from time import time
from typing import Any

import msgspec

from mockforge.observe.process import started_at
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint


class Health(msgspec.Struct):
    """The state of the process. ``status`` is ``ok``, ``starting`` or ``stopping``."""

    status: str
    version: str
    uptime_seconds: float
    servers: dict[str, str]
    """Address of each server, by protocol."""
    plugins_failed: list[str]


class Alive(msgspec.Struct):
    """It lives."""

    status: str


def get_health(call: Call) -> Health:
    """What runs."""
    kernel = call.admin.kernel
    ready = all(server.name in kernel.addresses for server in kernel.servers)
    status = "stopping" if kernel.stopping else "ok" if ready else "starting"
    return Health(
        status=status,
        version=version("mockforge"),
        uptime_seconds=round(time() - started_at(), 3),
        servers=dict(kernel.addresses),
        plugins_failed=[row.name for row in kernel.plugins.rows if row.state == "failed"],
    )


def get_health_live(call: Call) -> Alive:
    """Whether the process answers at all."""
    return Alive("ok")


def get_health_ready(call: Call) -> Any:
    """Whether all servers accept connections; 503 if not."""
    health = get_health(call)
    if health.status != "ok":
        raise ApiError(503, "not-ready", f"MockForge is {health.status}.")
    return Alive("ok")


ENDPOINTS = (
    Endpoint("GET", "/health", get_health, "What runs", "health", answer=Health),
    Endpoint("GET", "/health/live", get_health_live, "Whether it lives", "health", answer=Alive),
    Endpoint(
        "GET",
        "/health/ready",
        get_health_ready,
        "Whether all servers accept connections",
        "health",
        answer=Alive,
        errors=(503,),
    ),
)
