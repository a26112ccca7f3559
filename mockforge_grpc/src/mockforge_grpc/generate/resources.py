"""Names of resources (``google.api.resource`` and ``resource_reference``, AIP-122 and AIP-123): a field that
holds one gets a text of its pattern, ``projects/calm-river/topics/bold-maple``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.runtime import Context, Make
from mockforge.mocking.data.texts import slug

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

_RESOURCE: Final = "google.api.resource"
_DEFINITION: Final = "google.api.resource_definition"
_REFERENCE: Final = "google.api.resource_reference"
_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
_MOST_FILES: Final = 200
"""Files that are looked at for the resource that a field refers to: its own, and what that imports."""


class Resources:
    """Reads the annotations of one pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._options = {
            extension: found
            for extension, name in (
                (_RESOURCE, "MessageOptions"),
                (_DEFINITION, "FileOptions"),
                (_REFERENCE, "FieldOptions"),
            )
            if (found := _options(pool, name, extension)) is not None
        }
        self._patterns: dict[tuple[str, str], str | None] = {}

    def maker(self, field: FieldDescriptor) -> Make | None:
        """A maker of names for ``field``; ``None`` if it is not known to hold any."""
        pattern = self._pattern(field) if self._options else None
        if pattern is None:
            return None
        pieces = _VARIABLE.split(pattern)

        def make(context: Context) -> str:
            text = pieces[0]
            for piece in pieces[1:]:
                text += slug(context) + piece
            return text

        return make

    def _pattern(self, field: FieldDescriptor) -> str | None:
        message = field.containing_type
        if message is None:
            return None
        resource = self._read(_RESOURCE, message)
        if resource is not None and field.name == (resource.name_field or "name"):
            return _first(resource)
        reference = self._read(_REFERENCE, field)
        if reference is None:
            return None
        child = bool(reference.child_type)
        kind = reference.child_type or reference.type
        key = (message.file.name, kind)
        if key not in self._patterns:
            self._patterns[key] = self._find(message.file, kind)
        pattern = self._patterns[key]
        if child and pattern is not None:
            # The parent of a child: without its collection and its own name.
            return pattern.rpartition("/")[0].rpartition("/")[0] or None
        return pattern

    def _find(self, file: FileDescriptor, kind: str) -> str | None:
        for near in _files(file):
            for definition in self._read(_DEFINITION, near) or ():
                if definition.type == kind:
                    return _first(definition)
            for message in _messages(near):
                resource = self._read(_RESOURCE, message)
                if resource is not None and resource.type == kind:
                    return _first(resource)
        return None

    def _read(self, extension: str, described: Any) -> Any:
        known = self._options.get(extension)
        if known is None or not described.has_options:
            return None
        # A private pool keeps extensions of the options as unknown fields: read again with its own type.
        options = known.FromString(described.GetOptions().SerializeToString())
        for field, value in options.ListFields():
            if field.full_name == extension:
                return value
        return None


def _options(pool: DescriptorPool, name: str, extension: str) -> type[Message] | None:
    from google.protobuf.message_factory import GetMessageClass

    try:
        pool.FindExtensionByName(extension)
        return GetMessageClass(pool.FindMessageTypeByName(f"google.protobuf.{name}"))
    except KeyError:
        return None


def _first(resource: Any) -> str | None:
    """The first pattern that says anything (``*`` stands for any resource at all)."""
    return next((pattern for pattern in resource.pattern if pattern != "*"), None)


def _files(file: FileDescriptor) -> Iterator[FileDescriptor]:
    seen = {file.name}
    waiting = [file]
    while waiting and len(seen) <= _MOST_FILES:
        near = waiting.pop(0)
        yield near
        for imported in near.dependencies:
            if imported.name not in seen:
                seen.add(imported.name)
                waiting.append(imported)


def _messages(file: FileDescriptor) -> Iterator[Descriptor]:
    waiting = list(file.message_types_by_name.values())
    while waiting:
        message = waiting.pop()
        yield message
        waiting += message.nested_types
