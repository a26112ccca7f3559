"""Comments and places in .proto files, read from the pack when someone asks and forgotten again soon."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from google.protobuf.descriptor_pb2 import SourceCodeInfo

if TYPE_CHECKING:
    from .database import Database

_KEPT: Final = 4
"""Files whose comments are held: those who ask go from file to file."""

# Field numbers in descriptor.proto, of which the paths of SourceCodeInfo are made.
_FILE_MESSAGES, _FILE_ENUMS, _FILE_SERVICES, _FILE_EXTENSIONS = 4, 5, 6, 7
_NESTED_FIELDS, _NESTED_MESSAGES, _NESTED_ENUMS = 2, 3, 4
_NESTED_EXTENSIONS, _NESTED_ONEOFS = 6, 8
_ENUM_VALUES = _SERVICE_METHODS = 2


class Source(NamedTuple):
    """What is known of one declaration: its comment, and where it begins, counted from 1."""

    comment: str
    line: int
    column: int


class Sources:
    """The declarations in the files of one pack."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._files: OrderedDict[int, dict[tuple[int, ...], Source]] = OrderedDict()

    def of(self, descriptor: Any) -> Source | None:
        """Where ``descriptor`` was declared, None if that is not known. Its comment is the one before it,
        or else the one behind it, without the marks of a comment and the spaces all lines begin with."""
        number = self._database.numbers.get(file_of(descriptor).name)
        return None if number is None else self._file(number).get(_path(descriptor))

    def clear(self) -> None:
        """Forget what was read."""
        self._files.clear()

    def _file(self, number: int) -> dict[tuple[int, ...], Source]:
        if (known := self._files.get(number)) is not None:
            self._files.move_to_end(number)
            return known
        info = SourceCodeInfo.FromString(self._database.pack.source_info(number))
        made = {}
        for location in info.location:
            text = location.leading_comments or location.trailing_comments
            line, column = location.span[:2] if len(location.span) > 1 else (0, 0)
            made[tuple(location.path)] = Source(_plain(text), line + 1, column + 1)
        self._files[number] = made
        if len(self._files) > _KEPT:
            self._files.popitem(last=False)
        return made


def _plain(text: str) -> str:
    lines = text.strip("\n").split("\n")
    filled = [line for line in lines if line.strip()]
    indent = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
    return "\n".join(line[indent:].rstrip() for line in lines).strip()


def file_of(descriptor: Any) -> Any:
    """The file that declares what is described."""
    owner = descriptor
    while not hasattr(owner, "file"):  # methods, oneofs and values of enums have none of their own
        for above in ("containing_service", "containing_type", "type"):
            if hasattr(owner, above):
                owner = getattr(owner, above)
                break
    return owner.file


def _path(descriptor: Any) -> tuple[int, ...]:
    kind = type(descriptor).__name__
    if kind == "MethodDescriptor":
        return (*_path(descriptor.containing_service), _SERVICE_METHODS, descriptor.index)
    if kind == "ServiceDescriptor":
        return (_FILE_SERVICES, descriptor.index)
    if kind == "EnumValueDescriptor":
        return (*_path(descriptor.type), _ENUM_VALUES, descriptor.index)
    if kind == "OneofDescriptor":
        return (*_path(descriptor.containing_type), _NESTED_ONEOFS, descriptor.index)
    if kind == "FieldDescriptor" and not descriptor.is_extension:
        return (*_path(descriptor.containing_type), _NESTED_FIELDS, descriptor.index)
    if kind == "FieldDescriptor":
        outer, nested, top = descriptor.extension_scope, _NESTED_EXTENSIONS, _FILE_EXTENSIONS
        at = descriptor.index
    else:
        outer = descriptor.containing_type
        enum = kind == "EnumDescriptor"
        nested, top = (_NESTED_ENUMS, _FILE_ENUMS) if enum else (_NESTED_MESSAGES, _FILE_MESSAGES)
        # Messages and enums do not know their own place in what declares them.
        if outer is None:
            owner = descriptor.file
            siblings = owner.enum_types_by_name if enum else owner.message_types_by_name
        else:
            siblings = outer.enum_types_by_name if enum else outer.nested_types_by_name
        at = list(siblings).index(descriptor.name)
    if outer is None:
        return (top, at)
    return (*_path(outer), nested, at)
