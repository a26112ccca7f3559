"""Schemas that can be satisfied, for property tests: each is built around a value it accepts.

The value is drawn first, then keywords that hold for it, in any combination and nesting. So every
schema drawn here has at least one solution, however many keywords were put together.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]

PATTERNS = (
    (r"^[a-z]+$", ("abc", "harbor")),
    (r"^[A-Z]{2,3}-\d{2,4}$", ("AB-12", "XYZ-4096")),
    (r"\d", ("a1", "2024", "x-9-y")),
    (r"^(red|green|blue)$", ("red", "green")),
    (r"^(?=.*[0-9])[a-z0-9]{4,8}$", ("abc1", "9zzz")),
    (r"^\S+@\S+$", ("a@b", "who@where")),
    (r"^#[0-9a-fA-F]{6}$", ("#00ff7F",)),
    (r"^(?!x)[a-z]{2,6}$", ("abc", "yx")),
)
FORMATS = (
    "date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid",
    "json-pointer", "regex", "byte", "password", "no-such-format",
)  # fmt: skip
NAMES = ("id", "name", "email", "tags", "x1", "x2", "createdAt", "address", "a/b~c", "value")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.integers(-(2**40), 2**40),
    st.integers(-400, 400).map(lambda number: number / 4),
    st.sampled_from([text for _, texts in PATTERNS for text in texts]),
    st.text("abc -XYZ\u00e9\U0001f600", max_size=12),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    ),
    max_leaves=8,
)


def kind(value: Any) -> str:
    """The name that ``type`` has for it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def same(first: Any, second: Any) -> bool:
    """Equality of JSON values."""
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    return bool(first == second)


