"""One wording for all dialects: a schema object read as JSON Schema 2020-12, one level at a time.

Also drops what is malformed (``minLength: "3"``, the ``required: true`` of draft 3): saying so is
the business of ``lint``, and whoever reads a schema after this can rely on the types below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from mockforge.mocking.data.model import Dialect


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _size(value: Any) -> bool:
    return _number(value) and value >= 0 and int(value) == value


def _schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_schema, value))


def _named(value: Any) -> bool:
    return isinstance(value, dict)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _types(value: Any) -> bool:
    known = {"object", "array", "string", "number", "integer", "boolean", "null"}
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in known for name in names)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _array(value: Any) -> bool:
    return isinstance(value, list)


def _anything(value: Any) -> bool:
    return True


WELL_FORMED: Final[dict[str, Callable[[Any], bool]]] = {
    "$ref": _text,
    "$dynamicRef": _text,
    "$id": _text,
    "$dynamicAnchor": _text,
    "title": _text,
    "type": _types,
    "enum": _array,
    "const": _anything,
    "default": _anything,
    "examples": _array,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "multipleOf": _positive,
    "minLength": _size,
    "maxLength": _size,
    "pattern": _text,
    "format": _text,
    "contentEncoding": _text,
    "contentMediaType": _text,
    "minItems": _size,
    "maxItems": _size,
    "uniqueItems": _flag,
    "prefixItems": _schemas,
    "items": _schema,
    "contains": _schema,
    "minContains": _size,
    "maxContains": _size,
    "unevaluatedItems": _schema,
    "properties": _named,
    "patternProperties": _named,
    "additionalProperties": _schema,
    "unevaluatedProperties": _schema,
    "propertyNames": _schema,
    "required": _names,
    "minProperties": _size,
    "maxProperties": _size,
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_names, value.values())),
    "dependentSchemas": _named,
    "allOf": _schemas,
    "anyOf": _schemas,
    "oneOf": _schemas,
    "not": _schema,
    "if": _schema,
    "then": _schema,
    "else": _schema,
    "discriminator": lambda value: (
        isinstance(value, dict) and isinstance(value.get("propertyName"), str)
    ),
    "readOnly": _flag,
    "writeOnly": _flag,
}
"""The keywords that are understood, each with the test its value has to pass."""

_NAMED: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})


def normalise(schema: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """``schema`` in the wording of 2020-12, with only the keywords of :data:`WELL_FORMED`.

    Schemas inside it are left as they are. In OpenAPI 2.0 and 3.0 and in draft-07 a ``$ref`` stands alone
    (OpenAPI 3.0.3, Reference Object; JSON Schema draft-07 core, section 8.3); ``nullable`` needs a ``type``
    beside it (OpenAPI 3.0.3, Schema Object).
    """
    legacy = dialect != "2020-12"
    if legacy and isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}
    plain = dict(schema)
    for keyword, translate in _LEGACY.items():
        if keyword in schema:
            translate(plain, schema[keyword], dialect)
    for keyword in _NAMED & plain.keys():
        if isinstance(plain[keyword], dict):
            plain[keyword] = {name: item for name, item in plain[keyword].items() if _schema(item)}
    return {
        keyword: value
        for keyword, value in plain.items()
        if keyword in WELL_FORMED and WELL_FORMED[keyword](value)
    }


def _exclusive(bound: str, keyword: str) -> Callable[[dict[str, Any], Any, Dialect], None]:
    """Draft 4: ``exclusiveMinimum: true`` qualifies ``minimum``."""

    def translate(plain: dict[str, Any], value: Any, _dialect: Dialect) -> None:
        if value is True and bound in plain:
            plain[keyword] = plain.pop(bound)
        elif isinstance(value, bool):
            del plain[keyword]

    return translate


def _nullable(plain: dict[str, Any], value: Any, dialect: Dialect) -> None:
    kind = plain.get("type")
    if value is True and dialect == "oas3.0" and isinstance(kind, str):
        plain["type"] = [kind, "null"]


def _file(plain: dict[str, Any], value: Any, dialect: Dialect) -> None:
    """OpenAPI 2.0: the answer is a file."""
    if value == "file" and dialect == "oas2":
        plain["type"] = "string"
        plain.setdefault("format", "binary")


def _tuple(plain: dict[str, Any], value: Any, _dialect: Dialect) -> None:
    """Draft 4 to 2019-09: ``items`` as a list, and ``additionalItems`` for what follows it."""
    if isinstance(value, list):
        plain["prefixItems"] = value
        plain.pop("items", None)
        if "additionalItems" in plain:
            plain["items"] = plain["additionalItems"]


def _dependencies(plain: dict[str, Any], value: Any, dialect: Dialect) -> None:
    if isinstance(value, dict) and dialect != "2020-12":
        names = {name: item for name, item in value.items() if isinstance(item, list)}
        plain["dependentRequired"] = {**names, **plain.get("dependentRequired", {})}
        schemas = {name: item for name, item in value.items() if not isinstance(item, list)}
        plain["dependentSchemas"] = {**schemas, **plain.get("dependentSchemas", {})}


def _example(plain: dict[str, Any], value: Any, _dialect: Dialect) -> None:
    """OpenAPI's ``example`` goes before the list that JSON Schema has."""
    others = plain.get("examples")
    plain["examples"] = [value, *(others if isinstance(others, list) else [])]


def _discriminator(plain: dict[str, Any], value: Any, _dialect: Dialect) -> None:
    """OpenAPI 2.0: just the name of the property."""
    if isinstance(value, str):
        plain["discriminator"] = {"propertyName": value}


_LEGACY: Final[dict[str, Callable[[dict[str, Any], Any, Dialect], None]]] = {
    "type": _file,
    "nullable": _nullable,
    "exclusiveMinimum": _exclusive("minimum", "exclusiveMinimum"),
    "exclusiveMaximum": _exclusive("maximum", "exclusiveMaximum"),
    "items": _tuple,
    "dependencies": _dependencies,
    "example": _example,
    "discriminator": _discriminator,
}
