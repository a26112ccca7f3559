"""Pages of plugins, and what each of them answers by itself."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from mockforge.contracts import PanelRequest
from mockforge.errors import MockForgeError
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint


class PanelRow(msgspec.Struct):
    """A page that a plugin has added."""

    name: str
    title: str
    address: str


class PanelList(msgspec.Struct):
    """All of them, by name."""

    panels: list[PanelRow]


def list_panels(call: Call) -> PanelList:
    """Pages of plugins."""
    panels = sorted(call.admin.panels.items())
    return PanelList([PanelRow(name, panel.title, f"/panels/{name}") for name, panel in panels])


async def get_from_panel(call: Call) -> Any:
    """What a plugin's page answers at its own address."""
    return await _ask(call, "GET")


async def get_below_panel(call: Call) -> Any:
    """What a plugin's page answers below its own address."""
    return await _ask(call, "GET")


async def send_to_panel(call: Call) -> Any:
    """What a plugin's page does with a value."""
    return await _ask(call, "POST")


async def _ask(call: Call, method: str) -> Any:
    name = call.path["name"]
    panel = call.admin.panels.get(name)
    if panel is None:
        raise ApiError(404, "no-such-panel", f"There is no panel {name!r}.")
    kernel = call.admin.kernel
    request = PanelRequest(method, call.path.get("path", ""), {}, call.body)
    try:
        answer = panel.answer(kernel, request)
        if inspect.isawaitable(answer):
            answer = await answer
        return msgspec.to_builtins(answer, str_keys=True)
    except MockForgeError:
        raise
    except Exception as error:  # a plugin's own
        said = kernel.plugins.note_panel_failure(name, error)
        raise ApiError(500, "panel-failed", f"The panel {name} has failed: {said}.") from error


ENDPOINTS = (
    Endpoint("GET", "/panels", list_panels, "Pages of plugins", "panels", answer=PanelList),
    Endpoint(
        "GET",
        "/panels/{name}",
        get_from_panel,
        "What a plugin's page answers",
        "panels",
        answer=Any,
        errors=(404, 422, 500),
    ),
    Endpoint(
        "GET",
        "/panels/{name}/{path:path}",
        get_below_panel,
        "What a plugin's page answers below its address",
        "panels",
        answer=Any,
        errors=(404, 422, 500),
    ),
    Endpoint(
        "POST",
        "/panels/{name}/{path:path}",
        send_to_panel,
        "Hand a value to a plugin's page",
        "panels",
        body=Any,
        body_required=False,
        answer=Any,
        errors=(404, 422, 500),
    ),
)
