"""Collections that no document describes: plain JSON under ``http.resources``.

``GET`` lists (filters by property, ``sort``, ``order``, ``limit``, ``offset``, ``page``, ``per_page``),
``POST`` creates, and an item is read, replaced (or made), changed and deleted at its own path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from mockforge.mocking.exchange import Request, Response
from mockforge.mocking.fields import essence
from mockforge.mocking.malformed import MalformedError
from mockforge.mocking.state import StateFullError
from mockforge_http.documents import Parameter
from mockforge_http.problems import method_not_allowed, problem
from mockforge_http.render.json import render_json
from mockforge_http.resources.identity import as_text
from mockforge_http.resources.kept import Kept, Parents
from mockforge_http.resources.paging import Paging
from mockforge_http.resources.patch import PatchError, json_patch, merge_patch
from mockforge_http.resources.query import ListQuery
from mockforge_http.values.jsontext import decode_json

_JSON: Final = "application/json"
_MOST_PARAMETERS: Final = 1000


class PlainCollection:
    """Items that are any JSON objects, known by ``id_property``. ``depth`` is the number of parameters in
    the path of the collection."""

    def __init__(self, kept: Kept, id_property: str, depth: int) -> None:
        self.kept = kept
        self.id_property = id_property
        self.depth = depth
        self.above: list[PlainCollection] = []
        """The collections whose items this one is below."""
        self.below: list[PlainCollection] = []
        """Those below the items of this one."""

    def respond(self, request: Request, parents: Parents, id_text: str | None) -> Response:
        """The answer; ``id_text`` is ``None`` for a request to the collection itself."""
        handlers = _ON_COLLECTION if id_text is None else _ON_ITEM
        handler = handlers.get(request.method)
        if handler is None:
            return method_not_allowed(request.method, request.path, list(handlers))
        for each in self.above:
            if each.kept.is_gone(parents[: each.depth + 1]):
                return self._missing(parents[each.depth])
        try:
            return handler(self, request, parents, id_text or "")
        except StateFullError as error:
            return problem(507, "state-full", f"{error.message}.")
        except MalformedError as error:
            return problem(400, "malformed-body", f"The body {error.reason}.")
        except RecursionError:
            return problem(400, "malformed-body", "The body is nested too deeply.")

    # ---------------------------------------------------------------- the collection

    def _list(self, request: Request, parents: Parents, _: str) -> Response:
        items = self.kept.items(parents)
        given: dict[tuple[str, str], Any] = {}
        try:
            pairs = parse_qsl(
                request.query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
            )
        except ValueError:
            detail = f"The query has more than {_MOST_PARAMETERS} parameters."
            return problem(400, "malformed-query", detail)
        for name, value in pairs:
            given.setdefault(("query", name), []).append(value)
        given = {key: values[0] if len(values) == 1 else values for key, values in given.items()}
        parameters = [Parameter(name, "query", False, "form", True) for _, name in given]
        properties = {name: None for item in items for name in item} if given else {}
        query = ListQuery(parameters, properties, (self.id_property,), _no_schema)
        query.lead_on_by("offset")
        page = query.page_of(items, given)
        headers = [("Content-Type", _JSON), ("X-Total-Count", str(page.total))]
        if page.limit is not None:
            headers.append(("Link", Paging(page, query, request).link_header()))
        return Response(200, headers, render_json(page.items))

    def _create(self, request: Request, parents: Parents, _: str) -> Response:
        item = self._body(request)
        text = as_text(item.get(self.id_property))
        if text is None:
            number = self.kept.next_number()
            while self.kept.has(parents, str(number)):
                number = self.kept.next_number()
            item = {self.id_property: number, **item, self.id_property: number}
            text = str(number)
        elif self.kept.has(parents, text):
            return problem(409, "conflict", f"There is {text} already.")
        self.kept.put(parents, text, item)
        location = f"{request.path.rstrip('/')}/{quote(text, safe='')}"
        return _shown(201, item, [("Location", location)])

    # ---------------------------------------------------------------- an item

    def _read(self, request: Request, parents: Parents, id_text: str) -> Response:
        item = self.kept.get(parents, id_text)
        return self._missing(id_text) if item is None else _shown(200, item)

    def _replace(self, request: Request, parents: Parents, id_text: str) -> Response:
        old = self.kept.get(parents, id_text)
        sent = self._body(request)
        id_value = id_text if old is None else old.get(self.id_property, id_text)
        if old is None and id_text.isascii() and id_text.isdigit() and len(id_text) < 16:
            id_value = int(id_text)
        item = {self.id_property: id_value, **sent, self.id_property: id_value}
        self.kept.put(parents, id_text, item)
        return _shown(201 if old is None else 200, item)

    def _change(self, request: Request, parents: Parents, id_text: str) -> Response:
        old = self.kept.get(parents, id_text)
        if old is None:
            return self._missing(id_text)
        patch = decode_json(request.body)
        try:
            changes = json_patch if _is_json_patch(request, patch) else merge_patch
            changed = changes(old, patch)
        except PatchError as error:
            detail = f"The patch cannot be applied: {error}."
            return problem(409 if error.conflict else 400, "patch-failed", detail)
        if not isinstance(changed, dict):
            return problem(422, "invalid-item", "An item is an object.")
        changed[self.id_property] = old.get(self.id_property, id_text)
        self.kept.put(parents, id_text, changed)
        return _shown(200, changed)

    def _delete(self, request: Request, parents: Parents, id_text: str) -> Response:
        if not self.kept.delete(parents, id_text):
            return self._missing(id_text)
        for each in self.below:
            each.kept.delete_below((*parents, id_text))
        return Response(204)

    def _body(self, request: Request) -> dict[str, Any]:
        body = decode_json(request.body)
        if not isinstance(body, dict):
            raise MalformedError("must be an object")
        return body

    def _missing(self, id_text: str) -> Response:
        return problem(404, "not-found", f"There is no {id_text}.")


Handler = Callable[[PlainCollection, Request, Parents, str], Response]
_ON_COLLECTION: Final[dict[str, Handler]] = {
    "GET": PlainCollection._list,
    "HEAD": PlainCollection._list,
    "POST": PlainCollection._create,
}
_ON_ITEM: Final[dict[str, Handler]] = {
    "GET": PlainCollection._read,
    "HEAD": PlainCollection._read,
    "PUT": PlainCollection._replace,
    "PATCH": PlainCollection._change,
    "DELETE": PlainCollection._delete,
}


def _shown(
    status: int, item: dict[str, Any], headers: list[tuple[str, str]] | None = None
) -> Response:
    return Response(status, [("Content-Type", _JSON), *(headers or ())], render_json(item))


def _is_json_patch(request: Request, patch: Any) -> bool:
    """What a patch is said to be counts; where nothing is said, what it is."""
    media_type = essence(request.header("content-type"))
    if media_type == "application/merge-patch+json":
        return False
    return media_type == "application/json-patch+json" or isinstance(patch, list)


def _no_schema(_: Parameter) -> None:
    return None
