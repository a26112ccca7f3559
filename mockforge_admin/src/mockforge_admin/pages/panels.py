"""Pages of plugins (``mockforge_register_admin_panels``): what they hand over, in the frame of ours."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import msgspec
from quart import Response, render_template, request

from mockforge.contracts import AdminPanel, PanelRequest
from mockforge.errors import MockForgeError
from mockforge_admin.pages.page import View, gone

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer


def page(admin: AdminServer) -> View:
    """A plugin's page."""
    return _view(admin, "panel.html")


def content(admin: AdminServer) -> View:
    """What it shows, alone."""
    return _view(admin, "_panel.html")


def _view(admin: AdminServer, template: str) -> View:
    async def view(name: str, path: str = "") -> str | Response:
        panel = admin.panels.get(name)
        if panel is None:
            return await gone(f"panel {name}")
        shown, problem = await _ask(admin, panel, path)
        return await render_template(
            template, panel=panel, path=path, shown=shown, problem=problem, query=_query()
        )

    return view


def _query() -> str:
    return request.query_string.decode("ascii", "replace")


async def _ask(admin: AdminServer, panel: AdminPanel, path: str) -> tuple[Any, str | None]:
    """What the panel shows, or what is wrong."""
    asked = PanelRequest("GET", path, request.args.to_dict())
    try:
        shown = panel.content(admin.kernel, asked)
        if inspect.isawaitable(shown):
            shown = await shown
        if isinstance(shown, str) or hasattr(shown, "__html__"):
            return shown, None
        text = msgspec.json.format(msgspec.json.encode(shown), indent=2)
        return text.decode(), None
    except MockForgeError as error:
        return None, f"{error.message} ({error.hint})" if error.hint else error.message
    except Exception as error:  # a plugin's own: its page says so, the others stay
        return None, admin.kernel.plugins.note_panel_failure(panel.name, error)


ADDRESSES = (
    ("/panels/<name>", page),
    ("/panels/<name>/<path:path>", page),
    ("/parts/panels/<name>", content),
    ("/parts/panels/<name>/<path:path>", content),
)
