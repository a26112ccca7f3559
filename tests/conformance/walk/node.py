"""Places in documents: a value together with the file and JSON pointer it stands at.

Files are opened when a reference first leads to them and kept for the run of one document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from .loading import UnreadableError, load

_MOST_HOPS = 64


class DanglingError(Exception):
    """A reference leads nowhere: the target or its file is missing, or it runs in a circle."""


class SourceFile:
    """One file: where it is, as a URI that relative references are resolved against, and its value."""

    __slots__ = ("identified", "root", "uri")

    def __init__(self, uri: str, root: Any) -> None:
        self.uri = uri
        self.root = root
        self.identified: dict[str, Node] | None = None
        """Schemas with an ``$id``, once they were asked for."""


class Node:
    """A value at a place. Equality is that of the place."""

    __slots__ = ("file", "pointer", "value")

    def __init__(self, value: Any, file: SourceFile, pointer: str = "") -> None:
        self.value = value
        self.file = file
        self.pointer = pointer

    @property
    def uri(self) -> str:
        """Absolute URI with the JSON pointer as its fragment."""
        return f"{self.file.uri}#{self.pointer}"

    @property
    def reference(self) -> str:
        """:attr:`uri` as it can be written in a ``$ref``."""
        return f"{self.file.uri}#{quote(self.pointer)}"

    def child(self, key: str | int) -> Node:
        """The member ``key``, which must exist."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        return Node(self.value[key], self.file, f"{self.pointer}/{step}")

    def get(self, key: str) -> Node | None:
        """The member ``key``, or None where this is no object or has no such member."""
        return self.child(key) if isinstance(self.value, dict) and key in self.value else None

    def members(self) -> Iterator[tuple[str, Node]]:
        """Members of an object; nothing for other values."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self.child(key)

    def elements(self) -> Iterator[Node]:
        """Elements of an array; nothing for other values."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self.child(index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.uri == other.uri

    def __hash__(self) -> int:
        return hash(self.uri)

    def __repr__(self) -> str:
        return f"<Node {self.uri}>"


def made(value: Any, origin: Node) -> Node:
    """A value that stands in no file, composed from what stands at ``origin``."""
    return Node(value, SourceFile(f"made:{origin.uri}", value))


class Store:
    """The files of one document, opened on demand."""

    def __init__(self) -> None:
        self._files: dict[str, SourceFile] = {}

    def open(self, path: Path) -> Node:
        """The root of a file on disk."""
        return self.root(path.resolve().as_uri())

    def root(self, uri: str) -> Node:
        """The root of the file that ``uri`` names; :class:`DanglingError` where it cannot be read."""
        file = self._files.get(uri)
        if file is None:
            if not uri.startswith("file:"):
                raise DanglingError(f"{uri} is not a local file")
            try:
                value = load(Path(unquote(uri.removeprefix("file://"))))
            except (OSError, UnreadableError) as error:
                raise DanglingError(str(error)) from None
            file = self._files[uri] = SourceFile(uri, value)
        return Node(file.root, file)

    def lookup(self, reference: str, base: SourceFile) -> Node:
        """What ``reference``, written in ``base``, leads to (one hop)."""
        address, fragment = urldefrag(urljoin(base.uri, reference))
        node = self._identified(base).get(address) if address != base.uri else None
        node = node or self.root(address)
        if fragment and not fragment.startswith("/"):
            return _anchored(node, fragment, reference)
        for step in unquote(fragment).split("/")[1:]:
            node = _step(node, step.replace("~1", "/").replace("~0", "~"), reference)
        return node

    def _identified(self, file: SourceFile) -> dict[str, Node]:
        """The schemas in a file that have an ``$id``, by its absolute form."""
        if file.identified is None:
            file.identified = {}
            for node in _everything(Node(file.root, file)):
                identity = node.value.get("$id") if isinstance(node.value, dict) else None
                if isinstance(identity, str):
                    file.identified[urljoin(file.uri, identity)] = node
        return file.identified

    def follow(self, node: Node) -> Node:
        """``node``, or what its chain of ``$ref`` ends at."""
        for _ in range(_MOST_HOPS):
            reference = node.value.get("$ref") if isinstance(node.value, dict) else None
            if not isinstance(reference, str):
                return node
            node = self.lookup(reference, node.file)
        raise DanglingError(f"the reference at {node.pointer} runs in a circle")


def _step(node: Node, key: str, reference: str) -> Node:
    value = node.value
    if isinstance(value, dict) and key in value:
        return node.child(key)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return node.child(int(key))
    raise DanglingError(f"$ref {reference} leads nowhere: no {key!r} at {node.pointer or '/'}")


def _anchored(root: Node, anchor: str, reference: str) -> Node:
    for node in _everything(root):
        value = node.value
        if isinstance(value, dict) and anchor in (
            value.get("$anchor"),
            value.get("$dynamicAnchor"),
        ):
            return node
    raise DanglingError(f"$ref {reference} leads nowhere: no anchor {anchor!r}")


def _everything(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for _, child in node.members())
        waiting.extend(node.elements())
