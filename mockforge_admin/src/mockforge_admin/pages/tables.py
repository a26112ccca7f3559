"""The pages that are one table each: operations, scenarios and state, plugins, settings.

Each shows what the API's function returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from quart import render_template, request

from mockforge_admin.api import plugins, routes, settings, state
from mockforge_admin.api.endpoints import Call
from mockforge_admin.pages.page import Page, View

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 500

Values = Callable[["AdminServer"], dict[str, Any]]


def _call(admin: AdminServer, query: Any = None, **path: str) -> Call:
    return Call(admin, path=path, query=query, body=None, headers={})


def _page(template: str, values: Values) -> Callable[[AdminServer], View]:
    def make(admin: AdminServer) -> View:
        async def view() -> str:
            return await render_template(template, **values(admin))

        return view

    return make


def _table(title: str, name: str, key: str, values: Values) -> Page:
    """A page, and its table alone."""
    return Page(
        title,
        f"/{name}",
        key,
        (
            (f"/{name}", _page(f"{name}.html", values)),
            (f"/parts/{name}", _page(f"_{name}.html", values)),
        ),
    )


def _operations(admin: AdminServer) -> dict[str, Any]:
    text = request.args.get("text", "").strip()
    wanted = request.args.get("called", "")
    called = {"yes": True, "no": False}.get(wanted)
    which = routes.Which(text=text or None, called=called, limit=SHOWN)
    found = routes.list_routes(_call(admin, which))
    every = found
    if text or called is not None:
        every = routes.list_routes(_call(admin, routes.Which(limit=0)))
    return {"found": found, "every": every, "text": text, "called": wanted}


def _state(admin: AdminServer) -> dict[str, Any]:
    report = state.get_state(_call(admin))
    spaces = {
        space.name: state.list_state(_call(admin, state.Part(limit=50), space=space.name))
        for space in report.spaces[:20]
        if space.name != "scenarios"
    }
    scenarios = state.list_scenarios(_call(admin)).scenarios
    return {"scenarios": scenarios, "report": report, "spaces": spaces}


def _plugins(admin: AdminServer) -> dict[str, Any]:
    return {"plugins": plugins.list_plugins(_call(admin)).plugins}


def _settings(admin: AdminServer) -> dict[str, Any]:
    text = request.args.get("text", "").strip()
    given = bool(request.args.get("given"))
    configuration = settings.get_config(_call(admin))
    rows = {
        key: row
        for key, row in configuration.settings.items()
        if text.casefold() in f"{key} {row.description}".casefold()
        and not (given and row.origin == "default")
    }
    return {"configuration": configuration, "rows": rows, "text": text, "given": given}


OPERATIONS = _table("Operations", "operations", "o", _operations)
STATE = _table("State", "state", "t", _state)
PLUGINS = _table("Plugins", "plugins", "p", _plugins)
SETTINGS = _table("Settings", "settings", "e", _settings)
