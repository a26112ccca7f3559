"""The types of ``google.protobuf`` that JSON and clients take for more than their fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.runtime import Context
from mockforge.mocking.data.texts import phrase, pick

from .times import duration_maker, set_nanos, timestamp_maker

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool

    from .fields import Fields
    from .plans import Fill
    from .rules import FieldRules

_GOOGLE: Final = "google.protobuf."
_WRAPPERS: Final = frozenset(
    f"{name}Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
_PATH: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*$")
"""Names that JSON can spell in camel case and get back."""
_PREFIX: Final = "type.googleapis.com/"
_LEAVES: Final = ("StringValue", "Timestamp", "Duration", "Empty")


class WellKnown:
    """Fillers for well-known types in one pool."""

    def __init__(self, pool: DescriptorPool, fields: Fields) -> None:
        self._pool = pool
        self._fields = fields

    def filler(
        self, descriptor: Descriptor, name: str, rules: FieldRules, field: FieldDescriptor | None
    ) -> Fill | None:
        """What fills a message of a well-known type under ``name``; ``None`` for all other types."""
        if not descriptor.full_name.startswith(_GOOGLE):
            return None
        kind = descriptor.name
        full_name = descriptor.full_name if field is None else field.full_name
        if kind == "Timestamp":
            return _times(timestamp_maker(rules.of("timestamp"), name, full_name))
        if kind == "Duration":
            return _times(duration_maker(rules.of("duration"), name, full_name))
        if kind in _WRAPPERS:
            return self._wrapper(descriptor.fields_by_name["value"], name, rules)
        if kind == "FieldMask":
            return _field_mask(rules.of("field_mask"), field)
        if kind == "Any":
            return self._any(
                rules.of("any").get("in", ()), rules.of("any").get("not_in", ()), field
            )
        return _JSON.get(kind)

    def _wrapper(self, value: FieldDescriptor, name: str, rules: FieldRules) -> Fill:
        make = self._fields.value_maker(value, rules, name=name)

        def fill(message: Any, context: Context) -> None:
            message.value = make(context)

        return fill

    def _any(
        self, allowed: list[str], banned: list[str], field: FieldDescriptor | None
    ) -> Fill | None:
        candidates = self._candidates(allowed, field)
        urls = [url for url in candidates if url not in banned]
        if not urls:
            return _nothing

        def fill(message: Any, context: Context) -> None:
            from google.protobuf.message_factory import GetMessageClass

            url = urls[int(context.random() * len(urls))]
            descriptor = candidates[url]
            inner = GetMessageClass(descriptor)()
            self._fields.filler(descriptor, "value", _no_rules(), None)(inner, context)
            message.type_url, message.value = url, inner.SerializeToString(deterministic=True)

        return fill

    def _candidates(
        self, allowed: list[str], field: FieldDescriptor | None
    ) -> dict[str, Descriptor]:
        """By type URL, the types that an Any may hold: those the rules name, or those of its own file that
        hold scalars only, or else the plainest of google.protobuf."""
        if allowed:
            named = {url: self._found(url.rpartition("/")[2]) for url in allowed}
            return {url: found for url, found in named.items() if found is not None}
        near: list[Descriptor] = []
        if field is not None and field.containing_type is not None:
            near = [
                message
                for message in field.containing_type.file.message_types_by_name.values()
                if message.fields and all(each.message_type is None for each in message.fields)
            ]
        found = near or [
            known for name in _LEAVES if (known := self._found(f"{_GOOGLE}{name}")) is not None
        ]
        return {f"{_PREFIX}{each.full_name}": each for each in found}

    def _found(self, full_name: str) -> Descriptor | None:
        try:
            return self._pool.FindMessageTypeByName(full_name)
        except KeyError:
            return None


def _no_rules() -> FieldRules:
    from .rules import FieldRules

    return FieldRules()


def _times(make: Callable[[Context], int]) -> Fill:
    def fill(message: Any, context: Context) -> None:
        set_nanos(message, make(context))

    return fill


def _field_mask(rules: Any, field: FieldDescriptor | None) -> Fill:
    chosen = rules.get("const", {}).get("paths")
    if chosen is not None:
        return lambda message, _context: message.paths.extend(chosen)
    banned = rules.get("not_in", ())
    names = list(rules.get("in", ()))
    if not names and field is not None and field.containing_type is not None:
        names = [each.name for each in field.containing_type.fields if each is not field]
    paths = [name for name in names if _PATH.match(name) and name not in banned] or ["name"]

    def fill(message: Any, context: Context) -> None:
        message.paths.append(paths[int(context.random() * len(paths))])

    return fill


def _nothing(_message: Any, _context: Context) -> None:
    """Leave it empty."""


def _struct(message: Any, context: Context) -> None:
    context.nodes += 2
    for name in ("name", "label"):
        message.fields[name].string_value = phrase(context)


def _value(message: Any, context: Context) -> None:
    message.string_value = phrase(context)


def _list_value(message: Any, context: Context) -> None:
    context.nodes += 2
    for _ in range(2):
        message.values.add().string_value = pick("word")(context)


_JSON: Final[dict[str, Fill]] = {
    "Struct": _struct,
    "Value": _value,
    "ListValue": _list_value,
    "Empty": _nothing,
}
