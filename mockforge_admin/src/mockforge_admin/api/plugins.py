"""Plugins that are installed, and how they do."""

from __future__ import annotations

import msgspec

from mockforge.plugins.record import PluginInfo
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint


class PluginList(msgspec.Struct):
    """All plugins by name."""

    plugins: list[PluginInfo]


def list_plugins(call: Call) -> PluginList:
    """All plugins: loaded, blocked or failed, and why."""
    return PluginList(list(call.admin.kernel.plugins.rows))


def get_plugin(call: Call) -> PluginInfo:
    """One plugin."""
    row = call.admin.kernel.plugins.get(call.path["name"])
    if row is None:
        raise ApiError(404, "no-such-plugin", f"There is no plugin {call.path['name']!r}.")
    return row


ENDPOINTS = (
    Endpoint("GET", "/plugins", list_plugins, "All plugins", "plugins", answer=PluginList),
    Endpoint(
        "GET",
        "/plugins/{name}",
        get_plugin,
        "One plugin",
        "plugins",
        answer=PluginInfo,
        errors=(404,),
    ),
)
