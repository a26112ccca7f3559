"""The requests of a collection, with what they inherit from the folders around them (versions 2.0 and
2.1 of the format)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from mockforge_http.documents.pointer import Tokens

from .reading import Placed, Reading, text_of
from .variables import Scope

MOST_REQUESTS: Final = 20_000
"""Most requests of one collection."""
DEEPEST: Final = 64
"""Deepest nesting of folders."""


class Entry(NamedTuple):
    """One request: ``request`` and ``response`` as version 2 writes them, ``at`` leads to the item.

    ``auth`` is what counts for it, found at ``auth_at``; ``tags`` are the names of the folders around.
    ``prunes`` says whether methods that have no body by custom send none.
    """

    name: str
    description: str
    request: dict[str, Any]
    response: Any
    auth: Any
    auth_at: Tokens
    scope: Scope
    tags: tuple[str, ...]
    prunes: bool
    has_scripts: bool
    at: Tokens
    is_placed: bool
    """Whether ``at`` leads to the request itself, which was written in another version."""


class _Folder(NamedTuple):
    items: list[Any]
    at: Tokens
    auth: Any
    auth_at: Tokens
    scope: Scope
    tags: tuple[str, ...]
    prunes: bool
    has_scripts: bool


def entries(
    collection: dict[str, Any], scope: Scope, tags: dict[str, str], reading: Reading
) -> Iterator[Entry]:
    """Every request of ``collection`` in order; the folders' names go to ``tags`` with their
    descriptions. DocumentError: it is not built as a collection is, or has too much of something."""
    root = _Folder(
        _items(collection.get("item"), reading, ("item",)),
        ("item",),
        collection.get("auth"),
        ("auth",),
        scope,
        (),
        _prunes(collection, inherited=True),
        bool(collection.get("event")),
    )
    count = 0
    # An iterator for each open folder, so that the order of the collection is kept.
    stack = [(root, iter(enumerate(root.items)))]
    while stack:
        folder, items = stack[-1]
        step = next(items, None)
        if step is None:
            stack.pop()
            continue
        index, item = step
        at = item.at if isinstance(item, Placed) else (*folder.at, str(index))
        if not isinstance(item, dict):
            raise reading.error("is neither a request nor a folder: it is not an object", at)
        if "item" in item:
            if len(stack) >= DEEPEST:
                raise reading.error(f"folders are nested more than {DEEPEST} deep", at)
            inner = _folder(item, folder, tags, reading, at)
            stack.append((inner, iter(enumerate(inner.items))))
            continue
        entry = _entry(item, folder, reading, at)
        if entry is not None:
            count += 1
            if count > MOST_REQUESTS:
                raise reading.error(f"the collection has more than {MOST_REQUESTS:,} requests", at)
            yield entry


def _items(value: Any, reading: Reading, at: Tokens) -> list[Any]:
    if not isinstance(value, list):
        raise reading.error("`item` is not a list of requests and folders", at)
    return value


def _folder(
    item: dict[str, Any], outer: _Folder, tags: dict[str, str], reading: Reading, at: Tokens
) -> _Folder:
    items = _items(item["item"], reading, (*at, "item"))
    name = text_of(item.get("name")).strip()
    if name:
        tags[name] = tags.get(name) or text_of(item.get("description"))
    auth = item.get("auth")
    return _Folder(
        items,
        (*at, "item"),
        outer.auth if auth is None else auth,
        outer.auth_at if auth is None else (*at, "auth"),
        outer.scope.under(item.get("variable"), (*at, "variable")),
        (*outer.tags, name) if name and name not in outer.tags else outer.tags,
        _prunes(item, inherited=outer.prunes),
        outer.has_scripts or bool(item.get("event")),
    )


def _entry(item: dict[str, Any], folder: _Folder, reading: Reading, at: Tokens) -> Entry | None:
    request = item.get("request")
    if request is None:
        reading.note("postman-item", "has neither `request` nor `item`; it is left out", at)
        return None
    if isinstance(request, str):
        request = {"url": request}
    if not isinstance(request, dict):
        raise reading.error("`request` is neither an object nor a URL", (*at, "request"))
    auth = request.get("auth")
    auth_at = (*at, "request", "auth")
    if auth is None and item.get("auth") is not None:
        auth, auth_at = item["auth"], (*at, "auth")
    return Entry(
        name=text_of(item.get("name")).strip(),
        description=text_of(request.get("description")) or text_of(item.get("description")),
        request=request,
        response=item.get("response"),
        auth=folder.auth if auth is None else auth,
        auth_at=folder.auth_at if auth is None else auth_at,
        scope=folder.scope.under(item.get("variable"), (*at, "variable")),
        tags=folder.tags,
        prunes=_prunes(item, inherited=folder.prunes),
        has_scripts=folder.has_scripts or bool(item.get("event")),
        at=at,
        is_placed=isinstance(item, Placed),
    )


def _prunes(entity: dict[str, Any], *, inherited: bool) -> bool:
    behavior = entity.get("protocolProfileBehavior")
    if isinstance(behavior, dict) and isinstance(behavior.get("disableBodyPruning"), bool):
        return not behavior["disableBodyPruning"]
    return inherited
