"""What a page is: its entry in the menu, and the addresses it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from quart import Response, render_template

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

View = Callable[..., Awaitable[Response | str]]
Make = Callable[["AdminServer"], View]


class Page(NamedTuple):
    """``title`` in the menu, ``address`` of the page, ``key`` that opens it after ``g``, and all
    ``addresses`` with what makes their views, its own among them."""

    title: str
    address: str
    key: str
    addresses: tuple[tuple[str, Make], ...]

    def views(self, admin: AdminServer) -> Iterator[tuple[str, Any]]:
        """Each address and the function that answers it."""
        for address, make in self.addresses:
            yield address, make(admin)


class Group(NamedTuple):
    """Pages that stand together in the menu; ``title`` may be empty."""

    title: str
    pages: tuple[Page, ...]


async def gone(what: str) -> Response:
    """The page that says that ``what`` is not (any more) there."""
    return Response(await render_template("gone.html", what=what), 404)
