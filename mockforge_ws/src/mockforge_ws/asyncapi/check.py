"""Whether a document is what the specification says: its objects, their fields, and where references lead.

All that is wrong is found at once. What is an error keeps the document from being served, a warning does not.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final, NamedTuple

from mockforge.errors import DocumentError
from mockforge.mocking.stubs.compiler import kind_of
from mockforge.nearest import nearest
from mockforge.structured import Part
from mockforge_ws.asyncapi.files import REF, DanglingError, Files, Node
from mockforge_ws.asyncapi.formats import dialect_of
from mockforge_ws.asyncapi.grammar import MOVED, OBJECTS, Field, Kind
from mockforge_ws.asyncapi.report import Report
from mockforge_ws.asyncapi.schematext import SchemaText
from mockforge_ws.asyncapi.versions import check_version

EXPRESSION: Final = re.compile(r"\$message\.(header|payload)#((?:/.*)?)", re.DOTALL)
"""A runtime expression: where in a message a value is."""
MAX_DEPTH: Final = 100
_NAME: Final = re.compile(r"\{([^{}]*)\}")


class Checked(NamedTuple):
    """What there is to say about a document, and all ``messages`` in it."""

    report: Report
    messages: list[Node]


def check(files: Files) -> Checked:
    """Check a document. DocumentError: it is of no version that can be read."""
    check_version(files)
    checking = _Checking(files)
    checking.document()
    return Checked(checking.report, checking.messages)


class _Checking:
    def __init__(self, files: Files) -> None:
        self._files = files
        self.report = Report(files)
        self.messages: list[Node] = []
        self._schemas = SchemaText(files, self.report)
        self._done: set[tuple[str, str, tuple[object, ...]]] = set()

    def document(self) -> None:
        root = self._files.root
        self._object(root, "document")
        for key in ("channels", "operations"):
            section = root.get(key)
            if section is not None and isinstance(section.value, dict):
                for name in section.value:
                    self._related(key, section.child(name))

    # -------------------------------------------------------------- objects

    def _target(self, node: Node) -> Node | None:
        """What ``node`` names, if it is a reference; ``None`` and a finding if that is nothing."""
        try:
            return self._files.follow(node)
        except DanglingError as error:
            said = error.message if error.place is None else str(error)
            self.report.add("reference", said, error.node.child(REF), hint=error.hint)
            return None

    def _object(self, node: Node, of: str) -> None:
        target = self._target(node)
        if target is None:
            return
        key = (of, target.file, target.path)
        if key in self._done or len(target.path) > MAX_DEPTH:
            return
        self._done.add(key)
        if not isinstance(target.value, dict):
            self._wrong(target, "a mapping")
            return
        if of == "message":
            self.messages.append(target)
        kind = OBJECTS[of]
        for name in kind.required:
            if name not in target.value:
                self.report.add("missing", f"missing key {name!r}", target)
        for name in target.value:
            self._member(target.child(name), name, of, kind)

    def _member(self, node: Node, name: str, of: str, kind: Kind) -> None:
        field = kind.fields.get(name)
        if field is not None:
            self._field(node, field)
        elif not kind.open and not name.startswith("x-"):
            moved = MOVED.get((of, name))
            close = nearest(name, kind.fields)
            hint = moved or (f"did you mean {close}?" if close else None)
            self.report.warn("unknown-key", f"unknown key {name!r}", node, hint=hint)

    def _field(self, node: Node, field: Field) -> None:
        wanted = _wanted(node.value, field)
        if wanted is not None:
            self._wrong(node, wanted)
        elif field.shape == "expression":
            self._expression(node)
        elif field.shape == "object":
            self._object(node, field.of)
        elif field.shape == "schema":
            self._schema(node)
        elif field.shape in ("map", "schemas"):
            for child in self._members(node):
                if field.shape == "map":
                    self._object(child, field.of)
                else:
                    self._schema(child)
        elif field.shape == "ref":
            self._reference(node)
        elif field.shape in ("list", "refs"):
            for child in self._items(node):
                if field.shape == "list":
                    self._object(child, field.of)
                else:
                    self._reference(child)

    def _members(self, node: Node) -> list[Node]:
        target = self._target(node)
        if target is None or not self._expect(target, isinstance(target.value, dict), "a mapping"):
            return []
        return [target.child(name) for name in target.value if not _extension(name)]

    def _items(self, node: Node) -> list[Node]:
        if not self._expect(node, isinstance(node.value, list), "a list"):
            return []
        return [node.child(number) for number in range(len(node.value))]

    def _expect(self, node: Node, fits: bool, wanted: str) -> bool:
        if not fits:
            self._wrong(node, wanted)
        return fits

    def _wrong(self, node: Node, wanted: str) -> None:
        shown = repr(node.value) if isinstance(node.value, str) else kind_of(node.value)
        self.report.add("type", f"must be {wanted}, not {shown}"[:200], node)

    def _expression(self, node: Node) -> None:
        if EXPRESSION.fullmatch(node.value) is None:
            self.report.add(
                "expression",
                f"{node.value!r} is no runtime expression"[:200],
                node,
                hint="for instance $message.payload#/id",
            )

    def _reference(self, node: Node) -> None:
        if node.ref is None:
            self.report.add(
                "reference",
                "must be a reference",
                node,
                hint="define it under `channels`, and write {$ref: '#/channels/...'}",
            )
        else:
            self._target(node)

    # -------------------------------------------------------------- schemas

    def _schema(self, node: Node) -> None:
        """A schema, or ``{schemaFormat: ..., schema: ...}`` (Multi Format Schema Object)."""
        target = self._target(node)
        if target is None:
            return
        if isinstance(target.value, dict) and "schema" in target.value:
            stated = target.value.get("schemaFormat")
            if not isinstance(stated, str):
                what = "missing key 'schemaFormat'" if stated is None else "must be a text"
                self.report.add("schema", what, target.get("schemaFormat") or target)
                return
            dialect = dialect_of(stated)
            if dialect is None:
                self.report.warn(
                    "format",
                    f"schemas of the format {stated!r} are not read: payloads are not checked, and "
                    "only examples are sent"[:300],
                    target.child("schemaFormat"),
                )
                return
            inner = target.child("schema")
            self._schemas.check(inner, dialect, inner)
        else:
            self._schemas.check(target, "draft-07", None)

    # -------------------------------------------------------------- what belongs together

    def _related(self, section: str, node: Node) -> None:
        """What one channel or operation says of others; what is no object was reported before."""
        try:
            target = self._files.follow(node)
            if not isinstance(target.value, dict):
                return
            if section == "channels":
                self._address(target)
            else:
                self._operation(target)
        except DocumentError:
            return

    def _address(self, channel: Node) -> None:
        address = channel.value.get("address")
        given = channel.value.get("parameters", {})
        if not isinstance(address, str) or not isinstance(given, dict):
            return
        names = set(_NAME.findall(address))
        for name in sorted(names - given.keys()):
            self.report.warn(
                "parameter",
                f"the parameter {name!r} of the address is not described",
                channel.child("address"),
                hint=f"parameters: {{{name}: {{}}}}",
            )
        for name in given:
            if name not in names and not _extension(name):
                self.report.warn(
                    "parameter",
                    f"the address has no parameter {name!r}",
                    channel.child("parameters").child(name),
                    hint=f"write {{{name}}} where it stands in the address",
                )

    def _operation(self, operation: Node) -> None:
        self._subset(operation, operation, "operation")
        reply = operation.get("reply")
        if reply is not None:
            reply = self._files.follow(reply)
            if isinstance(reply.value, dict):
                self._subset(reply, operation, "reply")

    def _subset(self, holder: Node, operation: Node, what: str) -> None:
        """The messages of an operation are some of its channel's (Operation Object, ``messages``)."""
        channel_ref = holder.get("channel") or operation.get("channel")
        listed = holder.get("messages")
        if channel_ref is None or channel_ref.ref is None:
            return
        channel = self._files.follow(channel_ref)
        if not self._is_channel(channel_ref, channel) or listed is None:
            return
        if not isinstance(listed.value, list):
            return
        messages = channel.get("messages")
        own: set[tuple[str, tuple[Any, ...]]] = set()
        if messages is not None and isinstance(messages.value, dict):
            for name in messages.value:
                child = messages.child(name)
                followed = self._files.follow(child)
                own |= {(child.file, child.path), (followed.file, followed.path)}
        for number in range(len(listed.value)):
            node = listed.child(number)
            if node.ref is None:
                continue
            named = self._files.resolve(node.ref, node.file)
            followed = self._files.follow(named)
            if not {(named.file, named.path), (followed.file, followed.path)} & own:
                self.report.add(
                    "message",
                    f"the message {node.ref!r} is none of the channel of this {what}",
                    node.child(REF),
                    hint="name one as `#/channels/.../messages/...`",
                )

    def _is_channel(self, ref: Node, channel: Node) -> bool:
        if (channel.file, channel.path) in self._channels:
            return True
        self.report.add(
            "reference",
            f"{ref.ref!r} is no channel of the document"[:200],
            ref.child(REF),
            hint="name one as `#/channels/...`",
        )
        return False

    @cached_property
    def _channels(self) -> frozenset[tuple[str, tuple[Part, ...]]]:
        """Where the channels of the document stand."""
        section = self._files.root.get("channels")
        if section is None or not isinstance(section.value, dict):
            return frozenset()
        found = set()
        for name in section.value:
            try:
                channel = self._files.follow(section.child(name))
            except DanglingError:
                continue
            found.add((channel.file, channel.path))
        return frozenset(found)


def _wanted(value: Any, field: Field) -> str | None:
    """What a field of a plain type should be, where it is not."""
    match field.shape:
        case "text" | "expression":
            fits, wanted = isinstance(value, str), "a text"
        case "flag":
            fits, wanted = isinstance(value, bool), "true or false"
        case "address":
            fits, wanted = value is None or isinstance(value, str), "a text, or null"
        case "texts":
            fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
            wanted = "a list of texts"
        case "oneof":
            fits, wanted = value in field.choices, " or ".join(field.choices)
        case _:
            return None
    return None if fits else wanted


def _extension(name: str) -> bool:
    return name.startswith("x-")
