"""Which collections a document describes, and where ids are in bodies: by rules of this package alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.walk.model import Operation

_ITEM = re.compile(r"(.*)/\{([^{}/]+)\}((?:\.\w+)?)")
_GENERIC = ("id", "uuid", "guid", "sid", "uid")
_SECOND_BEST = re.compile(r"(id|uuid|guid|sid|identifier|ref|number|key|token)$")


@dataclass(slots=True)
class Found:
    """A collection: a path that takes POST, whose items can be read one by one."""

    path: str
    parameter: str
    """The path parameter that is the id of an item."""
    create: Operation
    read: Operation
    listing: Operation | None = None
    changes: list[Operation] = field(default_factory=list)
    delete: Operation | None = None


def collections(operations: Iterable[Operation]) -> list[Found]:
    """The collections among ``operations``, in their order."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    found = []
    for path, methods in by_path.items():
        match = _ITEM.fullmatch(path)
        if match is None or "GET" not in methods:
            continue
        above = by_path.get(match[1] + match[3], {})
        if "POST" in above:
            one = Found(match[1] + match[3], match[2], above["POST"], methods["GET"])
            one.listing = above.get("GET")
            one.changes = [methods[each] for each in ("PATCH", "PUT") if each in methods]
            one.delete = methods.get("DELETE")
            found.append(one)
    return found


def plain(name: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Naming:
    """How the id of an item of one collection may be called."""

    def __init__(self, found: Found) -> None:
        self.parameter = plain(found.parameter)
        segments = [part for part in found.path.split("/") if part and "{" not in part]
        self.last = plain(segments[-1].split(".")[0]) if segments else ""
        stems = {self.last, self.last.removesuffix("s"), self.last.removesuffix("es")}
        stems.add(re.sub("ies$", "y", self.last))
        short = [
            self.parameter.removeprefix(stem)
            for stem in sorted(stems)
            if stem and self.parameter != stem and self.parameter.startswith(stem)
        ]
        self.names = list(dict.fromkeys((*short, self.parameter)))
        self.stems = stems
        generic = _SECOND_BEST.search(self.parameter) is not None or self.parameter in stems
        token = re.split(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])", found.parameter)[-1]
        self.last_token = plain(token)
        self.second = _GENERIC if generic or self.last.endswith(self.parameter + "s") else ()

    def id_of(self, item: Any) -> str | None:
        """The id in an item."""
        if not isinstance(item, dict):
            return None
        for wanted in (*self.names, self.last_token, *self.second):
            for name, value in item.items():
                if plain(name) == wanted and _is_id(value):
                    return str(value)
        metadata = item.get("metadata")
        if isinstance(metadata, dict) and _is_id(metadata.get(self.parameter)):
            return str(metadata[self.parameter])
        return None

    def item_in(self, body: Any) -> dict[str, Any] | None:
        """The item that an answer about one item shows."""
        if isinstance(body, list):
            body = body[0] if len(body) == 1 else None
        if not isinstance(body, dict):
            return None
        if self.id_of(body) is not None:
            return body
        inner = {name: value for name, value in body.items() if self.id_of(value) is not None}
        named = [value for name, value in inner.items() if plain(name) in self.stems]
        found = list(inner.values()) if len(inner) == 1 else named
        return found[0] if found else None

    def items_in(self, body: Any) -> list[Any] | None:
        """The list of items that an answer shows."""
        if isinstance(body, dict) and self.id_of(body) is not None:
            return None
        lists = [value for value in _lists(body, 3) if all(self.id_of(each) for each in value)]
        return max(lists, key=len, default=None)


def _lists(body: Any, depth: int) -> Iterator[list[Any]]:
    if isinstance(body, list):
        yield body
    elif isinstance(body, dict) and depth:
        for value in body.values():
            yield from _lists(value, depth - 1)


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and str(value) != ""
