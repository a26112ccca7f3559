"""One session on one collection: create, read, list with pages, change, delete, and not find any more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.conformance.walk.client import Client, Reply
from tests.conformance.walk.excuses import Excuses
from tests.conformance.walk.judge import Judge, declared_key
from tests.conformance.walk.mediatypes import closest, family
from tests.conformance.walk.model import Operation, Parameter
from tests.conformance.walk.request import Chosen, RequestMaker

from .finding import Found, Naming, plain

_LIMITS = {
    "limit", "perpage", "pagesize", "size", "maxresults", "top", "first", "count", "pagelimit",
}  # fmt: skip
_OFFSETS = {"offset", "skip", "start", "startindex"}
_PAGES = {"page", "pagenumber"}
_CURSORS = {"cursor", "after", "startingafter", "pagetoken", "nexttoken", "continue", "pageafter"}
_TELLING = {"type", "kind", "object"}
"""Texts that decide what the rest is: a discriminator, mostly."""
_CREATED = 3


class ListedError(Exception):
    """The session cannot go on for a reason that lies in the document."""


class FailedError(Exception):
    """An answer is not what it should be."""


class Session:
    """The session on ``found``; :meth:`run` raises if it does not go through. ``steps`` are those
    that did."""

    def __init__(
        self, found: Found, client: Client, maker: RequestMaker, judge: Judge, excuses: Excuses
    ) -> None:
        self.found = found
        self.naming = Naming(found)
        self.client = client
        self.maker = maker
        self.judge = judge
        self.excuses = excuses
        self.parents: dict[str, Any] = {}
        self.steps: list[str] = []
        self._settle_parents()
        self.ids: list[str] = []

    def _settle_parents(self) -> None:
        """Values for the other path parameters that all operations take."""
        found = self.found
        operations = [found.create, found.read, found.listing, *found.changes, found.delete]
        declared: dict[str, list[Parameter]] = {}
        for operation in operations:
            for parameter in operation.parameters() if operation is not None else ():
                if parameter.location == "path" and parameter.name != found.parameter:
                    declared.setdefault(parameter.name, []).append(parameter)
        for name, parameters in declared.items():
            values = [self.maker.value(parameter) for parameter in parameters]
            fitting = (v for v in values if all(self._takes(each, v) for each in parameters))
            self.parents[name] = next(fitting, values[0])

    def run(self) -> None:
        """All steps that the document has operations for."""
        for number in range(_CREATED):
            self._create(number)
        if len(set(self.ids)) < len(self.ids):
            raise FailedError(f"one id was given twice: {self.ids}")
        self.steps.append("create")
        self._read(self.ids[0])
        self.steps.append("read")
        if self._looks_up(self.found.listing):
            self.found.listing = None
        if self.found.listing is not None:
            self._list(self.found.listing)
        for operation in self.found.changes:
            self._change(operation)
        if self.found.delete is not None:
            self._delete(self.found.delete)

    @staticmethod
    def _looks_up(operation: Operation | None) -> bool:
        """Whether a query says which item is meant: no list is shown then."""
        parameters = operation.parameters() if operation is not None else []
        return any(each.required and each.location == "query" for each in parameters)

    # ---------------------------------------------------------------- steps

    def _create(self, number: int) -> None:
        operation = self.found.create
        chosen = self._chosen(operation)
        self._vary(chosen, number)
        reply = self._send(operation, chosen)
        item = self.naming.item_in(_json(reply))
        id_text = self.naming.id_of(item) if item is not None else None
        location = reply.header("location")
        if id_text is None and location is not None:
            last = urlsplit(location).path.rsplit("/", 1)[-1]
            suffix = self.found.read.path.rpartition("}")[2]
            id_text = unquote(last.removesuffix(suffix))
        if id_text is None:
            raise ListedError("the answer to a creation tells no id")
        self.ids.append(id_text)
        sent = chosen.content.value if chosen.content is not None else None
        self._kept(sent, self._read(id_text), operation)

    def _read(self, id_text: str) -> Any:
        """The item as it is now."""
        reply = self._send(self.found.read, self._chosen(self.found.read, id_text))
        item = self.naming.item_in(_json(reply))
        if item is None or self.naming.id_of(item) != id_text:
            raise FailedError(f"GET shows another item than {id_text}: {reply.body[:200]!r}")
        return item

    def _list(self, operation: Operation) -> None:
        reply = self._send(operation, self._chosen(operation), ours=False)
        shown = self._ids(reply)
        if shown is None or (not shown and not _is_kept(reply)):
            return  # It is no list of these items, whatever else it is.
        self._expect_kept(operation, reply)
        parameters = {
            plain(each.name): each for each in operation.parameters() if each.location == "query"
        }
        limit = next((parameters[name] for name in sorted(_LIMITS & parameters.keys())), None)
        if limit is not None and self._takes(limit, 2):
            self._pages(operation, limit, parameters)
        elif not set(self.ids) <= set(shown):
            raise FailedError(f"the list does not show {set(self.ids) - set(shown)}")
        self.steps.append("list")

    def _pages(
        self, operation: Operation, limit: Parameter, parameters: dict[str, Parameter]
    ) -> None:
        first = self._page(operation, [(limit, 2)])
        if len(first) > 2:
            raise FailedError(f"{limit.name}=2 gave {len(first)} items")
        onward: list[tuple[Parameter, Any]] | None = None
        for name in sorted(parameters):
            parameter = parameters[name]
            steps = {"offset": 2, "page": 2, "cursor": first[-1] if first else ""}
            for kind, names in (("offset", _OFFSETS), ("page", _PAGES), ("cursor", _CURSORS)):
                if name in names and onward is None and self._takes(parameter, steps[kind]):
                    # A page counted from 0 would be the third one here: then nothing is left over.
                    onward = [(limit, 2), (parameter, steps[kind])]
        shown = list(first)
        if onward is not None:
            second = self._page(operation, onward)
            if set(first) & set(second):
                raise FailedError(f"two pages show the same items: {first}, {second}")
            shown += second
            if not set(self.ids) <= set(shown) and len(shown) >= _CREATED:
                raise FailedError(f"the pages do not show {set(self.ids) - set(shown)}")
        self.steps.append("pages")

    def _page(self, operation: Operation, given: list[tuple[Parameter, Any]]) -> list[str]:
        chosen = self._chosen(operation)
        names = {parameter.name for parameter, _ in given}
        kept = [each for each in chosen.parameters if each[0].name not in names]
        chosen.parameters = kept + given
        ids = self._ids(self._send(operation, chosen))
        if ids is None:
            raise FailedError("a page shows no list")
        return ids

    def _change(self, operation: Operation) -> None:
        chosen = self._chosen(operation, self.ids[0])
        self._vary(chosen, 7, keep_id=True)
        self._send(operation, chosen)
        sent = chosen.content.value if chosen.content is not None else None
        self._kept(sent, self._read(self.ids[0]), operation)
        self.steps.append(operation.method.lower())

    def _delete(self, operation: Operation) -> None:
        self._send(operation, self._chosen(operation, self.ids[0]))
        read = self.found.read
        reply = self.client.send(self.maker.write(read, self._chosen(read, self.ids[0])))
        if reply.status != 404:
            raise FailedError(f"what was deleted is still answered: {reply.status}")
        key = declared_key(read.statuses, 404)
        if key is not None and key.lower() != "default":
            media = read.answer(key).media
            content_type = reply.header("content-type")
            declared = closest(media, content_type) if content_type else None
            if media and (content_type is None or declared is None):
                raise FailedError(f"404 is declared, but not as {content_type}")
            if declared is not None and content_type is not None:
                problem = self.judge.bodies.problem(declared, content_type, reply.body)
                if problem is not None:
                    raise FailedError(f"404: {problem.message}")
        again = self.client.send(self.maker.write(operation, self._chosen(operation, self.ids[0])))
        if again.status != 404:
            raise FailedError(f"deleted twice: {again.status}")
        if self.found.listing is not None:
            shown = self._ids(self._send(self.found.listing, self._chosen(self.found.listing)))
            if shown is not None and self.ids[0] in shown:
                raise FailedError("what was deleted is still listed")
        self.steps.append("delete")

    # ---------------------------------------------------------------- parts

    def _chosen(self, operation: Operation, id_text: str | None = None) -> Chosen:
        """The values of a valid call, below the same parents each time and for the item ``id_text``."""
        chosen = self.maker.choose(operation)
        placed = []
        for parameter, value in chosen.parameters:
            if parameter.location == "path":
                if id_text is not None and parameter.name == self.found.parameter:
                    value = id_text
                else:
                    value = self.parents.setdefault(parameter.name, value)
            placed.append((parameter, value))
        chosen.parameters = placed
        return chosen

    def _vary(self, chosen: Chosen, number: int, *, keep_id: bool = False) -> None:
        """Give what is sent other texts each time, where its schema takes them."""
        content = chosen.content
        if content is None or not isinstance(content.value, dict):
            return
        value = json.loads(json.dumps(content.value))
        for holder in (value, *(each for each in value.values() if isinstance(each, dict))):
            for name in list(holder):
                text = holder[name]
                is_id = self.naming.id_of({name: text}) is not None
                if is_id and keep_id:
                    changed: Any = int(self.ids[0]) if isinstance(text, int) else self.ids[0]
                elif isinstance(text, str) and name not in _TELLING:
                    changed = f"{text}{number}"
                elif is_id and isinstance(text, int):
                    changed = text + number
                else:
                    continue
                holder[name] = changed
                schema = content.media.schema
                if schema is not None and not self.maker.schemas.accepts(
                    schema, value, "request", strict=True
                ):
                    holder[name] = text
        chosen.content = type(content)(content.media, content.name, value)

    def _takes(self, parameter: Parameter, value: Any) -> bool:
        return parameter.schema is None or self.maker.schemas.accepts(
            parameter.schema, value, "request"
        )

    def _send(self, operation: Operation, chosen: Chosen, *, ours: bool = True) -> Reply:
        """The answer to a valid call, which the judge finds right; ``ours``: and that comes from what is
        kept."""
        call = self.maker.write(operation, chosen)
        reply = self.client.send(call)
        problems = self.judge.problems(operation, reply)
        if problems:
            reason = self.excuses.for_answer(operation, reply, problems)
            if reason is not None:
                raise ListedError(f"{operation.label}: {reason}")
            said = "; ".join(problem.message for problem in problems)
            raise FailedError(f"{operation.label}: {said} [sent {call.target} {call.body!r:.120}]")
        if ours:
            self._expect_kept(operation, reply)
        return reply

    def _expect_kept(self, operation: Operation, reply: Reply) -> None:
        if not _is_kept(reply):
            raise ListedError(f"{operation.label}: {self._why_not(operation)}")

    def _why_not(self, operation: Operation) -> str:
        """Why this is no collection, as far as the document tells; FailedError if it is one."""
        reason = next(self._reasons(), None)
        if reason is None:
            raise FailedError(f"{operation.label} is answered from the document")
        return reason

    def _reasons(self) -> Iterator[str]:
        read = self.found.read
        key = next((key for key in read.statuses if key.startswith("2") or key == "default"), None)
        media = () if key is None else read.answer(key).media
        shown = [each for each in media if family(each.name) in ("json", "xml") and each.schema]
        if not shown:
            yield "reading an item shows nothing in JSON or XML"
            return
        schema = shown[0].schema
        assert schema is not None
        sample = self.maker.values.make(schema)
        full = type(self.maker.values)(self.maker.schemas, "answer", full=True)
        sample = full.make(schema)
        if self.naming.item_in(sample) is None:
            yield "no property of an item is its id"

    def _ids(self, reply: Reply) -> list[str] | None:
        items = self.naming.items_in(_json(reply))
        if items is None:
            return None
        return [self.naming.id_of(item) or "" for item in items]

    def _kept(self, sent: Any, item: dict[str, Any], operation: Operation) -> None:
        """What was sent is what is shown: plain values under the same name, unless the document says that
        they are another type there."""
        if not isinstance(sent, dict):
            return
        wrapped = next(iter(sent.values())) if len(sent) == 1 else None
        holder = wrapped if isinstance(wrapped, dict) else sent
        for name in holder.keys() & item.keys():
            mine, shown = holder[name], item[name]
            if type(mine) is not type(shown) or isinstance(mine, dict | list):
                continue
            if self.naming.id_of({name: mine}) is not None or self._is_servers(name):
                continue
            if mine != shown and self._fits(name, mine, item):
                raise FailedError(f"{operation.label}: {name} was sent as {mine!r}, is {shown!r}")

    def _is_servers(self, name: str) -> bool:
        """Whether a property is ``readOnly`` anywhere in the answer's schema."""
        key = declared_key(self.found.read.statuses, 200)
        media = () if key is None else self.found.read.answer(key).media
        return (
            any(_is_read_only(each.schema.value, name) for each in media if each.schema is not None)
            or name in self._read_only_names()
        )

    def _read_only_names(self) -> set[str]:
        names: set[str] = set()
        for operation in (self.found.read, self.found.create):
            nodes = [
                each.schema for key in operation.statuses for each in operation.answer(key).media
            ]
            for node in nodes:
                if node is None:
                    continue
                target = self.maker.schemas.store.follow(node)
                for inner in (target, *(child for _, child in target.members())):
                    properties = inner.get("properties")
                    for name, child in properties.members() if properties is not None else ():
                        followed = self.maker.schemas.store.follow(child)
                        if isinstance(followed.value, dict) and followed.value.get("readOnly"):
                            names.add(name)
        return names

    def _fits(self, name: str, value: Any, item: dict[str, Any]) -> bool:
        """Whether the answer's schema would take the value that was sent."""
        key = declared_key(self.found.read.statuses, 200)
        media = () if key is None else self.found.read.answer(key).media
        for each in media:
            if each.schema is not None and family(each.name) == "json":
                return self.maker.schemas.accepts(each.schema, {**item, name: value}, "answer")
        return True


def _is_read_only(schema: Any, name: str) -> bool:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    inner = properties.get(name) if isinstance(properties, dict) else None
    return isinstance(inner, dict) and inner.get("readOnly") is True


def _is_kept(reply: Reply) -> bool:
    """Whether the server says that it answered from what it keeps."""
    return (reply.header("x-mockforge-source") or "").startswith("resource:")


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        return None
