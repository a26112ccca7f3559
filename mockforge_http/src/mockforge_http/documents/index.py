"""What a pack says about its document, besides the parts: decoded when the document is opened."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal

import msgspec

from mockforge.findings import Finding

from .pack import Leaf
from .source import FileStamp

FORMAT: Final = 1
"""Raised whenever the meaning of a pack changes: packs of another format are made anew."""

Version = Literal["2.0", "3.0", "3.1", "3.2"]
Dialect = Literal["oas2", "oas3.0", "2020-12"]

DIALECTS: Final[dict[str, Dialect]] = {
    "2.0": "oas2",
    "3.0": "oas3.0",
    "3.1": "2020-12",
    "3.2": "2020-12",
}


@cache
def producer() -> str:
    """The version of this package: a pack made by another one is made anew."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("mockforge-http")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unknown"


class OperationRef(msgspec.Struct, frozen=True, array_like=True):
    """An operation, not decoded.

    ``template`` is the path template (for a webhook its name, for a callback its expression),
    ``method`` is upper-case. ``pointer`` leads to the Operation Object in the file ``base``,
    ``item`` to the Path Item Object in the file ``item_base`` under which it is listed (which may be
    a reference to another). ``base_paths`` are those of servers given on the operation or its path
    item; ``None`` means the document's count.
    """

    template: str
    method: str
    base: str
    pointer: str
    item_base: str
    item: str
    operation_id: str | None = None
    tags: tuple[str, ...] = ()
    base_paths: tuple[str, ...] | None = None

    @property
    def source(self) -> str:
        """What answers of it are said to come from."""
        return f"operation:{self.operation_id or f'{self.method} {self.template}'}"


class FileRecord(msgspec.Struct, frozen=True, array_like=True):
    """A file of the document as it was when the pack was made: ``name`` below the root, its stamp, and
    the digest of its content (BLAKE2b, 20 bytes)."""

    name: str
    stamp: FileStamp
    digest: bytes


class Names(msgspec.Struct, array_like=True):
    """The names that schemas (and, by ``$self``, documents) give themselves.

    ``resources`` leads from an absolute ``$id`` or ``$self`` to a file and pointer, ``anchors`` from
    ``<base>#<anchor>``; ``dynamic`` holds those anchors that are dynamic.
    """

    resources: dict[str, tuple[str, str]] = {}
    anchors: dict[str, tuple[str, str]] = {}
    dynamic: set[str] = set()


class OperationLists(msgspec.Struct, array_like=True):
    """Every operation of the document and every webhook, kept as a part of its own."""

    operations: list[OperationRef]
    webhooks: list[OperationRef]


class Index(msgspec.Struct, array_like=True):
    """The index of a pack."""

    format: int
    producer: str
    """Version of the package that made the pack."""
    version: Version
    title: str
    entry: str
    root: str
    """Real path of the document root when the pack was made."""
    files: list[FileRecord]
    trees: dict[str, Any]
    names: Names
    operations: Leaf
    findings: list[Finding]
    base_paths: tuple[str, ...]
