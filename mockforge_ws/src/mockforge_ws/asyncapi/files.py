"""The files of one document: read once each, and the way of a reference from one to the next.

References lead into the file itself (``#/components/...``) or to files in the document's folder and below, or
below ``websocket.spec_root``. Nothing is fetched from the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mockforge.errors import DocumentError, MockForgeError, Place
from mockforge.structured import SUFFIXES, Limits, Part, Structured, read_structured
from mockforge.structured.marks import Mark

MAX_FILES: Final = 500
MAX_BYTES: Final = 64 * 1024**2
"""Of all files of one document together."""
MAX_HOPS: Final = 50
"""References from one to the next."""
LIMITS: Final = Limits(size=32 * 1024**2, depth=200, values=2_000_000)

REF: Final = "$ref"
INDEX: Final = re.compile("[0-9]{1,9}")
"""A token of a pointer that is a place in a list."""
_SIZE_FACTOR: Final = 6
"""Bytes that values take for each byte of text, about."""


class Node(NamedTuple):
    """A value, the ``file`` it is in (by the name it goes by in messages), and its ``path`` there."""

    value: Any
    file: str
    path: tuple[Part, ...] = ()

    def child(self, key: Part) -> Node:
        """What is below; ``value`` has to have it."""
        return Node(self.value[key], self.file, (*self.path, key))

    def get(self, key: str) -> Node | None:
        """What is below a mapping, if it is there."""
        if isinstance(self.value, dict) and key in self.value:
            return self.child(key)
        return None

    @property
    def ref(self) -> str | None:
        """The reference that this is, if it is one."""
        ref = self.value.get(REF) if isinstance(self.value, dict) else None
        return ref if isinstance(ref, str) else None

    @property
    def pointer(self) -> str:
        """Its JSON Pointer (RFC 6901) in the file."""
        return pointer_of(self.path)


class DanglingError(DocumentError):
    """The reference ``node`` leads nowhere."""

    def __init__(self, node: Node, error: MockForgeError) -> None:
        super().__init__(error.message, hint=error.hint, place=error.place)
        self.node = node


class Files:
    """The files of the document at ``entry``. DocumentError: it cannot be read."""

    def __init__(self, entry: Path, root: Path | None = None) -> None:
        self._root = (entry.parent if root is None else root).resolve()
        self._files: dict[str, Structured] = {}
        self._bytes = 0
        self.entry = str(entry)
        self._read(self.entry)

    @property
    def root(self) -> Node:
        """The root of the document."""
        return Node(self._files[self.entry].value, self.entry)

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that were read."""
        return tuple(map(Path, self._files))

    @property
    def memory_bytes(self) -> int:
        """About what the values hold."""
        return self._bytes * _SIZE_FACTOR

    def forget_places(self) -> None:
        """Hold no longer where things stand, which takes as much as the things themselves."""
        start = Mark(1, 1)
        for name, read in self._files.items():
            self._files[name] = Structured(name, read.value, start)

    def place(self, node: Node) -> Place:
        """Where ``node`` stands."""
        return self._files[node.file].place(node.path)

    def locate(self, ref: str, file: str) -> tuple[Node, str]:
        """The root of the file that ``ref``, standing in ``file``, leads to, and its fragment, decoded.
        DocumentError without a place: there is no such file, or it may not be read."""
        name, _, fragment = ref.partition("#")
        if name:
            file = self._reach(name, file)
        return Node(self._files[file].value, file), unquote(fragment)

    def resolve(self, ref: str, file: str) -> Node:
        """What ``ref``, standing in ``file``, names; a reference on the way is followed. DocumentError:
        that is nothing."""
        return self._resolve(ref, file, count(1))

    def _resolve(self, ref: str, file: str, hops: Iterator[int]) -> Node:
        node, fragment = self.locate(ref, file)
        for token in tokens_of(checked(fragment, ref)):
            while node.ref is not None and token not in node.value:
                if next(hops) > MAX_HOPS:
                    raise DocumentError(f"the reference {ref!r} leads round in a circle")
                node = self._resolve(node.ref, node.file, hops)
            node = step(node, token, ref)
        return node

    def follow(self, node: Node) -> Node:
        """``node``, or what it names if it is a reference, and so on. DanglingError."""
        seen = 0
        while (ref := node.ref) is not None:
            seen += 1
            if seen > MAX_HOPS:
                circle = DocumentError(f"the reference {ref!r} leads round in a circle")
                raise DanglingError(node, circle)
            try:
                node = self.resolve(ref, node.file)
            except DocumentError as error:
                raise DanglingError(node, error) from error
        return node

    def _reach(self, name: str, file: str) -> str:
        parts = urlsplit(name)
        if parts.scheme or parts.netloc:
            raise DocumentError(
                f"{name} is not fetched: references lead to files",
                hint="save it beside the document, and refer to that",
            )
        path = Path(os.path.normpath(Path(file).parent / unquote(name)))
        shown = str(path)
        if shown == os.path.normpath(self.entry):
            return self.entry
        if shown in self._files:
            return shown
        if not path.resolve().is_relative_to(self._root):
            raise DocumentError(
                f"the file {name} lies outside of {self._root}",
                hint="name a folder above it as websocket.spec_root (--spec-root)",
            )
        self._read(shown)
        return shown

    def _read(self, shown: str) -> None:
        path = Path(shown)
        if len(self._files) >= MAX_FILES:
            raise DocumentError(f"more than {MAX_FILES} files belong to one document")
        kind = SUFFIXES.get(path.suffix.lower(), "yaml")
        try:
            self._bytes += path.stat().st_size
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DocumentError(f"cannot read {shown}: {reason}", hint="check the path") from error
        if self._bytes > MAX_BYTES:
            raise DocumentError(f"the files of the document are larger than {MAX_BYTES} bytes")
        self._files[shown] = read_structured(path, kind=kind, limits=LIMITS, error=DocumentError)


def walk(start: Node, pointer: str, ref: str) -> Node:
    """What ``pointer`` leads to from ``start``. DocumentError without a place: nothing; ``ref`` is how it
    was written."""
    node = start
    for token in tokens_of(checked(pointer, ref)):
        node = step(node, token, ref)
    return node


def checked(pointer: str, ref: str) -> str:
    """``pointer``, if it is one."""
    if pointer and not pointer.startswith("/"):
        raise DocumentError(
            f"the reference {ref!r} is no JSON Pointer", hint="write it as `#/components/...`"
        )
    return pointer


def step(node: Node, token: str, ref: str) -> Node:
    """What is below ``node``; DocumentError if that is nothing."""
    value = node.value
    if isinstance(value, dict) and token in value:
        return node.child(token)
    if isinstance(value, list) and INDEX.fullmatch(token) and int(token) < len(value):
        return node.child(int(token))
    raise DocumentError(f"the reference {ref!r} leads nowhere: there is no {token!r}"[:300])


def tokens_of(pointer: str) -> list[str]:
    """The tokens of a JSON Pointer (RFC 6901)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def pointer_of(path: tuple[Part, ...] | list[Part]) -> str:
    """The JSON Pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
