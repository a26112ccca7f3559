"""Stubs: the list, one to be changed, a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.lowlevel
from quart import Response, render_template, request

from mockforge.structured.to_yaml import yaml_text
from mockforge_admin.api.stubs import StubRow, row_of
from mockforge_admin.pages.page import Page, View, gone
from mockforge_admin.stubs import Stubs, contains

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 200
_AT_ONCE: Final = 200
"""Stubs that are looked through before others get their turn."""
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
        return await render_template("stubs.html", **await _listed(admin))

    return view


def rows(admin: AdminServer) -> View:
    """The rows of the list, for what is searched for."""

    async def view() -> str:
        return await render_template("_stubs.html", **await _listed(admin))

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
            return await gone(f"stub {stub_id}")
        calls = admin.kernel.journal.recent(20, source=f"stub:{stub_id}")
        text = yaml_text({"id": found.id, **found.definition})
        return await render_template("stub.html", stub=row_of(found), text=text, entries=calls)

    return view


def _text() -> str:
    return request.args.get("text", "").strip()


async def _listed(admin: AdminServer) -> dict[str, Any]:
    stubs = list(Stubs(admin.kernel.servers))
    text = _text()
    wanted = text.casefold()
    found: list[StubRow] = []
    total = 0
    for position, stub in enumerate(stubs):
        if position % _AT_ONCE == _AT_ONCE - 1:
            await anyio.lowlevel.checkpoint()  # requests to the mock are waiting
        if wanted and not contains(stub, wanted):
            continue
        total += 1
        if len(found) < SHOWN:
            found.append(row_of(stub, whole=False))
    return {
        "stubs": found,
        "total": total,
        "every": len(stubs),
        "text": text,
        "unsaved": sum(stub.file is None for stub in stubs),
    }


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
