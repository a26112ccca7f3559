"""Message types of one schema, and what converts them; each is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from mockforge.errors import Place
from mockforge.nearest import nearest

from . import wire
from .errors import MalformedMessageError, MessageError
from .jsonform import check, make_printer, make_reader
from .jsonform.printing import CAMEL, DEFAULTS
from .jsonform.wellknown import require_all
from .options import Options

if TYPE_CHECKING:
    from google.protobuf.descriptor import (
        Descriptor,
        DescriptorBase,
        FieldDescriptor,
        FileDescriptor,
    )
    from google.protobuf.descriptor_pool import DescriptorPool

    from .database import Database
    from .jsonform import Printer, Reader


_MOST_COMPARED: Final = 1000


class MessageType:
    """A message type of one schema."""

    __slots__ = ("_class", "_printers", "_reader", "_types", "descriptor", "full_name")

    def __init__(self, types: TypeTable, descriptor: Descriptor) -> None:
        self._types = types
        self.descriptor = descriptor
        self.full_name: str = descriptor.full_name
        self._class = GetMessageClass(descriptor)
        self._printers: list[Printer | None] = [None] * (CAMEL + DEFAULTS + 1)
        self._reader: Reader | None = None

    def __repr__(self) -> str:
        return f"<MessageType {self.full_name}>"

    def new(self) -> Message:
        """An empty message."""
        return self._class()

    def parse(self, data: bytes) -> Message:
        """The message in ``data``; MalformedMessageError."""
        try:
            return self._class.FromString(data)
        except DecodeError as error:
            raise MalformedMessageError(
                f"{len(data)} bytes are no {self.full_name}: {error}"
            ) from None

    def to_json(self, message: Message, *, camel: bool = False, defaults: bool = False) -> Any:
        """The proto3 JSON form as plain values, with the names of the .proto file (``camel``: in
        lowerCamelCase). ``defaults`` adds fields without presence that have their default value.

        64-bit integers are texts, bytes base64, enums their names; a ``google.protobuf.Timestamp`` is a
        text and so on. MalformedMessageError if a text in it (of proto2) is not UTF-8."""
        try:
            return self.printer(camel * CAMEL + defaults * DEFAULTS)(message)
        except UnicodeDecodeError as error:
            raise MalformedMessageError(
                f"a text in this {self.full_name} is not UTF-8: {error.reason}"
            ) from None

    def from_json(self, value: Any, *, place: Place | None = None) -> Message:
        """The message that ``value`` stands for, its names in either spelling; MessageError for the
        first thing wrong, with ``place``."""
        message = self._class()
        try:
            self.reader().fill(message, value, 0)
            require_all(message)
        except MessageError as error:
            error.place = place
            raise
        return message

    def checked(self, value: Any, *, place: Place | None = None) -> list[MessageError]:
        """All that is wrong with ``value``, where every text with a template in it is taken as right.
        Nothing about fields that are missing."""
        found = list(check(self._types, self.descriptor, value))
        for error in found:
            error.place = place
        return found

    def printer(self, style: int) -> Printer:
        """What makes the JSON form in a style."""
        if (made := self._printers[style]) is None:
            made = self._printers[style] = make_printer(self._types, self.descriptor, style)
        return made

    def reader(self) -> Reader:
        """What fills messages from their JSON form."""
        if self._reader is None:
            self._reader = make_reader(self._types, self.descriptor)
        return self._reader


class TypeTable:
    """The message types that were used, by name, at most as many as there are in the pool."""

    def __init__(self, pool: DescriptorPool, database: Database) -> None:
        self.pool = pool
        self.options = Options(pool)
        self._database = database
        self._types: dict[str, MessageType] = {}
        self._texts_only: dict[str, bool] = {}

    def get(self, full_name: str) -> MessageType | None:
        """By full name, None if there is none."""
        if (known := self._types.get(full_name)) is not None:
            return known
        descriptor = self.descriptor(full_name)
        return None if descriptor is None else self.of(descriptor)

    def of(self, descriptor: Descriptor) -> MessageType:
        """The type that ``descriptor`` describes, which must be of this pool."""
        if (known := self._types.get(descriptor.full_name)) is None:
            known = self._types[descriptor.full_name] = MessageType(self, descriptor)
        return known

    def clear(self) -> None:
        """Forget them all."""
        self._types.clear()

    # What converters ask (jsonform.registry.Types).

    def descriptor(self, full_name: str) -> Descriptor | None:
        """A message type by name."""
        try:
            # An unknown name with odd characters is looked up like any other.
            return self.pool.FindMessageTypeByName(full_name)
        except KeyError:
            return None

    def printer(self, descriptor: Descriptor, style: int) -> Printer:
        """What makes the JSON form of messages of a type."""
        return self.of(descriptor).printer(style)

    def reader(self, descriptor: Descriptor) -> Reader:
        """What fills messages of a type from their JSON form."""
        return self.of(descriptor).reader()

    def new(self, descriptor: Descriptor) -> Message:
        """An empty message."""
        return self.of(descriptor).new()

    def extension(self, full_name: str) -> FieldDescriptor | None:
        """An extension by name."""
        try:
            return self.pool.FindExtensionByName(full_name)
        except KeyError:
            return None

    def has_texts_only(self, file: FileDescriptor) -> bool:
        """Whether every text field of the file's messages is known to hold UTF-8: so it is in proto3."""
        if (known := self._texts_only.get(file.name)) is None:
            known = self._texts_only[file.name] = wire.is_proto3(file.serialized_pb)
        return known

    def names(self) -> Iterable[str]:
        """Names of what stands outside of messages: messages, enums, services, extensions."""
        return self._database.pack.index.symbols

    def nearest_type(self, full_name: str) -> str | None:
        """The name most like ``full_name``, among those of its package and those that are the same but for
        the package."""
        package, _, name = full_name.rpartition(".")
        same = (each for each in self.names() if each.rpartition(".")[0] == package)
        if (close := nearest(full_name, islice(same, _MOST_COMPARED))) is not None:
            return close
        wanted = name.lower()
        return next(
            (each for each in self.names() if each.rpartition(".")[2].lower() == wanted), None
        )

    def option(self, descriptor: DescriptorBase, extension: str) -> Any:
        """The value of an option."""
        return self.options.get(descriptor, extension)
