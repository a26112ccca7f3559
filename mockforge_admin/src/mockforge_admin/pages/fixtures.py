"""Fixtures: the folder, one file, and what can be done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from quart import Response, render_template, request

from mockforge.mocking.fixtures import FixtureError, FixtureFolder
from mockforge_admin.fixtures import fixture_folder
from mockforge_admin.pages.page import Page, View, gone

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 200
_TEXT: Final = 256 * 1024
"""Bytes of a file that is shown and can be changed here."""


def page(admin: AdminServer) -> View:
    """A folder."""

    async def view() -> str | Response:
        folder = fixture_folder(admin.kernel)
        if folder is None:
            return await render_template("fixtures.html", root=None)
        where = request.args.get("folder", "").strip("/")
        try:
            listed = await to_thread.run_sync(_listed, folder, where, request.args.get("after", ""))
        except FixtureError:
            return await gone(f"folder {where} among the fixtures")
        return await render_template("fixtures.html", **listed)

    return view


def one(admin: AdminServer) -> View:
    """One file."""

    async def view(name: str) -> str | Response:
        folder = fixture_folder(admin.kernel)
        if folder is None:
            return await gone(f"fixture {name}")
        try:
            content = await to_thread.run_sync(folder.read, name)
        except FixtureError:
            return await gone(f"fixture {name}")
        return await render_template(
            "fixture.html",
            name=name,
            size=len(content),
            text=_text(content),
            parents=_parents(name.rpartition("/")[0]),
            answers=_answers(name),
        )

    return view


def _listed(folder: FixtureFolder, where: str, after: str) -> dict[str, Any]:
    found = folder.entries(where, SHOWN + 1, after)
    more = len(found) > SHOWN
    return {
        "root": folder.root,
        "folder": where,
        "parents": _parents(where),
        "files": found[:SHOWN],
        "next": found[SHOWN - 1].name.rpartition("/")[2] if more else None,
        "after": after,
    }


def _parents(where: str) -> list[tuple[str, str]]:
    """Each folder on the way to ``where``: its name and its path."""
    parts = where.split("/") if where else []
    return [(part, "/".join(parts[: position + 1])) for position, part in enumerate(parts)]


def _text(content: bytes) -> str | None:
    if len(content) > _TEXT or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _answers(name: str) -> str | None:
    """The request that a fixture of this name answers (``GET/pets/1.json``: ``GET /pets/1``)."""
    method, slash, path = name.partition("/")
    if not slash or not (method.isupper() and method.isalpha()):
        return None
    head, dot, _ = path.rpartition(".")
    return f"{method} /{head if dot and '/' not in path[len(head) :] else path}"


PAGE = Page(
    "Fixtures",
    "/fixtures",
    "f",
    (("/fixtures", page), ("/fixtures/<path:name>", one)),
)
