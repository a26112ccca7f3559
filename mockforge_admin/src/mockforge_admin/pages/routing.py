"""Which page is at which address, and the files that they need."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from quart import Quart, Response, request

from mockforge_admin.pages import (
    connections,
    dashboard,
    fixtures,
    login,
    memory,
    panels,
    requests,
    stubs,
    tables,
)
from mockforge_admin.pages.page import Group
from mockforge_admin.pages.rendering import prepare

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

GROUPS: Final[tuple[Group, ...]] = (
    Group("", (dashboard.PAGE,)),
    Group("Traffic", (requests.PAGE, connections.PAGE)),
    Group("Mocks", (stubs.PAGE, tables.OPERATIONS, fixtures.PAGE, tables.STATE)),
    Group("Process", (memory.PAGE, tables.PLUGINS, tables.SETTINGS)),
)
"""As in the menu."""

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_STATIC: Final = files(__package__) / "static"


def add_pages(app: Quart, admin: AdminServer) -> None:
    """Add all pages to ``app``."""
    prepare(app, admin, GROUPS)
    for group in GROUPS:
        for page in group.pages:
            for address, view in page.views(admin):
                app.add_url_rule(address, endpoint=f"page {address}", view_func=view)
    for address, make in panels.ADDRESSES:
        app.add_url_rule(address, endpoint=f"page {address}", view_func=make(admin))
    login.add(app, admin)

    @app.get("/static/<name>")
    async def static(name: str) -> Response:
        media_type = _TYPES.get("." + name.rpartition(".")[2])
        file = _STATIC / name
        if media_type is None or not file.is_file():
            return Response("There is no such file.", 404, content_type="text/plain")
        response = Response(file.read_bytes(), content_type=media_type)
        response.headers["Cache-Control"] = "no-cache"
        await response.add_etag()
        await response.make_conditional(request)
        return response
