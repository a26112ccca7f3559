"""Stubs: the list, one to be changed, a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from quart import Response, render_template, request

from mockforge.mocking.stubs import Stub
from mockforge.structured.to_yaml import yaml_text
from mockforge_admin.api.stubs import StubRow, row_of
from mockforge_admin.pages.page import Page, View
from mockforge_admin.stubs import Stubs

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 200
NEW: Final = """\
request:
  method: GET
  path: /hello/{name}
response:
  json: {hello: '{{ request.path.name }}'}
  template: true
"""
"""What a new stub begins with."""


def page(admin: AdminServer) -> View:
    """The list."""

    async def view() -> str:
        return await render_template("stubs.html", **_listed(admin), text=_text())

    return view


def rows(admin: AdminServer) -> View:
    """The rows of the list, for what is searched for."""

    async def view() -> str:
        return await render_template("_stubs.html", **_listed(admin))

    return view


def new(admin: AdminServer) -> View:
    """A new stub."""

    async def view() -> str:
        return await render_template("stub.html", stub=None, text=NEW)

    return view


def one(admin: AdminServer) -> View:
    """One stub."""

    async def view(stub_id: str) -> str | Response:
        found = Stubs(admin.kernel.servers).get(stub_id)
        if found is None:
            return Response(await render_template("gone.html", what=f"stub {stub_id}"), 404)
        calls = admin.kernel.journal.recent(20, source=f"stub:{stub_id}")
        text = yaml_text({"id": found.id, **found.definition})
        return await render_template("stub.html", stub=row_of(found), text=text, entries=calls)

    return view


def _text() -> str:
    return request.args.get("text", "").strip()


def _listed(admin: AdminServer) -> dict[str, Any]:
    stubs = Stubs(admin.kernel.servers)
    wanted = _text().casefold()
    found: list[StubRow] = []
    total = 0
    for stub in stubs:
        if wanted and not _contains(stub, wanted):
            continue
        total += 1
        if len(found) < SHOWN:
            found.append(row_of(stub, whole=False))
    return {"stubs": found, "total": total, "unsaved": sum(stub.file is None for stub in stubs)}


def _contains(stub: Stub[Any], wanted: str) -> bool:
    return wanted in stub.id.casefold() or wanted in yaml_text(stub.definition).casefold()


PAGE = Page(
    "Stubs",
    "/stubs",
    "s",
    (
        ("/stubs", page),
        ("/parts/stubs", rows),
        ("/stubs/new", new),
        ("/stubs/<path:stub_id>", one),
    ),
)
