"""Making a pack: read every file that the references lead to, check it, take it apart, and see that
each reference leads somewhere."""

from __future__ import annotations

import os
from collections import deque
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
        # Reference texts that only look inside their own file, with the first part that has them.
        self._near: dict[str, dict[str, Tokens]] = {}
        # References that were told exactly: file, tokens, text, base.
        self._exact: dict[tuple[str, str], tuple[str, Tokens]] = {}
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
        context = context_of(tokens)
        if context == "data":
            return leaf
        if isinstance(value, str) and tokens[-1:] == ("$ref",):
            # A container that is itself a reference: `schemas: {$ref: schemas.yaml}`.
            self._note_exactly(name, {"$ref": value}, tokens[:-1], names=False)
            return leaf
        references = quick_references(text)
        named = self._version in ("3.1", "3.2") and may_hold_names(text)
        if named or any(not reference.startswith("#/") for reference in references):
            self._note_exactly(name, value, tokens, names=context == "names")
        elif references:
            near = self._near.setdefault(name, {})
            for reference in references:
                near.setdefault(reference, tokens)
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

    def _note_exactly(self, name: str, value: Any, tokens: Tokens, *, names: bool) -> None:
        if not isinstance(value, dict | list):
            return
        for found in walk(value, names=names and isinstance(value, dict)):
            if self._version in ("3.1", "3.2"):
                base = _base_of(name, found.ids)
            elif isinstance(found, Reference):
                base = name
            else:
                continue
            at = tokens + found.tokens
            if isinstance(found, Name):
                self._note_name(found, base, name, at)
            elif (found.text, base) not in self._exact:
                self._exact[found.text, base] = (name, at)
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
        for name, near in self._near.items():
            for reference, tokens in near.items():
                if not self._leads_somewhere(store, reference, name):
                    self._note_near(store, reference, name, tokens)
        for (reference, base), (name, at) in self._exact.items():
            if not self._leads_somewhere(store, reference, base):
                self._note_dangling(store, reference, base, name, at)

    def _leads_somewhere(self, store: Store, reference: str, base: str) -> bool:
        try:
            file, tokens = store.target(reference, base)
        except Missing:
            return False
        return store.exists(file, tokens)

    def _note_near(self, store: Store, reference: str, name: str, first: Tokens) -> None:
        """Tell every exact place of ``reference``, which may also be no reference at all."""
        for tokens, leaf in leaves(self._trees[name]):
            if tokens == first:
                first = ()
            context = context_of(tokens)
            if first or context == "data":
                continue
            value = store.part(leaf)
            if not isinstance(value, dict | list):
                continue
            for found in walk(value, names=context == "names" and isinstance(value, dict)):
                if isinstance(found, Reference) and found.text == reference:
                    self._note_dangling(store, reference, name, name, tokens + found.tokens)

    def _note_dangling(
        self, store: Store, reference: str, base: str, name: str, at: Tokens
    ) -> None:
        if join_base(name, split_reference(reference)[0]) in self._broken:
            return  # that file has findings of its own
        code, message, hint = explain(reference, base, name, store, self._root, self._limits)
        self.report.add(code, message, self.shown(name), at, hint=hint)

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
