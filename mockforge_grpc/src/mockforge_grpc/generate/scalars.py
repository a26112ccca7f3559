"""Makers of scalar values: rules become a small JSON Schema, which :mod:`mockforge.mocking.data` compiles.

So texts and numbers are as plausible as those of HTTP, and what it knows of patterns and lengths holds here.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.compile import Compiler
from mockforge.mocking.data.model import DataLimits, Source, UnsatisfiableError
from mockforge.mocking.data.references import References
from mockforge.mocking.data.resolver import SchemaStore
from mockforge.mocking.data.runtime import Context, Make

from .errors import UnsatisfiableRulesError
from .strings import string_schema

if TYPE_CHECKING:
    from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

    from .rules import FieldRules

LIMITS: Final = DataLimits()

# The numbers of google.protobuf.FieldDescriptorProto.Type.
DOUBLE, FLOAT, BOOL, STRING, BYTES, ENUM = 1, 2, 8, 9, 12, 14
_INTEGERS: Final = {
    3: ("int64", "int64"), 4: ("uint64", "uint64"), 5: ("int32", "int32"), 6: ("fixed64", "uint64"),
    7: ("fixed32", "uint32"), 13: ("uint32", "uint32"), 15: ("sfixed32", "int32"),
    16: ("sfixed64", "int64"), 17: ("sint32", "int32"), 18: ("sint64", "int64"),
}  # fmt: skip
"""Types of integers: the name of their rules, and their format in JSON Schema."""
_RANGES: Final = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_UNSET: Final = ("UNSPECIFIED", "UNKNOWN", "UNSET", "INVALID", "UNDEFINED")


class Scalars:
    """Compiles makers for one schema of messages; what is alike is compiled once."""

    def __init__(self) -> None:
        references = References(SchemaStore(), "2020-12", "response")
        # Rules may hold examples: what somebody found plausible is better than what is made up.
        self._compiler = Compiler(references, LIMITS, use_examples=True)
        self._schemas: dict[str, dict[str, Any]] = {}

    @property
    def places(self) -> int:
        """How many makers were compiled."""
        return self._compiler.places

    def maker(self, schema: dict[str, Any], name: str, owner: str, field: str) -> Make:
        """A maker for ``schema`` under ``name`` in a message ``owner``; ``field`` is the full name for
        the error if there can be none."""
        # One object for equal schemas: the compiler tells them apart by identity.
        schema = self._schemas.setdefault(repr(schema), schema)
        node = self._compiler.node((Source(schema, "", ("",)),), field=name, owner=owner)
        try:
            plan = node.plan
            if plan.level < 0:
                # A contradiction: making says which.
                plan.make(Context(Random(0), LIMITS))  # noqa: S311  (raises at once)
        except UnsatisfiableError as error:
            raise UnsatisfiableRulesError(field, error.reason) from error
        return plan.make


def scalar_schema(
    field: FieldDescriptor, rules: FieldRules, *, filled: bool, usual: Mapping[str, Any]
) -> dict[str, Any]:
    """The JSON Schema of one value of ``field`` (no bytes); ``filled`` if the zero value will not do;
    ``usual`` is what its type is known for."""
    kind = field.type
    if kind == STRING:
        return string_schema(rules.of("string"), filled=filled) | dict(usual)
    if kind == BOOL:
        wanted = rules.of("bool").get("const", True if filled else None)
        return {"type": "boolean"} if wanted is None else {"const": wanted}
    if kind == ENUM:
        return {"enum": enum_numbers(field.enum_type, rules.of("enum"), filled, field.full_name)}
    if kind in (DOUBLE, FLOAT):
        name = "double" if kind == DOUBLE else "float"
        schema: dict[str, Any] = {"type": "number"}
        if kind == FLOAT:
            schema["format"] = "float"
        return schema | dict(usual) | _numeric(rules.of(name), filled)
    name, form = _INTEGERS[kind]
    return {"type": "integer", "format": form} | dict(usual) | _numeric(rules.of(name), filled)


def integer_range(kind: int) -> tuple[int, int]:
    """The range of a type of integers."""
    return _RANGES[_INTEGERS[kind][1]]


def _numeric(rules: Mapping[str, Any], filled: bool) -> dict[str, Any]:
    """Bounds; a lower bound that is above the upper one means everything but what lies between
    (protovalidate, ``gt`` and ``lt``)."""
    schema: dict[str, Any] = {}
    if "const" in rules:
        return {"const": rules["const"]}
    if rules.get("in"):
        schema["enum"] = list(rules["in"])
    elif rules.get("example"):
        schema["examples"] = list(rules["example"])
    lower = {_KEYWORDS[name]: rules[name] for name in ("gt", "gte") if name in rules}
    upper = {_KEYWORDS[name]: rules[name] for name in ("lt", "lte") if name in rules}
    if lower and upper and max(lower.values()) > min(upper.values()):
        schema["anyOf"] = [lower, upper]
    else:
        schema |= lower | upper
    banned = list(rules.get("not_in", ()))
    if filled and not _without_zero(schema, upper):
        banned.append(0)
    if banned:
        schema["not"] = {"enum": banned}
    return schema


_KEYWORDS: Final = {
    "gt": "exclusiveMinimum", "gte": "minimum", "lt": "exclusiveMaximum", "lte": "maximum",
}  # fmt: skip


def _without_zero(schema: dict[str, Any], upper: Mapping[str, Any]) -> bool:
    """Keep out the zero by a bound, where one does it."""
    if "enum" in schema or "anyOf" in schema:
        return False
    if schema.get("exclusiveMinimum", -1) >= 0 or schema.get("minimum", 0) > 0:
        return True
    if not upper or min(upper.values()) > 1:
        schema.pop("minimum", None)
        schema["exclusiveMinimum"] = 0
        return True
    return False


def enum_numbers(
    enum: EnumDescriptor | None, rules: Mapping[str, Any], filled: bool, field: str
) -> list[int]:
    """The numbers that may be given: not the one that says "unspecified" and none that is deprecated, if
    there are others."""
    if "const" in rules:
        return [rules["const"]]
    values = () if enum is None else enum.values
    banned = set(rules.get("not_in", ())) | ({0} if filled else set())
    known = {value.number: value for value in reversed(values)}
    allowed = [number for number in rules.get("in", ()) or sorted(known) if number not in banned]
    if rules.get("defined_only"):
        allowed = [number for number in allowed if number in known]
    if not allowed:
        raise UnsatisfiableRulesError(field, "none of the values is allowed")
    first = values[0].number if values else 0
    told = [
        number
        for number in allowed
        if not (number == first and number in known and known[number].name.upper().endswith(_UNSET))
    ]
    current = [number for number in told if number not in known or not _deprecated(known[number])]
    return current or told or allowed


def _deprecated(value: Any) -> bool:
    return bool(value.has_options and value.GetOptions().deprecated)
