"""Messages and enums as the schemas of an OpenAPI document: gathered as they are referred to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from mockforge_grpc.bridge.openapi.wellknown import STATUS, STATUS_SCHEMA, WELL_KNOWN
from mockforge_grpc.bridge.rules.fields import is_map

if TYPE_CHECKING:
    from google.protobuf.descriptor import (
        Descriptor,
        DescriptorBase,
        EnumDescriptor,
        FieldDescriptor,
    )

    from mockforge_grpc.schema import Schema

_INTERNAL: Final = re.compile(r"\(--.*?--\)", re.DOTALL)
_REQUIRED, _OUTPUT_ONLY, _INPUT_ONLY = 2, 3, 4
"""Numbers of ``google.api.FieldBehavior``."""


class Schemas:
    """``components`` fills with what :meth:`message` and :meth:`field` refer to."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.components: dict[str, Any] = {STATUS: STATUS_SCHEMA}
        self._open: list[tuple[str, Callable[[], dict[str, Any]]]] = []

    def comment(self, descriptor: DescriptorBase) -> str:
        """What is said of something in its file, without the parts marked as internal."""
        return _INTERNAL.sub("", self._schema.comment(descriptor)).strip()

    def message(self, message: Descriptor) -> dict[str, Any]:
        """A schema for ``message``: its own where it is well-known, else a reference."""
        known = WELL_KNOWN.get(message.full_name)
        if known is not None:
            return dict(known)
        return self._reference(message.full_name, lambda: self.object(message))

    def fill(self) -> Iterator[None]:
        """Describe all that is referred to, one at each step."""
        while self._open:
            name, make = self._open.pop()
            self.components[name] = make()
            yield
        self.components = dict(sorted(self.components.items()))

    def object(self, message: Descriptor, without: Collection[str] = ()) -> dict[str, Any]:
        """The fields of ``message`` but those ``without``."""
        made: dict[str, Any] = {"type": "object"}
        text = self.comment(message)
        if text:
            made["description"] = text
        properties: dict[str, Any] = {}
        required = []
        for field in message.fields:
            if field.name in without:
                continue
            behaviours = self._behaviours(field)
            properties[field.json_name] = self._property(field, behaviours)
            if _REQUIRED in behaviours or field.is_required:
                required.append(field.json_name)
        if properties:
            made["properties"] = properties
        if required:
            made["required"] = required
        return made

    def field(self, field: FieldDescriptor) -> dict[str, Any]:
        """A schema for the value of ``field``."""
        if is_map(field):
            assert field.message_type is not None  # noqa: S101 - maps have entries
            value = field.message_type.fields_by_name["value"]
            return {"type": "object", "additionalProperties": self.single(value)}
        if field.is_repeated:
            return {"type": "array", "items": self.single(field)}
        return self.single(field)

    def single(self, field: FieldDescriptor) -> dict[str, Any]:
        """A schema for one element of ``field``."""
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            if field.enum_type.full_name == "google.protobuf.NullValue":
                return {"type": "null"}
            enum = field.enum_type
            return self._reference(enum.full_name, lambda: self._enum(enum))
        return _scalar(field)

    def deprecated(self, descriptor: DescriptorBase) -> bool:
        """Whether something is marked so."""
        return bool(descriptor.GetOptions().deprecated)

    def _property(self, field: FieldDescriptor, behaviours: Collection[int]) -> dict[str, Any]:
        made = self.field(field)
        text = self.comment(field)
        if text:
            made["description"] = text
        if _OUTPUT_ONLY in behaviours:
            made["readOnly"] = True
        elif _INPUT_ONLY in behaviours:
            made["writeOnly"] = True
        if self.deprecated(field):
            made["deprecated"] = True
        return made

    def _behaviours(self, field: FieldDescriptor) -> Collection[int]:
        return [*(self._schema.option(field, "google.api.field_behavior") or ())]

    def _enum(self, enum: EnumDescriptor) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "string", "enum": [value.name for value in enum.values]}
        lines = [self.comment(enum)]
        for value in enum.values:
            text = " ".join(self.comment(value).split())
            if text:
                lines.append(f"- `{value.name}`: {text}")
        text = "\n".join(line for line in lines if line)
        if text:
            made["description"] = text
        return made

    def _reference(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if name not in self.components:
            self.components[name] = {}
            self._open.append((name, make))
        return {"$ref": f"#/components/schemas/{name}"}


def _scalar(field: FieldDescriptor) -> dict[str, Any]:
    kind = field.cpp_type
    if kind == field.CPPTYPE_STRING:
        if field.type == field.TYPE_BYTES:
            return {"type": "string", "contentEncoding": "base64"}
        return {"type": "string"}
    if kind == field.CPPTYPE_BOOL:
        return {"type": "boolean"}
    return dict(_NUMBERS[_KINDS[kind]])


_NUMBERS: Final[dict[str, dict[str, Any]]] = {
    "int32": {"type": "integer", "format": "int32"},
    "uint32": {"type": "integer", "format": "uint32", "minimum": 0},
    "int64": {"type": "string", "format": "int64"},
    "uint64": {"type": "string", "format": "uint64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
}
_KINDS: Final = {1: "int32", 2: "int64", 3: "uint32", 4: "uint64", 5: "double", 6: "float"}
"""Names by ``cpp_type``."""
