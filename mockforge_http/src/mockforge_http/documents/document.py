"""An opened document: small in memory, its parts decoded when they are asked for.

This is what the rest of the HTTP plugin works with; see :func:`open_document`.
"""

from __future__ import annotations

import io
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import msgspec

from mockforge.errors import DocumentError
from mockforge.findings import Finding

from .cache import Cache, document_key
from .files import DocumentRoot, join_base, split_reference
from .index import DIALECTS, Dialect, Index, OperationLists, OperationRef, Version
from .limits import DEFAULT_LIMITS, Limits
from .pack import Pack
from .pointer import Tokens, split
from .prepare import Preparation
from .report import error_of, placed_error
from .shapes import OperationView
from .store import Missing, Store
from .tree import leaves
from .view import operation_view, security_schemes

log: Final = logging.getLogger("mockforge.http.documents")

_BIG: Final = frozenset(
    {"paths", "webhooks", "components", "definitions", "parameters", "responses"}
)


def open_document(
    path: Path | str,
    *,
    cache: Cache | None = None,
    limits: Limits = DEFAULT_LIMITS,
    root: Path | None = None,
) -> Document:
    """Open the OpenAPI document whose entry file is ``path``, with every file it refers to.

    Files outside ``root`` (default: the folder of the entry file) are refused, and nothing is ever
    fetched. With a ``cache`` the prepared document is kept on disk and used again while no file
    has changed. DocumentError: the document cannot be used; it names the place.
    """
    entry = Path(path)
    folder = DocumentRoot(entry.parent if root is None else root)
    if cache is not None:
        key = document_key(entry, folder.folder, limits)
        loaded = cache.load(key, folder)
        if loaded is not None:
            return Document(entry, folder, *loaded, limits)
        with cache.writing(key) as file:
            if file is not None:
                return _prepare(entry, folder, file, limits)
    return _prepare(entry, folder, _scratch_file(), limits)


def _prepare(entry: Path, root: DocumentRoot, file: BinaryIO, limits: Limits) -> Document:
    try:
        index = Preparation(entry, root, file, limits).run()
    except DocumentError as error:
        file.close()
        raise placed_error(error, limits) from None
    except BaseException:
        file.close()
        raise
    found = error_of(index.findings)
    if found is not None:
        file.close()
        raise found
    return Document(entry, root, Pack(file), index, limits)


def _scratch_file() -> BinaryIO:
    """A file without a name; memory where there is no place for one."""
    try:
        return tempfile.TemporaryFile("w+b", prefix="mockforge-")
    except OSError as error:
        log.info("no temporary file (%s); the document stays in memory", error.strerror)
        return io.BytesIO()


