"""A collection: requests to its operations answered from what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from zlib import crc32

from msgspec import UNSET

from mockforge.mocking.exchange import Request, Response
from mockforge.mocking.fields import essence
from mockforge.mocking.state import StateFullError
from mockforge_http.resources.identity import as_text, get_at, is_integer
from mockforge_http.resources.infer import Inferred, Part
from mockforge_http.resources.items import InvalidItemError, Item
from mockforge_http.resources.kept import Kept, Parents
from mockforge_http.resources.names import folded
from mockforge_http.resources.paging import Paging
from mockforge_http.resources.patch import PatchError, json_patch

if TYPE_CHECKING:
    from mockforge_http.documents import OperationRef
    from mockforge_http.resources.query import Given

_BASE_BYTES: Final = 4_000


class Asked:
    """A request to an operation of a collection, decoded: ``parents`` and ``id_text`` from the path,
    ``parameters`` by place and name, ``body`` (UNSET if there is none that can be read), whose media type is
    ``media_type``."""

    def __init__(
        self,
        request: Request,
        values: tuple[str, ...],
        depth: int,
        parameters: Given,
        body: Any,
        declared: Callable[[int], Response],
    ) -> None:
        self.request = request
        self.values = values
        self.parents: Parents = values[:depth]
        self.id_text = values[depth] if len(values) > depth else ""
        self.parameters = parameters
        self.body = body
        self.media_type = essence(request.header("content-type"))
        self.declared = declared
        """Gives the answer that the document shows for a status."""
        self.is_foreign = False
        """Whether the answer is one that the document does not speak of."""


class Collection:
    """Answers for one collection.

    ``above`` are the collections whose items this one is below, ``below`` those below its own items. The
    answers are ``None`` where a request is none of the collection's business: then the document answers.
    """

    def __init__(
        self,
        inferred: Inferred,
        kept: Kept,
        above: Iterable[tuple[Kept, int]],
        below: Iterable[Kept],
    ) -> None:
        self.inferred = inferred
        self.kept = kept
        self._above = tuple(above)
        self._below = tuple(below)
        self._maker = inferred.maker
        self._identity = inferred.identity
        self.size = _BASE_BYTES + inferred.size
        self.grown = False

    def respond(self, ref: OperationRef, asked: Asked) -> Response | None:
        """The answer of the operation ``ref``."""
        part = self.inferred.parts.get(ref)
        if part is None or not part.answers.acceptable(asked.request):
            return None
        response = self._respond(part, asked)
        size = _BASE_BYTES + self.inferred.size
        self.grown = size != self.size
        self.size = size
        return response

    def _respond(self, part: Part, asked: Asked) -> Response | None:
        for kept, count in self._above:
            if kept.is_gone(asked.values[:count]):
                what = asked.values[count - 1]
                return self._refuse(part, asked, 404, "not-found", f"There is no {what}.")
        try:
            return _HANDLERS[part.role](self, part, asked)
        except StateFullError as error:
            return self._refuse(part, asked, 507, "state-full", f"{error.message}.")
        except RecursionError:
            return self._refuse(part, asked, 422, "too-deep", "The item is nested too deeply.")

    # ---------------------------------------------------------------- reading

    def _list(self, part: Part, asked: Asked) -> Response | None:
        query = part.query
        if query is None:
            return None
        if part.shows_one:
            page = query.page_of(self.kept.items(asked.parents), asked.parameters)
            if not page.items:
                return self._missing(part, asked, "such item")
            return part.answers.item(asked.request, page.items[0])
        if query.needs_all(asked.parameters):
            page = query.page_of(self.kept.items(asked.parents), asked.parameters)
        else:
            offset, limit = query.slice(asked.parameters)
            shown = self.kept.page(asked.parents, offset, limit)
            page = query.page(shown, self.kept.count(asked.parents), offset, limit)
        paging = Paging(page, query, asked.request)
        return part.answers.items(asked.request, list(page.items), paging)

    def _read(self, part: Part, asked: Asked) -> Response | None:
        item = self.kept.get(asked.parents, asked.id_text)
        if item is None:
            return self._missing(part, asked)
        return part.answers.item(asked.request, item)

    # ---------------------------------------------------------------- writing

    def _create(self, part: Part, asked: Asked) -> Response | None:
        sent = _sent(part, asked)
        if sent is None:
            return None
        id_value = self._sent_id(part, sent)
        if id_value is not None and self.kept.has(asked.parents, as_text(id_value) or ""):
            if part.refusals.declares(409):
                detail = f"There is {as_text(id_value)} already."
                return self._refuse(part, asked, 409, "conflict", detail)
        elif id_value is None:
            id_value = self.inferred.ids.make(
                self.kept.next_number,
                lambda text: not self.kept.has(asked.parents, text),
                lambda: self.kept.count(asked.parents),
            )
            if id_value is None:
                detail = "No further id could be made that the document allows."
                return self._refuse(part, asked, 409, "no-id-left", detail)
        item = self._keep_new(asked, sent, id_value)
        response = part.answers.item(asked.request, item)
        return self._located(response, part, asked, as_text(id_value) or "")

    def _sent_id(self, part: Part, sent: Item) -> Any:
        """The id that the client chose, if it may."""
        value = get_at(sent, self._identity.path) if part.sends_id else None
        if value is None:
            # What is added may be named as the path does: `POST /groups/1/users {"user_id": "u7"}`.
            parameter = folded(self.inferred.candidate.parameter)
            value = next((sent[name] for name in sent if folded(name) == parameter), None)
        return value if value is not None and self.inferred.ids.may_be_chosen(value) else None

    def _keep_new(self, asked: Asked, sent: Item, id_value: Any) -> Item:
        self._name_parents(asked, sent)
        text = as_text(id_value) or ""
        number = crc32("/".join((*asked.parents, text)).encode("utf-8", "replace"))
        item = self._maker.complete(sent, number, id_value)
        self.kept.put(asked.parents, text, item)
        return item

    def _name_parents(self, asked: Asked, sent: Item) -> None:
        """``userId: 7`` in what is made below ``/users/7``."""
        if not asked.parents:
            return
        names = _parameters(self.inferred.candidate.path)
        properties = self._maker.properties
        for parameter, text in zip(names, asked.parents, strict=False):
            name = properties.get(folded(parameter))
            node = None if name is None else self._maker.node.property(name)
            if name is None or node is None or name in sent:
                continue
            found = node.find("type")
            if found is None or found[0] == "string":
                sent[name] = text
            elif found[0] == "integer" and is_integer(text):
                sent[name] = int(text)

    def _located(self, response: Response, part: Part, asked: Asked, id_text: str) -> Response:
        """``Location`` where it is declared, and where 201 says that something was made."""
        if response.status != 201 and not response.header("location"):
            return response
        suffix = self.inferred.candidate.suffix.rstrip("/")
        path = asked.request.path.rstrip("/")
        if suffix:
            path = path.removesuffix(suffix)
        return response.with_header("Location", f"{path}/{quote(id_text, safe='')}{suffix}")

    def _replace(self, part: Part, asked: Asked) -> Response | None:
        sent = _sent(part, asked)
        if sent is None:
            return None
        old = self.kept.get(asked.parents, asked.id_text)
        if old is not None:
            item = self._maker.replace(old, sent, get_at(old, self._identity.path))
            self.kept.put(asked.parents, asked.id_text, item)
            return part.answers.item(asked.request, item)
        if self.inferred.candidate.of("create"):
            return self._missing(part, asked)
        # Where nothing else makes items, PUT does (RFC 9110 section 9.3.4).
        item = self._keep_new(asked, sent, self._id_from_path(asked.id_text))
        return (part.created or part.answers).item(asked.request, item)

    def _id_from_path(self, text: str) -> Any:
        found = self._identity.node.find("type")
        is_number = found is not None and found[0] in ("integer", "number")
        return int(text) if is_number and is_integer(text) else text

    def _change(self, part: Part, asked: Asked) -> Response | None:
        old = self.kept.get(asked.parents, asked.id_text)
        if old is None:
            return self._missing(part, asked)
        id_value = get_at(old, self._identity.path)
        try:
            if isinstance(asked.body, list):
                item = self._maker.patched(old, json_patch(old, asked.body), id_value)
            else:
                sent = _sent(part, asked)
                if sent is None:
                    return None
                if asked.body is UNSET:
                    sent = self._from_query(asked)
                strict = asked.media_type == "application/merge-patch+json"
                item = self._maker.merge(old, sent, id_value, strict=strict)
        except PatchError as error:
            status = 409 if error.conflict else 400
            detail = f"The patch cannot be applied: {error}."
            return self._refuse(part, asked, status, "patch-failed", detail)
        except InvalidItemError as error:
            status = 422 if part.refusals.declares(422) or not part.refusals.declares(400) else 400
            detail = f"The item cannot be changed so: {error}."
            return self._refuse(part, asked, status, "invalid-item", detail)
        self.kept.put(asked.parents, asked.id_text, item)
        return part.answers.item(asked.request, item)

    def _from_query(self, asked: Asked) -> Item:
        """A change that is said in the query: ``POST /pet/7?status=sold``."""
        properties = self._maker.properties
        return {
            properties[folded(name)]: value
            for (where, name), value in asked.parameters.items()
            if where == "query" and folded(name) in properties
        }

    def _set(self, part: Part, asked: Asked) -> Response | None:
        """A change of the item that the body names."""
        sent = _sent(part, asked)
        if sent is None:
            return None
        id_text = as_text(get_at(sent, self._identity.path))
        old = None if id_text is None else self.kept.get(asked.parents, id_text)
        if id_text is None or old is None:
            return self._missing(part, asked, id_text or "such item")
        id_value = get_at(old, self._identity.path)
        item = self._maker.replace(old, sent, id_value)
        self.kept.put(asked.parents, id_text, item)
        return part.answers.item(asked.request, item)

    def _delete(self, part: Part, asked: Asked) -> Response | None:
        item = self.kept.get(asked.parents, asked.id_text)
        if item is None:
            return self._missing(part, asked)
        self.kept.delete(asked.parents, asked.id_text)
        for kept in self._below:
            kept.delete_below((*asked.parents, asked.id_text))
        return part.answers.item(asked.request, item, done=True)

    # ---------------------------------------------------------------- refusing

    def _missing(self, part: Part, asked: Asked, what: str | None = None) -> Response:
        detail = f"There is no {asked.id_text if what is None else what}."
        return self._refuse(part, asked, 404, "not-found", detail)

    def _refuse(self, part: Part, asked: Asked, status: int, code: str, detail: str) -> Response:
        asked.is_foreign = not part.refusals.covers(status)
        if part.refusals.has_examples(status):
            return asked.declared(status)
        return part.refusals.respond(asked.request, status, code, detail)


_HANDLERS: Final[dict[str, Callable[[Collection, Part, Asked], Response | None]]] = {
    "list": Collection._list,
    "find": Collection._list,
    "create": Collection._create,
    "set": Collection._set,
    "read": Collection._read,
    "replace": Collection._replace,
    "change": Collection._change,
    "delete": Collection._delete,
}


def _sent(part: Part, asked: Asked) -> Item | None:
    """The item in a body, by itself; what cannot be one gives ``None``."""
    body = {} if asked.body is UNSET else asked.body
    if not isinstance(body, dict):
        return None
    inner = body.get(part.wrapper) if part.wrapper is not None else None
    return dict(inner) if isinstance(inner, dict) else dict(body)


def _parameters(template: str) -> list[str]:
    return re.findall(r"\{([^{}/]+)\}", template)
