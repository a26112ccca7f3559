"""What ``buf.validate`` (protovalidate) and the older ``validate.rules`` (protoc-gen-validate) say of a
field, read from the options of its descriptor.

Both wordings give the same dictionaries: rules by their names, texts and numbers as they are, Duration and
Timestamp as nanoseconds, rules of items, keys and values as dictionaries again. Expressions (``cel`` and
predefined rules) are only told of: nothing here solves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

_NANOS: Final = 1_000_000_000
_TIMES: Final = frozenset({"google.protobuf.Duration", "google.protobuf.Timestamp"})
_IGNORE_ALWAYS: Final = 3
_BUF: Final = 1159
"""The number of buf.validate's extensions of FieldOptions, MessageOptions and OneofOptions."""
_PGV: Final = 1071
"""The same for validate.rules."""
_PGV_DISABLED: Final = (1071, 1072)
"""``validate.disabled`` and ``validate.ignored`` of a message."""


class FieldRules(NamedTuple):
    """The rules of one field, item, key or value."""

    kind: str = ""
    """The name of the type they are for: ``string``, ``repeated``, ``timestamp`` ..."""
    rules: Mapping[str, Any] = {}
    required: bool = False
    expressions: bool = False
    """Whether some of the rules are expressions, which are not solved."""

    def of(self, kind: str) -> Mapping[str, Any]:
        """The rules, if they are for ``kind``."""
        return self.rules if self.kind == kind else {}

    def part(self, name: str) -> FieldRules:
        """The rules of the ``items``, ``keys`` or ``values`` of the field."""
        return _rules(self.rules.get(name))


class MessageRules(NamedTuple):
    """The rules of a message as a whole."""

    disabled: bool = False
    groups: tuple[tuple[tuple[str, ...], bool], ...] = ()
    """Fields of which at most one may be set, and whether one must be."""
    expressions: bool = False


_NONE: Final = FieldRules()
_NO_RULES: Final = MessageRules()


class RuleReader:
    """Reads the rules of one pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._options = {
            name: options
            for name in ("FieldOptions", "MessageOptions", "OneofOptions")
            if (options := _options(pool, name))
        }

    @property
    def present(self) -> bool:
        """Whether the pool knows any rules at all."""
        return bool(self._options)

    def field(self, field: FieldDescriptor) -> FieldRules:
        """The rules of ``field``; empty if it has none or they are to be ignored."""
        for number, value in self._extensions("FieldOptions", field):
            if number in (_BUF, _PGV):
                return _rules(_plain(value))
        return _NONE

    def oneof_required(self, oneof: OneofDescriptor) -> bool:
        """Whether one of the fields must be set."""
        for number, value in self._extensions("OneofOptions", oneof):
            if number in (_BUF, _PGV):
                return value if isinstance(value, bool) else bool(_plain(value).get("required"))
        return False

    def message(self, message: Descriptor) -> MessageRules:
        """The rules of ``message`` itself."""
        for number, value in self._extensions("MessageOptions", message):
            if number == _BUF:
                plain = _plain(value)
                groups = tuple(
                    (tuple(group.get("fields", ())), bool(group.get("required")))
                    for group in plain.get("oneof", ())
                )
                expressions = bool(plain.get("cel") or plain.get("cel_expression"))
                return MessageRules(bool(plain.get("disabled")), groups, expressions)
            if number in _PGV_DISABLED and value is True:
                return MessageRules(disabled=True)
        return _NO_RULES

    def _extensions(self, name: str, described: Any) -> list[tuple[int, Any]]:
        known = self._options.get(name)
        if known is None or not described.has_options:
            return []
        # A private pool keeps extensions of the options as unknown fields: read again with its own type.
        options = known.FromString(described.GetOptions().SerializeToString())
        return [(field.number, value) for field, value in options.ListFields()]


def _options(pool: DescriptorPool, name: str) -> type[Message] | None:
    """The pool's own type of options, if an extension of it holds rules."""
    from google.protobuf.message_factory import GetMessageClass

    try:
        descriptor = pool.FindMessageTypeByName(f"google.protobuf.{name}")
    except KeyError:
        return None
    names = ("buf.validate.", "validate.")
    if not any(found.full_name.startswith(names) for found in pool.FindAllExtensions(descriptor)):
        return None
    return GetMessageClass(descriptor)


def _plain(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        if field.is_extension:
            # Rules that somebody predefined: expressions all of them.
            found["cel"] = True
        elif field.is_repeated:
            found[field.name] = [_value(field, each) for each in value]
        else:
            found[field.name] = _value(field, value)
    return found


def _value(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is None:
        return value
    if field.message_type.full_name in _TIMES:
        return value.seconds * _NANOS + value.nanos
    return _plain(value)


def _rules(plain: Any) -> FieldRules:
    if not isinstance(plain, dict) or plain.get("ignore") == _IGNORE_ALWAYS or plain.get("skip"):
        return _NONE
    required, cel = bool(plain.get("required")), plain.get("cel") or plain.get("cel_expression")
    for kind, rules in plain.items():
        if isinstance(rules, dict):
            if kind == "message":
                return (
                    _NONE if rules.get("skip") else FieldRules("", {}, bool(rules.get("required")))
                )
            return FieldRules(
                kind,
                rules,
                required or bool(rules.get("required")),
                bool(cel or rules.get("cel")),
            )
    return FieldRules("", {}, required, bool(cel))