class Builder:
    """Draws schemas for one root. ``modern``: all keywords of 2020-12; else those of OpenAPI 3.0."""

    def __init__(self, draw: st.DrawFn, *, modern: bool) -> None:
        self.draw = draw
        self.modern = modern
        self.definitions: dict[str, Schema] = {}

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == 1

    def accepting(self, value: Any, depth: int = 3) -> Schema:
        """A schema that accepts ``value``."""
        schema: Schema = {}
        if (value is None and not self.modern) or not self.chance(6):
            schema["type"] = self.type_of(value)
        if self.chance(10):
            others = [other for other in ("other", 7, None) if not same(other, value)]
            if self.modern and self.chance(2):
                schema["const"] = value
            else:
                schema["enum"] = self.draw(st.permutations([value, *others]))
            if value is None and not self.modern:
                schema["nullable"] = True
        else:
            schema.update(self.by_type(value, depth))
        if depth > 0 and self.chance(3):
            schema.update(self.combined(value, depth))
        if depth > 0 and self.chance(5):
            return self.referred(schema)
        return schema

    def type_of(self, value: Any) -> Any:
        name = kind(value)
        if name == "integer" and self.chance(3):
            name = "number"
        if self.modern and self.chance(4):
            return sorted({name, self.draw(st.sampled_from(["string", "array", "null"]))})
        return name if name != "null" or self.modern else "string"

    def by_type(self, value: Any, depth: int) -> Schema:
        if isinstance(value, bool) or value is None:
            return {} if value is not None or self.modern else {"nullable": True}
        if isinstance(value, int | float):
            return self.number(value)
        if isinstance(value, str):
            return self.text(value)
        return self.array(value, depth) if isinstance(value, list) else self.object(value, depth)

    def number(self, value: float) -> Schema:
        schema: Schema = {}
        gap = self.draw(st.sampled_from([0, 0.5, 1, 10, 1000]))
        side = self.draw(st.sampled_from(["", "low", "high", "both"]))
        if side in ("low", "both"):
            self.bound(schema, "minimum", "exclusiveMinimum", value - gap, open_=gap > 0)
        if side in ("high", "both"):
            self.bound(schema, "maximum", "exclusiveMaximum", value + gap, open_=gap > 0)
        steps = [step for step in (1, 2, 5, 0.25, 0.5) if (value / step).is_integer()]
        if steps and self.chance(4):
            schema["multipleOf"] = self.draw(st.sampled_from(steps))
        return schema

    def bound(
        self, schema: Schema, plain: str, exclusive: str, bound: float, *, open_: bool
    ) -> None:
        if not open_ or not self.chance(3):
            schema[plain] = bound
        elif self.modern:
            schema[exclusive] = bound
        else:
            schema[plain], schema[exclusive] = bound, True

    def text(self, value: str) -> Schema:
        schema: Schema = {}
        matching = [pattern for pattern, _ in PATTERNS if re.search(pattern, value)]
        if matching and self.chance(2):
            schema["pattern"] = self.draw(st.sampled_from(matching))
        elif self.chance(3):
            schema["format"] = self.draw(st.sampled_from(FORMATS))
        if self.chance(3):
            schema["minLength"] = max(0, len(value) - self.draw(st.integers(0, 5)))
        if self.chance(3):
            schema["maxLength"] = len(value) + self.draw(st.integers(0, 5))
        if self.modern and self.chance(8):
            schema["contentEncoding"] = "base64"
        return schema

    def array(self, value: list[Any], depth: int) -> Schema:
        schema: Schema = {}
        if self.modern and value and self.chance(3):
            count = self.draw(st.integers(1, len(value)))
            schema["prefixItems"] = [self.accepting(item, depth - 1) for item in value[:count]]
            if count == len(value) and self.chance(2):
                closing = self.draw(st.sampled_from(["items", "unevaluatedItems"]))
                schema[closing] = False
        elif value and self.chance(2):
            first = value[0]
            if all(same(first, item) for item in value[1:]):
                schema["items"] = self.accepting(first, depth - 1)
            elif self.modern:
                schema["items"] = {"anyOf": [self.accepting(item, depth - 1) for item in value]}
        if value and self.modern and self.chance(3):
            schema["contains"] = self.accepting(self.draw(st.sampled_from(value)), depth - 1)
            if self.chance(4):
                schema["minContains"] = 0
        if self.chance(3):
            schema["minItems"] = max(0, len(value) - self.draw(st.integers(0, 2)))
        if self.chance(3):
            schema["maxItems"] = len(value) + self.draw(st.integers(0, 2))
        distinct = all(
            not same(item, other) for at, item in enumerate(value) for other in value[:at]
        )
        if distinct and self.chance(4):
            schema["uniqueItems"] = True
        return schema

    def object(self, value: dict[str, Any], depth: int) -> Schema:
        schema: Schema = {}
        named = [name for name in value if not self.chance(5)]
        schema["properties"] = {name: self.accepting(value[name], depth - 1) for name in named}
        for name in NAMES:
            if name not in value and self.chance(8):
                schema["properties"][name] = self.accepting(self.draw(scalars), 0)
        required = [name for name in value if self.chance(2)]
        if required:
            schema["required"] = required
        unnamed = [name for name in value if name not in schema["properties"]]
        if not unnamed and self.chance(3):
            schema[self.closing()] = False
        elif self.chance(4):
            schema["additionalProperties"] = {
                "anyOf": [self.accepting(value[name], 0) for name in unnamed] or [{}, {}]
            }
        if self.chance(4):
            schema["minProperties"] = max(0, len(value) - self.draw(st.integers(0, 1)))
        if self.chance(4):
            schema["maxProperties"] = len(value) + self.draw(st.integers(0, 2))
        if self.modern:
            self.modern_object(schema, value, depth)
        return schema

    def closing(self) -> str:
        choices = ["additionalProperties", "unevaluatedProperties"]
        return self.draw(st.sampled_from(choices[: 1 + self.modern]))

    def modern_object(self, schema: Schema, value: dict[str, Any], depth: int) -> None:
        if self.chance(5):
            matching = [value[name] for name in value if re.search("^x", name)]
            schema["patternProperties"] = {"^x": {"anyOf": [self.accepting(m, 0) for m in matching]}
                                           if matching else {"type": "string"}}  # fmt: skip
        if self.chance(6):
            schema["propertyNames"] = {"minLength": min(map(len, value), default=0)}
        if len(value) > 1 and self.chance(5):
            first, second = list(value)[:2]
            schema["dependentRequired"] = {first: [second]}
        if value and self.chance(6):
            name = self.draw(st.sampled_from(sorted(value)))
            schema["dependentSchemas"] = {name: self.accepting(value, depth - 2)}

    def combined(self, value: Any, depth: int) -> Schema:
        keyword = self.draw(
            st.sampled_from(["allOf", "anyOf", "oneOf", "not", *(["if"] * self.modern)])
        )
        if keyword == "allOf":
            return {"allOf": [self.accepting(value, depth - 2) for _ in range(2)]}
        if keyword == "not":
            return {"not": self.rejecting(value)}
        if keyword == "if":
            if self.chance(2):
                return {"if": self.accepting(value, 0), "then": self.accepting(value, depth - 2)}
            return {"if": self.rejecting(value), "else": self.accepting(value, depth - 2)}
        good = self.accepting(value, depth - 2)
        bad = [self.rejecting(value) for _ in range(self.draw(st.integers(1, 2)))]
        return {keyword: self.draw(st.permutations([good, *bad]))}

    def rejecting(self, value: Any) -> Schema:
        """A schema that does not accept ``value``."""
        others = [name for name in ("string", "array", "object", "boolean") if name != kind(value)]
        ways: list[Schema] = [
            {"type": self.draw(st.sampled_from(others))},
            {"enum": [other for other in (0, "zero", True, [1]) if not same(other, value)]},
        ]
        if isinstance(value, int | float) and not isinstance(value, bool):
            ways += [{"minimum": value + 1}, {"maximum": value - 1}]
        elif isinstance(value, str):
            ways += [{"minLength": len(value) + 1}, {"type": "string", "pattern": "^q+$"}]
        elif isinstance(value, list):
            ways += [{"minItems": len(value) + 1}, {"type": "array", "contains": {"const": "never"}}
                     if self.modern else {"minItems": len(value) + 2}]  # fmt: skip
        elif isinstance(value, dict):
            ways += [{"required": ["absent"]}, {"minProperties": len(value) + 1}]
            if value:
                name = self.draw(st.sampled_from(sorted(value)))
                ways.append({"required": [name], "properties": {name: self.rejecting(value[name])}})
        return self.draw(st.sampled_from(ways))

    def referred(self, schema: Schema) -> Schema:
        name = f"def{len(self.definitions)}"
        self.definitions[name] = schema
        if self.modern:
            return {"$ref": f"#/$defs/{name}"}
        return {"$ref": f"#/definitions/{name}"}


@st.composite
def satisfiable(draw: st.DrawFn, *, modern: bool) -> Schema:
    """A schema document: the schema and, under ``$defs`` (``definitions``), what it refers to."""
    builder = Builder(draw, modern=modern)
    value = draw(values)
    if value is None and not modern:
        value = "text"
    root = builder.accepting(value)
    if "$ref" in root:
        root = {"allOf": [root]}
    return {**root, "$defs" if modern else "definitions": builder.definitions}
