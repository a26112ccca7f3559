"""What the converters ask about types other than the one they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from google.protobuf.descriptor import (
        Descriptor,
        EnumDescriptor,
        EnumValueDescriptor,
        FieldDescriptor,
        FileDescriptor,
    )
    from google.protobuf.message import Message

    from .printing import Printer
    from .reading import Reader


class Types(Protocol):
    """The types of one schema."""

    def printer(self, descriptor: Descriptor, style: int) -> Printer:
        """What makes the JSON form of messages of a type."""

    def reader(self, descriptor: Descriptor) -> Reader:
        """What fills messages of a type from their JSON form."""

    def descriptor(self, full_name: str) -> Descriptor | None:
        """A message type by name."""

    def new(self, descriptor: Descriptor) -> Message:
        """An empty message."""

    def extension(self, full_name: str) -> FieldDescriptor | None:
        """An extension by name."""

    def has_texts_only(self, file: FileDescriptor) -> bool:
        """Whether every text field of the file's messages is known to hold UTF-8."""

    def nearest_type(self, full_name: str) -> str | None:
        """The message type that was probably meant."""

    def option(self, descriptor: EnumValueDescriptor, extension: str) -> Any:
        """The value of an option."""


def message_of(field: FieldDescriptor) -> Descriptor:
    """The type of a field that holds messages."""
    if field.message_type is None:
        raise TypeError(f"{field.full_name} holds no messages")
    return field.message_type


def enum_of(field: FieldDescriptor) -> EnumDescriptor:
    """The type of a field that holds enums."""
    if field.enum_type is None:
        raise TypeError(f"{field.full_name} holds no enums")
    return field.enum_type


def json_enum_names(types: Types, enum: EnumDescriptor) -> dict[int, str]:
    """By number the names that values have in JSON: their own, or what the option ``(pb.enumvalue.json)``
    says. Of several names for one number, the first."""
    names: dict[int, str] = {}
    # The option can only be there where its file is imported, and asking for options is slow.
    renamed = any("json_enumvalue" in each.name for each in enum.file.dependencies)
    for value in enum.values:
        option = types.option(value, "pb.enumvalue.json") if renamed else None
        names.setdefault(value.number, (option.string if option else "") or value.name)
    return names
