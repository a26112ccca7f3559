"""What an answer says of the page it shows: members of the answer, and header fields."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from msgspec import UNSET

from mockforge.mocking.exchange import Request
from mockforge_http.resources import names
from mockforge_http.resources.names import folded
from mockforge_http.resources.query import ListQuery, Page


class Paging:
    """Says of one page, in answer to one request, what an API may want to say of it."""

    def __init__(self, page: Page, query: ListQuery, request: Request) -> None:
        self._page = page
        self._controls = query.controls
        self._request = request

    def value(self, name: str) -> Any:
        """What the member (or header field) ``name`` of an answer says; UNSET if the name means nothing
        here, ``None`` if there is nothing to say: no next page, for one."""
        found = _MEANINGS.get(folded(name))
        return UNSET if found is None else getattr(self, found)

    # ---------------------------------------------------------------- numbers

    @property
    def total(self) -> int:
        return self._page.total

    @property
    def count(self) -> int:
        return len(self._page.items)

    @property
    def total_pages(self) -> int:
        limit = self._page.limit or max(1, self._page.total)
        return max(1, -(-self._page.total // limit))

    @property
    def number(self) -> int:
        control = self._controls.get("page")
        position = self._page.offset // self._page.limit if self._page.limit else 0
        return position + (1 if control is None else control.lowest)

    @property
    def limit(self) -> int:
        return self._page.limit or max(1, len(self._page.items))

    @property
    def offset(self) -> int:
        return self._page.offset

    @property
    def next_number(self) -> int | None:
        return self.number + 1 if self._page.more else None

    @property
    def previous_number(self) -> int | None:
        return self.number - 1 if self._page.offset else None

    @property
    def more(self) -> bool:
        return self._page.more

    @property
    def previous(self) -> bool:
        return self._page.offset > 0

    # ---------------------------------------------------------------- cursors and links

    @property
    def next_cursor(self) -> str | None:
        return self._page.next_after or None

    @property
    def previous_cursor(self) -> str | None:
        return self._page.first if self._page.offset else None

    @property
    def first_id(self) -> str | None:
        return self._page.first or None

    @property
    def last_id(self) -> str | None:
        return self._page.last or None

    @property
    def next_link(self) -> str | None:
        page = self._page
        if not (page.more and page.items and (self._by_position or "after" in self._controls)):
            return None
        return self._link(page.offset + len(page.items))

    @property
    def previous_link(self) -> str | None:
        page = self._page
        if not page.offset or not self._by_position:
            return None
        return self._link(max(0, page.offset - self.limit))

    @property
    def first_link(self) -> str:
        return self._link(0)

    @property
    def last_link(self) -> str | None:
        return self._link((self.total_pages - 1) * self.limit) if self._by_position else None

    @property
    def self_link(self) -> str:
        return self._base() + (f"?{self._request.query}" if self._request.query else "")

    def link_header(self) -> str:
        """The relations of RFC 8288: ``<...?page=2>; rel="next"``."""
        links = {
            "next": self.next_link,
            "prev": self.previous_link,
            "first": self.first_link,
            "last": self.last_link,
        }
        return ", ".join(f'<{link}>; rel="{rel}"' for rel, link in links.items() if link)

    @property
    def _by_position(self) -> bool:
        """Whether pages are asked for by number or offset; a cursor only leads onwards."""
        return not self._controls.keys().isdisjoint(("offset", "page"))

    def _link(self, offset: int) -> str:
        """The same request for the page that begins at ``offset``."""
        controls = self._controls
        changed: dict[str, str | None] = {}
        if "offset" in controls:
            changed[controls["offset"].name] = str(offset)
        elif "page" in controls:
            control = controls["page"]
            changed[control.name] = str(offset // self.limit + control.lowest)
        elif "after" in controls:
            changed[controls["after"].name] = self._page.last if offset else None
        given = parse_qsl(self._request.query, keep_blank_values=True, max_num_fields=1000)
        kept = [(name, value) for name, value in given if name not in changed]
        given_anew = [(name, value) for name, value in changed.items() if value is not None]
        query = urlencode([*kept, *given_anew], quote_via=quote)
        return self._base() + (f"?{query}" if query else "")

    def _base(self) -> str:
        host = self._request.header("host") or "localhost"
        return f"{self._request.scheme}://{host}{self._request.path}"


_GROUPS: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (names.TOTAL, "total"),
    (names.COUNT, "count"),
    (names.TOTAL_PAGES, "total_pages"),
    (names.SHOWN_PAGE, "number"),
    (names.SHOWN_LIMIT, "limit"),
    (names.SHOWN_OFFSET, "offset"),
    (names.NEXT_PAGE, "next_number"),
    (names.PREVIOUS_PAGE, "previous_number"),
    (names.HAS_MORE, "more"),
    (names.HAS_PREVIOUS, "previous"),
    (names.NEXT_CURSOR, "next_cursor"),
    (names.PREVIOUS_CURSOR, "previous_cursor"),
    (names.NEXT_LINK, "next_link"),
    (names.PREVIOUS_LINK, "previous_link"),
    (names.FIRST_LINK, "first_link"),
    (names.LAST_LINK, "last_link"),
    (names.SELF_LINK, "self_link"),
    (names.FIRST_ID, "first_id"),
    (names.LAST_ID, "last_id"),
)
_MEANINGS: Final = {name: meaning for group, meaning in reversed(_GROUPS) for name in group}
"""Where a name has two meanings the first group counts."""
