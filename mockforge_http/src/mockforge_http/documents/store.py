"""Values of a document by file and pointer, decoded when asked for, and where references lead.

Used while a document is prepared (to see that every reference leads somewhere) and while it is served.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import Any, Final

import msgspec

from mockforge.errors import DocumentError, Place

from .files import is_uri, join_base, split_reference
from .index import Names
from .limits import Limits
from .pack import DamagedPackError, Leaf, Pack, leaf_size
from .pointer import Tokens, array_index, from_fragment, join, split
from .tree import Node, find

_DECODED_FACTOR: Final = 6
"""Bytes of Python objects per byte of JSON text (measured: 4 to 6)."""
_ENTRY_BYTES: Final = 200
_MOST_STEPS: Final = 32


class Missing(LookupError):  # noqa: N818 - a plain answer, turned into a finding by the caller
    """Nothing is there: ``tokens`` lead out of file ``file`` after ``found`` of them. ``file`` is
    ``None`` where the reference names no file of the document."""

    def __init__(self, file: str | None, tokens: Tokens = (), found: int = 0) -> None:
        super().__init__(f"{file}#{join(tokens)}")
        self.file = file
        self.tokens = tokens
        self.found = found


class Store:
    """The parts of ``pack`` under the names of their files.

    What it returns is shared and must not be changed. Decoded parts are kept up to
    ``limits.decoded_bytes`` (an estimate); the least recently used go first.
    """

    def __init__(self, pack: Pack, trees: dict[str, Node], names: Names, limits: Limits) -> None:
        self.trees = trees
        self.names = names
        self._pack = pack
        self._limit = limits.decoded_bytes
        self._decoded: OrderedDict[Leaf, Any] = OrderedDict()
        self._held = 0
        self._inside: dict[str, list[tuple[Tokens, str]]] = {}
        for uri, (file, pointer) in names.resources.items():
            if pointer:
                self._inside.setdefault(file, []).append((split(pointer), uri))
        for resources in self._inside.values():
            resources.sort(key=lambda resource: -len(resource[0]))

    # ---------------------------------------------------------------- values

    def part(self, leaf: Leaf) -> Any:
        """The decoded part at ``leaf``."""
        decoded = self._decoded
        if leaf in decoded:
            decoded.move_to_end(leaf)
            return decoded[leaf]
        try:
            value = msgspec.json.decode(self._pack.read(leaf))
        except (DamagedPackError, msgspec.DecodeError, OSError, ValueError) as error:
            raise DocumentError(
                f"the prepared document was damaged while it was in use: {error}",
                hint="restart, or reload the document",
            ) from None
        cost = leaf_size(leaf) * _DECODED_FACTOR + _ENTRY_BYTES
        if cost <= self._limit:
            self._held += cost
            decoded[leaf] = value
            while self._held > self._limit:
                oldest, _ = decoded.popitem(last=False)
                self._held -= leaf_size(oldest) * _DECODED_FACTOR + _ENTRY_BYTES
        return value

    def get(self, file: str, tokens: Tokens) -> Any:
        """The value that ``tokens`` lead to in ``file``; :class:`Missing` if there is none."""
        return self._walk(file, tokens)[0]

    def keys(self, file: str, tokens: Tokens) -> list[str]:
        """The member names of the object that ``tokens`` lead to, parts undecoded; :class:`Missing` if
        there is none, no names if it is not an object."""
        found = find(self.trees.get(file), tokens) if file in self.trees else None
        if found is not None and isinstance(found[0], dict):
            return list(found[0])
        value = self.get(file, tokens)
        return list(value) if isinstance(value, dict) else []

    def _walk(self, file: str, tokens: Tokens) -> tuple[Any, str, Tokens]:
        """The value, and the file and tokens where it really is: a step through an object that is a
        reference (``schemas: {$ref: schemas.yaml}``) goes on where that leads."""
        for _ in range(_MOST_STEPS):
            try:
                return self._value(file, tokens), file, tokens
            except Missing as missing:
                if missing.file is None:
                    raise
                onward = self._onward(file, tokens, missing.found)
                if onward is None:
                    raise
                file, tokens = onward
        raise Missing(file, tokens, 0)

    def _onward(self, file: str, tokens: Tokens, found: int) -> tuple[str, Tokens] | None:
        reached = find(self.trees[file], tokens[:found])
        if reached is not None and isinstance(reached[0], dict):
            last: Any = reached[0]  # a container: its other members need not be decoded
            reference = self.part(last["$ref"]) if isinstance(last.get("$ref"), int) else None
        else:
            last = self._value(file, tokens[:found])
            reference = last.get("$ref") if isinstance(last, dict) else None
        if not isinstance(reference, str):
            return None
        try:
            there, start = self.target(reference, self.base_at(file, tokens[:found]))
        except Missing:
            return None
        return there, start + tokens[found:]

    def _value(self, file: str, tokens: Tokens) -> Any:
        tree = self.trees.get(file)
        if tree is None:
            raise Missing(None)
        found = find(tree, tokens)
        if found is None:
            depth = 0
            node = tree
            while isinstance(node, dict) and tokens[depth] in node:
                node = node[tokens[depth]]
                depth += 1
            raise Missing(file, tokens, depth)
        node, rest = found
        value = self._assemble(node)
        for depth, token in enumerate(rest, len(tokens) - len(rest)):
            if isinstance(value, dict) and token in value:
                value = value[token]
            elif isinstance(value, list) and (index := array_index(token, len(value))) is not None:
                value = value[index]
            else:
                raise Missing(file, tokens, depth)
        return value

    def _assemble(self, node: Node) -> Any:
        if isinstance(node, dict):
            return {name: self._assemble(member) for name, member in node.items()}
        return self.part(node)

    # ---------------------------------------------------------------- references

    def target(self, reference: str, base: str) -> tuple[str, Tokens]:
        """File and tokens that ``reference``, found in a value of ``base``, names. They may lead
        nowhere; :class:`Missing` if the file or the anchor is unknown."""
        location, fragment = split_reference(reference)
        named = join_base(base, location)
        file, prefix = self._resource(named, location, base)
        fragment = from_fragment(fragment)
        if not fragment:
            return file, prefix
        if fragment.startswith("/"):
            tokens = split(fragment)
            if prefix and not self.exists(file, prefix + tokens) and self.exists(file, tokens):
                # Inside a schema with an `$id` this is, by the letter, relative to that schema; most
                # authors (the official petstore among them) mean the document.
                return file, tokens
            return file, prefix + tokens
        for resource in (named, file):
            anchor = self.names.anchors.get(f"{resource}#{fragment}")
            if anchor is not None:
                return anchor[0], split(anchor[1])
        raise Missing(file, (), 0)

    def _resource(self, named: str, location: str, base: str) -> tuple[str, Tokens]:
        resource = self.names.resources.get(named)
        if resource is not None:
            return resource[0], split(resource[1])
        if named in self.trees:
            return named, ()
        around = self.names.resources.get(base)
        if around is not None and not is_uri(location):
            # The base is an `$id`; a neighbouring file may be meant by its place on disk.
            beside = join_base(around[0], location)
            if beside in self.trees:
                return beside, ()
        raise Missing(None)

    def exists(self, file: str, tokens: Tokens) -> bool:
        """Whether ``tokens`` lead somewhere in ``file``."""
        tree = self.trees.get(file)
        if tree is None:
            return False
        found = find(tree, tokens)
        if found is not None and not found[1]:
            return True
        try:
            self._walk(file, tokens)
        except Missing:
            return False
        return True

    def resolve(self, reference: str, base: str) -> tuple[Any, str]:
        """The value that ``reference`` names and the base of the references inside it."""
        file, tokens = self.target(reference, base)
        value, file, tokens = self._walk(file, tokens)
        return value, self.base_at(file, tokens)

    def base_at(self, file: str, tokens: Tokens) -> str:
        """The base for references in the value at ``tokens`` of ``file``: the innermost ``$id`` around
        it, or the file."""
        for around, uri in self._inside.get(file, ()):
            if tokens[: len(around)] == around:
                return uri
        return file

    def rebase(self, schema: Any, base: str) -> str:
        """The base inside ``schema``, itself found under ``base``: another one if it has an ``$id``."""
        if self._inside and isinstance(schema, dict):
            own = schema.get("$id")
            if isinstance(own, str):
                named = join_base(base, split_reference(own)[0])
                if named in self.names.resources:
                    return named
        return base

    def follow(self, value: Any, base: str) -> tuple[Any, str]:
        """``value``, or what it refers to if it is a Reference Object, however many steps away.

        DocumentError: the references lead nowhere, or in a circle.
        """
        seen: set[tuple[str, str]] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference: str = value["$ref"]
            if (reference, base) in seen:
                raise DocumentError(f"$ref {reference} leads back to itself", place=Place(base))
            seen.add((reference, base))
            try:
                value, base = self.resolve(reference, base)
            except Missing:
                raise DocumentError(f"$ref {reference} leads nowhere", place=Place(base)) from None
        return value, base

    # ---------------------------------------------------------------- accounting

    @property
    def held_bytes(self) -> int:
        """Bytes held: the trees, the names, and (by estimate) the decoded parts."""
        total = self._held
        waiting: list[Any] = [self.trees, self.names.resources, self.names.anchors]
        while waiting:
            node = waiting.pop()
            total += sys.getsizeof(node)
            if isinstance(node, dict):
                waiting.extend(node)
                waiting.extend(node.values())
        return total

    def clear(self) -> None:
        """Forget every decoded part."""
        self._decoded.clear()
        self._held = 0

    def close(self) -> None:
        """Forget everything and close the pack."""
        self.clear()
        self._pack.close()
