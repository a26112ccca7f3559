"""Making a pack: read every file that the references lead to, check it, take it apart, and see that
each reference leads somewhere."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from msgspec import Raw

from mockforge.errors import DocumentError, Place

from . import jsontext, kinds
from .dangling import explain
from .files import DocumentRoot, is_uri, join_base, split_reference
from .index import FORMAT, FileRecord, Index, Names, OperationLists, Version, producer
from .limits import Limits
from .pack import Leaf, Pack, PackWriter
from .pointer import Tokens, join
from .references import (
    Name,
    Reference,
    context_of,
    may_hold_names,
    quick_references,
    walk,
)
from .report import Report
from .source import Source, read_source
from .store import Missing, Store
from .tree import Node, is_split, leaves

_QUICK_START: Final = 2 * 1024**2
"""Warnings in files beyond this size get no line number at start: finding it takes a second."""


class Preparation:
    """One document on its way into a pack. ``entry`` lies in ``root``; parts go to ``file``, an empty
    file open for reading and writing, which stays open."""

    def __init__(self, entry: Path, root: DocumentRoot, file: BinaryIO, limits: Limits) -> None:
        self.report = Report(limits)
        self._root = root
        self._limits = limits
        self._file = file
        self._writer = PackWriter(file)
        self._entry = root.name_of(entry)
        self._entry_path = entry
        self._trees: dict[str, Node] = {}
        self._records: list[FileRecord] = []
        self._names = Names()
        self._broken: set[str] = set()
        self._total = 0
        self._queue: deque[str] = deque()
        self._queued: set[str] = set()
        # Texts that may be references inside their own file, by file.
        self._near: dict[str, set[str]] = {}
        # References that are known to be some, by text and base, with the file they were found in.
        self._exact: dict[tuple[str, str], str] = {}
        self._version: Version = "3.0"
        self._title = ""

    def shown(self, name: str) -> str:
        """How messages call the file ``name``: as the user would reach it."""
        if name == self._entry:
            return str(self._entry_path)
        return os.path.join(self._root.folder, name)  # noqa: PTH118 - thousands of these at one start

    # ---------------------------------------------------------------- reading

    def run(self) -> Index:
        """Prepare everything. DocumentError if the entry file cannot be used; what is wrong beyond
        it, errors included, stands in the index's findings."""
        self._read_entry()
        while self._queue:
            name = self._queue.popleft()
            try:
                self._read(name)
            except DocumentError as error:
                self._broken.add(name)
                self.report.error(error)
        self._writer.flush()
        store = Store(Pack(self._file), self._trees, self._names, self._limits)
        self._check_references(store)
        return self._finish(store)

    def _read_entry(self) -> None:
        self._queued.add(self._entry)
        source = read_source(self._entry_path, self._limits, shown=str(self._entry_path))
        shown = source.shown
        text = self._text_of(source)
        if not jsontext.is_object(text):
            raise DocumentError(
                "is not an OpenAPI document: it holds no object at its top", place=Place(shown)
            )
        members, _ = jsontext.members(text)
        if kinds.is_collection(members):
            text = self._openapi_of_collection(text, shown)
            members, _ = jsontext.members(text)
        self._version, as_number = kinds.version_of(members, shown)
        kinds.check_shape(members, self._version, shown)
        if as_number:
            self.report.add(
                "version-number",
                "the version is written as a number; quote it",
                shown,
                "/openapi" if "openapi" in members else "/swagger",
                severity="warning",
            )
        self._title = self._read_title(members)
        del members
        self._take_apart(self._entry, text)

    def _openapi_of_collection(self, text: bytes, shown: str) -> bytes:
        from mockforge_http import postman

        value, twice = jsontext.decode_part(text, shown, (), self._limits)
        if twice:
            self._note_duplicates(self._entry, text, ())
        return postman.openapi_text(value, shown, self.report)

    def _read_title(self, members: dict[str, Raw]) -> str:
        try:
            info = msgspec.json.decode(members.get("info", Raw(b"{}")), type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""
        title = info.get("title")
        return title if isinstance(title, str) else ""

    def _read(self, name: str) -> None:
        source = read_source(self._root.path_of(name), self._limits, shown=self.shown(name))
        self._take_apart(name, self._text_of(source))

    def _take_apart(self, name: str, text: bytes) -> None:
        if b'"$self":"' in text and jsontext.is_object(text):
            own = jsontext.members(text)[0].get("$self")
            if own is not None and memoryview(own)[0] == ord('"'):
                location, _ = split_reference(msgspec.json.decode(own, type=str))
                self._names.resources.setdefault(join_base(name, location), (name, ""))
        self._trees[name] = self._split(name, text, ())

    def _text_of(self, source: Source) -> bytes:
        """The minified JSON of ``source``, which is closed; notes the file as read."""
        try:
            self._total += source.stamp.size
            if self._total > self._limits.total_bytes:
                raise DocumentError(
                    f"the document's files have more than the {self._limits.total_bytes:,} bytes "
                    "allowed",
                    place=Place(source.shown),
                )
            look = kinds.look_of_text(bytes(source.data[:256]))
            if look is not None:
                raise DocumentError(
                    f"is not JSON or YAML; it looks like {look}", place=Place(source.shown)
                )
            name = self._entry if source.path == self._entry_path else None
            text = self._convert(source)
            self._records.append(
                FileRecord(name or self._root.name_of(source.path), source.stamp, source.digest)
            )
            return text
        finally:
            source.close()

    def _convert(self, source: Source) -> bytes:
        if source.notation == "json":
            try:
                return jsontext.minify(source, self._limits)
            except DocumentError:
                # YAML's flow style looks the same at its start.
                if source.path.suffix.lower() not in (".yaml", ".yml"):
                    raise
        from . import yamltext

        text, findings = yamltext.to_json(source.data, source.shown, self._limits)
        self.report.extend(findings)
        return text.encode()

    # ---------------------------------------------------------------- taking apart

    def _split(self, name: str, text: bytes | Raw, tokens: Tokens) -> Node:
        size = memoryview(text).nbytes
        if jsontext.is_object(text) and is_split(tokens, size, entry=name == self._entry):
            members, twice = jsontext.members(text)
            if twice:
                self._note_duplicates(name, bytes(text), tokens, top_only=True)
            return {
                member: self._split(name, part, (*tokens, member))
                for member, part in members.items()
            }
        return self._leaf(name, bytes(text), tokens)

    def _leaf(self, name: str, text: bytes, tokens: Tokens) -> Leaf:
        shown = self.shown(name)
        value, twice = jsontext.decode_part(text, shown, tokens, self._limits)
        if twice:
            self._note_duplicates(name, text, tokens)
        leaf = self._writer.add(text)
        if context_of(tokens) == "data":
            return leaf
        references = quick_references(text)
        named = self._version in ("3.1", "3.2") and may_hold_names(text)
        if (
            named
            or tokens[-1:] == ("$ref",)
            or any(not reference.startswith("#/") for reference in references)
        ):
            self._note_exactly(name, value, tokens)
        elif references:
            self._near.setdefault(name, set()).update(references)
        return leaf

    def _note_duplicates(
        self, name: str, text: bytes, tokens: Tokens, *, top_only: bool = False
    ) -> None:
        for found in jsontext.duplicate_keys(text, top_only=top_only):
            self.report.add(
                "duplicate-key",
                f"the key {found[-1]!r} is given twice; the last one counts",
                self.shown(name),
                tokens + found,
                severity="warning",
            )

    def _note_exactly(self, name: str, value: Any, tokens: Tokens) -> None:
        for found, base, at in self._found_in(value, name, tokens):
            if isinstance(found, Name):
                if self._version in ("3.1", "3.2"):
                    self._note_name(found, base, name, at)
            elif (found.text, base) not in self._exact:
                self._exact[found.text, base] = name
                self._enqueue(found.text, base, name, at)

    def _note_name(self, found: Name, base: str, name: str, at: Tokens) -> None:
        place = (name, join(at))
        if found.keyword == "$id":
            resource = join_base(base, split_reference(found.text)[0])
            if resource != name:
                self._names.resources.setdefault(resource, place)
            return
        anchor = f"{base}#{found.text}"
        self._names.anchors.setdefault(anchor, place)
        if found.keyword == "$dynamicAnchor":
            self._names.dynamic.add(anchor)

    # ---------------------------------------------------------------- references to files

    def _enqueue(self, reference: str, base: str, name: str, at: Tokens) -> None:
        """Have the file that ``reference`` names read, if it names one."""
        location, _ = split_reference(reference)
        if not location or is_uri(location):
            return  # its own file, or a URI that may turn out to be some `$id`
        target = join_base(base, location)
        if is_uri(target):
            target = join_base(name, location)
            if target.startswith(("/", "../")):
                return
        elif target.startswith("/") and self._version in ("3.1", "3.2"):
            return  # may be an `$id`; checked when all are known
        if target in self._queued:
            return
        try:
            path = self._root.path_of(target)
            if not path.is_file():
                return  # may be an `$id`; checked when all are known
        except (DocumentError, OSError):
            return  # told of by the check of references
        if len(self._queued) >= self._limits.files:
            raise DocumentError(
                f"the document has more than the {self._limits.files:,} files allowed",
                place=Place(self.shown(name), path=join(at)),
            )
        self._queued.add(target)
        self._queue.append(target)

    # ---------------------------------------------------------------- checking references

    def _check_references(self, store: Store) -> None:
        missing: dict[str, set[tuple[str, str]]] = {}
        for name, near in self._near.items():
            for reference in near:
                if not self._leads_somewhere(store, reference, name):
                    missing.setdefault(name, set()).add((reference, name))
        for (reference, base), name in self._exact.items():
            if not self._leads_somewhere(store, reference, base):
                missing.setdefault(name, set()).add((reference, base))
        for name, references in missing.items():
            if name not in self._trees:
                continue  # it broke half-way, which is told already
            self._note_missing(store, name, references)

    def _leads_somewhere(self, store: Store, reference: str, base: str) -> bool:
        try:
            file, tokens = store.target(reference, base)
        except Missing:
            return False
        return store.exists(file, tokens)

    def _note_missing(self, store: Store, name: str, missing: set[tuple[str, str]]) -> None:
        """Tell every exact place of the references ``missing`` (each with its base) in the file
        ``name``. Some may turn out to be no references at all."""
        for tokens, leaf in leaves(self._trees[name]):
            for reference, base, at in self._references_in(store.part(leaf), name, tokens):
                if (reference, base) in missing:
                    if self.report.is_full:
                        self.report.dropped += 1
                    elif join_base(name, split_reference(reference)[0]) not in self._broken:
                        # (A broken file has findings of its own.)
                        code, message, hint = explain(
                            reference, base, name, store, self._root, self._limits
                        )
                        self.report.add(code, message, self.shown(name), at, hint=hint)

    def _references_in(
        self, value: Any, name: str, tokens: Tokens
    ) -> Iterator[tuple[str, str, Tokens]]:
        """Text, base and tokens of every reference in the part ``value``, found at ``tokens``."""
        for found, base, at in self._found_in(value, name, tokens):
            if isinstance(found, Reference):
                yield found.text, base, at

    def _found_in(
        self, value: Any, name: str, tokens: Tokens
    ) -> Iterator[tuple[Reference | Name, str, Tokens]]:
        if isinstance(value, str) and tokens[-1:] == ("$ref",):
            # A container that is itself a reference: `schemas: {$ref: schemas.yaml}`.
            value, tokens = {"$ref": value}, tokens[:-1]
            context = "keywords"
        else:
            context = context_of(tokens)
        if context == "data" or not isinstance(value, dict | list):
            return
        has_ids = self._version in ("3.1", "3.2")
        for found in walk(value, names=context == "names" and isinstance(value, dict)):
            base = _base_of(name, found.ids) if has_ids else name
            yield found, base, tokens + found.tokens

    # ---------------------------------------------------------------- the index

    def _finish(self, store: Store) -> Index:
        from .operations import list_operations
        from .servers import document_base_paths

        lists = OperationLists([], [])
        base_paths: tuple[str, ...] = ("",)
        if not any(finding.severity == "error" for finding in self.report.findings):
            lists = list_operations(store, self._entry, self._version, self.report, self.shown)
            base_paths = document_base_paths(store, self._entry, self._version)
        index = Index(
            format=FORMAT,
            producer=producer(),
            version=self._version,
            title=self._title,
            entry=self._entry,
            root=os.path.realpath(self._root.folder),
            files=self._records,
            trees=self._trees,
            names=self._names,
            operations=self._writer.add(msgspec.json.encode(lists)),
            findings=self.report.placed(self._limits, largest=_QUICK_START),
            base_paths=base_paths,
        )
        self._writer.finish(msgspec.json.encode(index))
        return index


def _base_of(name: str, ids: tuple[str, ...]) -> str:
    base = name
    for own in ids:
        base = join_base(base, split_reference(own)[0])
    return base
