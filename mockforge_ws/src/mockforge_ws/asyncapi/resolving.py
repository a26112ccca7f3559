"""Where the references of schemas lead: what generating data and validating follow them with."""

from __future__ import annotations

from typing import Final

from mockforge.errors import DocumentError
from mockforge.mocking.data.model import Schema
from mockforge.mocking.data.resolver import subschemas
from mockforge_ws.asyncapi.files import Files, Node, pointer_of, walk

_SEPARATOR: Final = "\n"
"""Between the file and the pointer of a base."""


def find(files: Files, ref: str, file: str, whole: Node | None) -> tuple[Node, Node | None]:
    """What the reference ``ref`` of a schema in ``file`` names, and the schema that this stands in, where
    that is a document of its own, as ``whole`` is for where the reference stands. DocumentError: nothing.

    A pointer is looked up in ``whole`` first: a JSON Schema that is held whole by the document refers to its
    own ``$defs``, but may as well refer to the document's components.
    """
    start, fragment = files.locate(ref, file)
    if ref.partition("#")[0]:
        whole = None
    if fragment and not fragment.startswith("/"):
        return _anchored(start if whole is None else whole, fragment, ref), whole
    if whole is not None:
        try:
            return walk(whole, fragment, ref), whole
        except DocumentError:
            pass
    return files.resolve(ref, file), None


def _anchored(root: Node, name: str, ref: str) -> Node:
    value = root.value
    todo = [value] if isinstance(value, dict) else []
    while todo:
        schema = todo.pop()
        if name in (schema.get("$anchor"), schema.get("$dynamicAnchor")):
            return Node(schema, root.file, root.path)
        todo.extend(subschemas(schema))
    raise DocumentError(f"the reference {ref!r} leads nowhere: there is no such anchor")


class Schemas:
    """The :class:`~mockforge.mocking.data.SchemaResolver` over the files of a document. A base is a file,
    or a file and the pointer of a schema in it that is a document of its own. An ``$id`` changes nothing:
    references lead to files."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def base(self, node: Node, *, whole: bool) -> str:
        """The base of the schema at ``node``; ``whole``: it is a document of its own."""
        return f"{node.file}{_SEPARATOR}{pointer_of(node.path)}" if whole else node.file

    def resolve(self, ref: str, base: str) -> tuple[Schema, str]:
        """See :meth:`~mockforge.mocking.data.SchemaResolver.resolve`."""
        file, whole = self._place(base)
        node, inside = find(self._files, ref, file, whole)
        value = node.value
        if isinstance(value, dict) and "schemaFormat" in value and "schema" in value:
            inside = node = node.child("schema")
            value = node.value
        if not isinstance(value, dict | bool):
            raise DocumentError(f"the reference {ref!r} leads to no schema")
        return value, node.file if inside is None else self.base(inside, whole=True)

    def rebase(self, identifier: str, base: str) -> str:
        """``base``: see the class."""
        return base

    def dynamic_anchor(self, anchor: str, base: str) -> tuple[Schema, str] | None:
        """See :meth:`~mockforge.mocking.data.SchemaResolver.dynamic_anchor`."""
        file, whole = self._place(base)
        start = self._files.locate("#", file)[0] if whole is None else whole
        try:
            return _anchored(start, anchor, f"#{anchor}").value, base
        except DocumentError:
            return None

    def _place(self, base: str) -> tuple[str, Node | None]:
        file, separator, pointer = base.partition(_SEPARATOR)
        if not separator:
            return file, None
        return file, walk(self._files.locate("#", file)[0], pointer, "#")