class Document:
    """One OpenAPI document. Made by :func:`open_document`; close it when done.

    Values it hands out are shared: never change them. A *base* is what relative references in a
    value count from: the name of a file below the root, or the ``$id`` of a schema.
    """

    def __init__(
        self, path: Path, root: DocumentRoot, pack: Pack, index: Index, limits: Limits
    ) -> None:
        self.path = path
        self.version: Version = index.version
        self.dialect: Dialect = DIALECTS[index.version]
        self.title = index.title
        self.base = index.entry
        self.findings: tuple[Finding, ...] = tuple(index.findings)
        self.digest = _digest(index)
        """Identifies the content of all files together."""
        self._root = root
        self._names = [record.name for record in index.files]
        self._operations = index.operations
        self._base_paths = index.base_paths
        self._pack = pack
        self._store = Store(pack, index.trees, index.names, limits)

    # ---------------------------------------------------------------- the whole

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the document; the entry file is the first."""
        return (self.path, *(self.path_of(name) for name in self._names[1:]))

    @property
    def bases(self) -> tuple[str, ...]:
        """The names of the files, in the same order as :attr:`files`."""
        return tuple(self._names)

    def path_of(self, base: str) -> Path:
        """The path of the file that ``base`` names (or lies in)."""
        resource = self._store.names.resources.get(base)
        name = resource[0] if resource is not None else base
        return self.path if name == self.base else self._root.folder / name

    @property
    def root(self) -> dict[str, Any]:
        """The root object without its large members (``paths``, ``components`` ...)."""
        names = self._store.keys(self.base, ())
        return {name: self._store.get(self.base, (name,)) for name in names if name not in _BIG}

    def servers_base_paths(self) -> tuple[str, ...]:
        """Base paths of the document's servers (or its ``basePath``), each variable replaced by its
        default and by each enumerated value; without a slash at the end, so the root is ``""``."""
        return self._base_paths

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """Security Scheme Objects by name, in the shape of OpenAPI 3 whatever the version."""
        return security_schemes(self._store, self.base, self.version)

    # ---------------------------------------------------------------- operations

    def operations(self) -> list[OperationRef]:
        """Every operation, not decoded. Read from the pack on each call: keep it if you need it."""
        return self._lists().operations

    def webhooks(self) -> list[OperationRef]:
        """Every webhook operation (3.1 and later), not decoded."""
        return self._lists().webhooks

    def _lists(self) -> OperationLists:
        return msgspec.json.decode(self._pack.read(self._operations), type=OperationLists)

    def operation(self, ref: OperationRef) -> OperationView:
        """The operation in the shape of OpenAPI 3, references resolved everywhere but in schemas.

        DocumentError: something in it is not of the shape that OpenAPI asks for.
        """
        return operation_view(self._store, ref, self.base, self.version, self.path_of)

    # ---------------------------------------------------------------- references

    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        """The value (for a schema: an object or a boolean) that ``ref``, found under ``base``, names,
        and the base of what is in it. It may be a reference again.

        DocumentError: it leads nowhere.
        """
        try:
            return self._store.resolve(ref, base)
        except Missing:
            raise self._dangling(ref, base) from None

    def resolve_dynamic(self, ref: str, base: str, scope: Sequence[str]) -> tuple[Any, str]:
        """What a ``$dynamicRef`` names: ``scope`` are the bases that evaluation came through, outermost
        first (JSON Schema 2020-12 core, section 8.2.3.2)."""
        location, anchor = split_reference(ref)
        names = self._store.names
        if anchor and not anchor.startswith("/"):
            named = f"{join_base(base, location)}#{anchor}"
            if named in names.dynamic:
                for outer in scope:
                    found = names.anchors.get(f"{outer}#{anchor}")
                    if found is not None and f"{outer}#{anchor}" in names.dynamic:
                        file, tokens = found[0], split(found[1])
                        return self._store.get(file, tokens), self._store.base_at(file, tokens)
        return self.resolve(ref, base)

    def dynamic_anchor(self, anchor: str, base: str) -> tuple[Any, str] | None:
        """The schema of resource ``base`` whose ``$dynamicAnchor`` is ``anchor``, and its base."""
        names = self._store.names
        named = f"{base}#{anchor}"
        if named not in names.dynamic:
            return None
        file, pointer = names.anchors[named]
        tokens = split(pointer)
        return self._store.get(file, tokens), self._store.base_at(file, tokens)

    def rebase(self, schema: Any, base: str) -> str:
        """The base inside ``schema``, itself found under ``base``: its ``$id`` where it has one."""
        return self._store.rebase(schema, base)

    def value(self, pointer: str, base: str | None = None) -> Any:
        """The value at ``pointer`` of the file ``base`` (default: the entry file); DocumentError if
        there is none."""
        file = self.base if base is None else base
        try:
            return self._store.get(file, split(pointer))
        except Missing:
            raise self._dangling(f"#{pointer}", file) from None

    def parts(self, file: str) -> Iterator[tuple[Tokens, Any]]:
        """Every part of ``file`` (one of :attr:`bases`) with the tokens that lead to it, in the order of
        the file: what a walk over the whole document goes by, so that little of it is decoded at once."""
        for tokens, leaf in leaves(self._store.trees[file]):
            yield tokens, self._store.part(leaf)

    def target(self, ref: str, base: str) -> tuple[str, Tokens] | None:
        """File and tokens that ``ref``, found under ``base``, leads to; ``None`` if it leads nowhere."""
        try:
            file, tokens = self._store.target(ref, base)
        except Missing:
            return None
        return (file, tokens) if self._store.exists(file, tokens) else None

    def base_at(self, file: str, tokens: Tokens) -> str:
        """The base of the value at ``tokens`` of ``file``: the innermost ``$id`` around it, or the file."""
        return self._store.base_at(file, tokens)

    def _dangling(self, ref: str, base: str) -> DocumentError:
        from mockforge.errors import Place

        return DocumentError(f"$ref {ref} leads nowhere", place=Place(str(self.path_of(base))))

    # ---------------------------------------------------------------- accounting

    def memory_bytes(self) -> int:
        """Bytes held in this process, decoded parts by estimate."""
        return self._store.held_bytes + self._pack.held_bytes

    def shed(self) -> None:
        """Give back what can be decoded again."""
        self._store.clear()

    def close(self) -> None:
        """Release everything; the document must not be used any more."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Document {self.version} {os.fspath(self.path)!r}>"


def _digest(index: Index) -> str:
    from hashlib import blake2b

    digest = blake2b(index.version.encode(), digest_size=16)
    for record in index.files:
        digest.update(f"\0{record.name}\0".encode())
        digest.update(record.digest)
    return digest.hexdigest()
