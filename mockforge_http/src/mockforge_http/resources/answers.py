"""The answers of one operation of a collection: status, media type, headers, body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from mockforge.mocking.exchange import Request, Response
from mockforge_http.operations.headers import field_value
from mockforge_http.operations.negotiate import choose_media_type, concrete, is_json, is_xml
from mockforge_http.problems import problem, title
from mockforge_http.render import render, wire_media_type
from mockforge_http.render.schema import SchemaNode
from mockforge_http.resources.frames import Frame, nothing_known
from mockforge_http.resources.names import DONE, folded
from mockforge_http.resources.places import Place

if TYPE_CHECKING:
    from mockforge_http.documents import MediaType, OperationView, ResponseView
    from mockforge_http.operations.answering import Answering
    from mockforge_http.resources.identity import Path
    from mockforge_http.resources.items import Item
    from mockforge_http.resources.paging import Paging

_BASE_BYTES: Final = 2_000
_MOST_ACCEPTS: Final = 32
_NO_BODY: Final = frozenset({204, 205, 304})
_JSON: Final = "application/json"
_ERROR_CODES: Final = frozenset({"status", "code", "statuscode", "httpstatus", "errorcode"})
_ERROR_TEXTS: Final = frozenset({"message", "detail", "description", "errormessage", "msg"})
_ERROR_NAMES: Final = frozenset({"title", "error", "reason"})

Headers = list[tuple[str, str]]
Locate = Callable[[SchemaNode], Place | None]
"""Finds the item, or the list of items, in an answer."""


class Answers:
    """What an operation answers when it is done.

    ``wanted`` are the statuses that fit, the best first; the first that the document declares is given. If it
    declares no success at all, ``status`` is the best of them and the body the item itself. ``size`` is about
    how many bytes hang on this.
    """

    def __init__(
        self,
        view: OperationView,
        answering: Answering,
        wanted: Sequence[int],
        locate: Locate,
        identity: Path,
    ) -> None:
        self._label = f"{view.method} {view.template}"
        self._answering = answering
        self._locate = locate
        self._identity = identity
        self.status, self._response = _success(view.responses, wanted)
        response = self._response
        self._content = {} if response is None or self.status in _NO_BODY else response.content
        self._headers: Headers = (
            [] if response is None else list(answering.headers(response, self._label))
        )
        self._frames: dict[str, Frame | None] = {}
        self._chosen: dict[bytes | None, tuple[str, str] | None] = {}

    @property
    def size(self) -> int:
        """Bytes of the frames that were made."""
        return _BASE_BYTES + sum(each.size for each in self._frames.values() if each is not None)

    def acceptable(self, request: Request) -> bool:
        """Whether the client takes a form that items can be shown in."""
        return not self._content or self._choose(request) is not None

    def item(self, request: Request, item: Item, *, done: bool = False) -> Response:
        """The answer about one item; ``done`` says (after DELETE) that it is so."""
        means = _done if done else nothing_known
        return self._respond(request, item, lambda frame: frame.of_item(item, means))

    def items(self, request: Request, items: list[Item], paging: Paging) -> Response:
        """The answer that lists ``items``."""
        response = self._respond(request, items, lambda frame: frame.of_items(items, paging.value))
        for position, (name, _) in enumerate(self._headers):
            meant = paging.link_header() if name.lower() == "link" else paging.value(name)
            if meant is not UNSET:
                text = "" if meant is None else field_value(meant, explode=False)
                response = _with_field(response, position, name, text)
        return response

    def _respond(self, request: Request, plain: Any, fill: Callable[[Frame], Any]) -> Response:
        if self._response is None:
            return Response(self.status, [("Content-Type", _JSON)], render(_JSON, plain, _ANY))
        chosen = self._choose(request)
        if chosen is None:
            return Response(self.status, self._headers)
        declared, wire = chosen
        frame = self._frame(declared)
        value, node = (plain, _ANY) if frame is None else (fill(frame), frame.node)
        body = render(wire, value, node)
        return Response(self.status, [*self._headers, ("Content-Type", wire)], body)

    def _choose(self, request: Request) -> tuple[str, str] | None:
        accept = request.fields.get(b"accept")
        if accept not in self._chosen:
            if len(self._chosen) >= _MOST_ACCEPTS:
                self._chosen.clear()
            self._chosen[accept] = _choose(self._content, request)
        return self._chosen[accept]

    def _frame(self, declared: str) -> Frame | None:
        if declared not in self._frames:
            node = _node(self._content[declared], self._answering)
            frame = None
            if node is not None:
                frame = Frame(
                    node, self._locate(node), self._identity, self._answering, self._label
                )
            self._frames[declared] = frame
        return self._frames[declared]


class Refusals:
    """The answers of one operation where there is nothing to do it to: in the document's own shape if it
    declares that status, else as a problem document."""

    def __init__(self, view: OperationView, answering: Answering) -> None:
        self._label = f"{view.method} {view.template}"
        self._answering = answering
        declared = view.responses
        succeeds = any(key.startswith("2") for key in declared)
        self._declared = {
            key: response
            for key, response in declared.items()
            if key[:1] in "45" or (key.upper() == "DEFAULT" and succeeds)
        }
        self._frames: dict[tuple[str, str], Frame | None] = {}

    @property
    def size(self) -> int:
        """Bytes of the frames that were made."""
        return sum(each.size for each in self._frames.values() if each is not None)

    def declares(self, status: int) -> bool:
        """Whether the document says exactly this status of the operation."""
        return str(status) in self._declared

    def covers(self, status: int) -> bool:
        """Whether the document says this status of the operation, by itself, its range or ``default``."""
        return self._key(status) is not None

    def respond(self, request: Request, status: int, code: str, detail: str) -> Response:
        """The refusal. Declared examples, where there are any, are not for here: see the caller."""
        key = self._key(status)
        if key is None:
            return problem(status, code, detail)
        response = self._declared[key]
        headers: Headers = list(self._answering.headers(response, f"{self._label} {key}"))
        chosen = _choose(response.content, request) or _choose(response.content, None)
        if chosen is None:
            return Response(status, headers)
        declared, wire = chosen
        frame = self._frame(key, declared, response.content[declared])
        if frame is None:
            return problem(status, code, detail)
        value = frame.of_facts(partial(_error_meaning, status, code, detail))
        body = render(wire, value, frame.node)
        return Response(status, [*headers, ("Content-Type", wire)], body)

    def has_examples(self, status: int) -> bool:
        """Whether the document shows an example of this refusal."""
        key = self._key(status)
        if key is None:
            return False
        content = self._declared[key].content.values()
        return any(media.examples or media.example is not UNSET for media in content)

    def _key(self, status: int) -> str | None:
        for key in (str(status), f"{status // 100}XX", "DEFAULT"):
            for declared in self._declared:
                if declared.upper() == key:
                    return declared
        return None

    def _frame(self, key: str, declared: str, media: MediaType) -> Frame | None:
        if (key, declared) not in self._frames:
            node = _node(media, self._answering)
            frame = None
            if node is not None:
                frame = Frame(node, None, (), self._answering, f"{self._label} {key}", deep=True)
            self._frames[key, declared] = frame
        return self._frames[key, declared]


class _NoReferences:
    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        """There is nothing to refer to."""
        raise LookupError(ref)


_ANY: Final = SchemaNode(True, "", _NoReferences())


def _success(
    responses: dict[str, ResponseView], wanted: Sequence[int]
) -> tuple[int, ResponseView | None]:
    declared = {key.upper(): response for key, response in responses.items()}
    for status in wanted:
        if str(status) in declared:
            return status, declared[str(status)]
    for key in sorted(key for key in declared if key[:1] == "2" and key.isdigit()):
        return int(key), declared[key]
    if "2XX" in declared:
        return wanted[0], declared["2XX"]
    if "DEFAULT" in declared:
        return 200, declared["DEFAULT"]
    return wanted[0], None


def _choose(content: dict[str, MediaType], request: Request | None) -> tuple[str, str] | None:
    """The declared media type to answer with, and what it is on the wire."""
    offered = [name for name in content if _is_structured(wire_media_type(concrete(name, "")))]
    accept = "" if request is None else request.header("accept")
    declared = choose_media_type(offered, accept)
    if declared is None:
        return None
    wire = wire_media_type(concrete(declared, accept))
    return (declared, wire) if _is_structured(wire) else None


def _is_structured(media_type: str) -> bool:
    return is_json(media_type) or is_xml(media_type)


def _node(media: MediaType, answering: Answering) -> SchemaNode | None:
    if media.schema is None:
        return None
    return SchemaNode(media.schema.value, media.schema.base, answering.schemas)


def _with_field(response: Response, position: int, name: str, text: str) -> Response:
    """``response`` with another value of the header at ``position``, without it if that is empty."""
    kept = [pair for pair in response.headers if pair[0] != name]
    return response.replace(headers=[*kept, (name, text)] if text else kept)


def _done(name: str) -> Any:
    return True if folded(name) in DONE else UNSET


def _error_meaning(status: int, code: str, detail: str, name: str) -> Any:
    short = folded(name)
    if short in _ERROR_CODES:
        return status
    if short in _ERROR_TEXTS:
        return detail
    return title(status) if short in _ERROR_NAMES else UNSET
