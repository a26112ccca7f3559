"""The names that APIs give to the same few things: ids, pages, totals, sorting."""

from __future__ import annotations

import re
from typing import Final

_NOT_WORD: Final = re.compile(r"[^a-z0-9]")
_IRREGULAR: Final = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index",
    "statuses": "status", "aliases": "alias", "addresses": "address", "media": "medium", "data": "datum",
}  # fmt: skip


def folded(name: str) -> str:
    """``petId``, ``pet_id`` and ``Pet-ID`` are one name."""
    return _NOT_WORD.sub("", name.lower())


def singular(name: str) -> str:
    """The singular of the folded plural ``name``, as far as simple rules go."""
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    for plural, one in _IRREGULAR.items():
        if name.endswith(plural):
            return name.removesuffix(plural) + one
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes", "zes")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return name[:-1]
    return name


ID_NAMES: Final = ("id", "uuid", "guid", "sid", "uid", "identifier", "_id")
"""What the property that identifies an item is called, where it is not called like the path parameter;
as they are written, the likeliest first."""

ID_ENDINGS: Final = ("id", "uuid", "guid", "sid", "identifier", "ref", "number", "key", "token")
"""How (folded) the names of path parameters end that stand for such a property."""

WRAPPERS: Final = ("data", "item", "result", "response", "resource", "payload", "body", "value")
"""Members that hold the one item an answer is about."""

LISTS: Final = (
    "data", "items", "results", "values", "records", "entries", "content", "list", "docs", "rows",
    "elements", "resources", "objects", "member", "hits", "value", "collection",
)  # fmt: skip
"""Members that hold the items of a list."""

LIMIT: Final = frozenset(
    {
        "limit", "perpage", "pagesize", "pagelimit", "size", "maxresults", "maxitems", "maxkeys", "top",
        "first", "count", "take", "rows", "itemsperpage", "pagecount",
    }
)  # fmt: skip
OFFSET: Final = frozenset({"offset", "skip", "start", "startindex", "from", "pageoffset"})
PAGE: Final = frozenset(
    {"page", "pagenumber", "pageno", "pagenum", "pageindex", "p", "currentpage"}
)
AFTER: Final = frozenset(
    {
        "cursor", "after", "startingafter", "pagetoken", "nexttoken", "continuationtoken", "continue",
        "nextcursor", "nextpagetoken", "marker", "token", "pagecursor", "pageafter", "startkey",
        "exclusivestartkey", "bookmark", "scrollparam",
    }
)  # fmt: skip
BEFORE: Final = frozenset({"before", "endingbefore", "pagebefore", "prevcursor", "previouscursor"})
SORT: Final = frozenset(
    {"sort", "sortby", "orderby", "ordering", "sortfield", "sortkey", "sortcolumn"}
)
DIRECTION: Final = frozenset(
    {"order", "direction", "dir", "sortorder", "sortdirection", "orderdirection", "sortdir"}
)

TOTAL: Final = frozenset(
    {
        "total", "totalcount", "totalitems", "totalresults", "totalelements", "totalsize", "totalrecords",
        "totalentries", "recordcount", "totalhits", "xtotalcount", "xtotal", "xpaginationtotalcount",
        "xpaginationtotal", "xcount", "xtotalitems", "xtotalelements",
    }
)  # fmt: skip
COUNT: Final = frozenset({"count", "numberofelements", "itemcount", "returned", "resultcount"})
TOTAL_PAGES: Final = frozenset(
    {"totalpages", "pages", "pagecount", "lastpage", "numpages", "xtotalpages", "xpagecount"}
)
SHOWN_PAGE: Final = frozenset(
    {"page", "currentpage", "pagenumber", "pageno", "number", "xpage", "xcurrentpage"}
)
SHOWN_LIMIT: Final = frozenset(
    {"perpage", "pagesize", "limit", "size", "itemsperpage", "xperpage", "xpagesize", "xlimit"}
)
SHOWN_OFFSET: Final = frozenset({"offset", "skip", "startindex", "start", "xoffset"})
NEXT_PAGE: Final = frozenset({"nextpage", "xnextpage"})
PREVIOUS_PAGE: Final = frozenset({"prevpage", "previouspage", "xprevpage"})
HAS_MORE: Final = frozenset(
    {"hasmore", "hasnext", "hasnextpage", "more", "moreresults", "istruncated"}
)
HAS_PREVIOUS: Final = frozenset({"hasprevious", "hasprev", "haspreviouspage", "hasprevpage"})
NEXT_CURSOR: Final = frozenset(
    {
        "nextcursor", "nextpagetoken", "nexttoken", "endcursor", "continue", "continuationtoken",
        "nextpagecursor", "after", "cursor", "nextmarker", "startingafter",
    }
)  # fmt: skip
PREVIOUS_CURSOR: Final = frozenset({"prevcursor", "previouscursor", "startcursor", "before"})
NEXT_LINK: Final = frozenset(
    {"next", "nextlink", "nexturl", "nexturi", "nextpageuri", "nextpageurl"}
)
PREVIOUS_LINK: Final = frozenset(
    {
        "prev",
        "previous",
        "prevlink",
        "previousurl",
        "previousuri",
        "previouspageuri",
        "previouspageurl",
    }
)
FIRST_LINK: Final = frozenset({"firstlink", "firsturl", "firstpageuri", "firstpageurl"})
LAST_LINK: Final = frozenset({"lastlink", "lasturl", "lastpageuri", "lastpageurl"})
SELF_LINK: Final = frozenset({"self", "selflink", "uri", "url", "href"})
FIRST_ID: Final = frozenset({"firstid"})
LAST_ID: Final = frozenset({"lastid"})
"""``FIRST_ID`` and ``LAST_ID``: the ids of the first and the last item shown."""

PAGING_HOLDERS: Final = frozenset(
    {"meta", "metadata", "pagination", "paging", "page", "pages", "links", "_links"}
)
"""Objects in a list's answer that hold what else is said of it."""

DONE: Final = frozenset({"deleted", "success", "ok", "removed", "isdeleted", "succeeded"})
"""Booleans by which an answer says that what was asked for is done."""
