"""The JSON Schema of the settings file, for editors (``mockforge config schema``).

It accepts what the loader accepts, as far as a schema can say it: cross-checks between settings and
the existence of files are the loader's alone.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

import msgspec
from msgspec import inspect as mi

from mockforge.config.file import PROFILES, SCHEMA_KEY
from mockforge.config.kinds import (
    Kind,
    bare,
    choices,
    description,
    members,
    nullable,
    plain,
    summary,
)
from mockforge.config.model import SettingsModel

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NUMBER_LIMITS: Final = (
    ("ge", "minimum"),
    ("gt", "exclusiveMinimum"),
    ("le", "maximum"),
    ("lt", "exclusiveMaximum"),
    ("multiple_of", "multipleOf"),
)


def json_schema(model: SettingsModel) -> dict[str, Any]:
    """The schema of a whole settings file, draft 2020-12."""
    definitions: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    partial: dict[str, Any] = {}
    for name, section in model.sections.items():
        definitions[name] = _struct(section.struct, section.default, partial=False)
        whole[name] = {"$ref": f"#/$defs/{name}"}
        partial[name] = whole[name]
        in_profile = _struct(section.struct, section.default, partial=True)
        if in_profile != definitions[name]:
            definitions[f"{name}-in-profile"] = in_profile
            partial[name] = {"$ref": f"#/$defs/{name}-in-profile"}
    for name, owner in model.absent.items():
        reader = f"Read by {owner}, which is not installed." if owner else "Its plugin is left out."
        whole[name] = partial[name] = {"description": reader}
    definitions["profile"] = {
        "type": ["object", "null"],
        "description": "Settings put over those of the file, key by key, when the profile is chosen.",
        "properties": partial,
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": "Settings of MockForge",
        "type": ["object", "null"],
        "properties": {
            SCHEMA_KEY: {"description": "For editors; not read."},
            **whole,
            PROFILES: {
                "type": ["object", "null"],
                "description": "Named variants, chosen with --profile or MOCKFORGE_PROFILE.",
                "additionalProperties": {"$ref": "#/$defs/profile"},
            },
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def _struct(
    kind: mi.StructType, default: msgspec.Struct | None, *, partial: bool
) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    if kind.tag is not None:
        properties[str(kind.tag_field)] = {"const": kind.tag}
        required += [] if partial else [str(kind.tag_field)]
    for field in kind.fields:
        value = getattr(default, field.name) if type(default) is kind.cls else _own_default(field)
        properties[field.encode_name] = _field(field.type, value, partial=partial)
        # What the default of the section brings is not missing where it is left out.
        if field.required and not partial and type(default) is not kind.cls:
            required.append(field.encode_name)
    schema: dict[str, Any] = {
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }
    if text := summary(kind):
        schema["description"] = text
    if required:
        schema["required"] = required
        schema["type"] = "object"
    return schema


def _own_default(field: mi.Field) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _field(kind: Kind, default: Any, *, partial: bool) -> dict[str, Any]:
    schema = _schema(kind, default, partial=partial)
    if text := description(kind):
        schema = {**schema, "description": text}
    is_group = isinstance(default, msgspec.Struct)
    if default is not msgspec.NODEFAULT and not is_group:
        schema["default"] = plain(default)
    return schema


def _schema(kind: Kind, default: Any, *, partial: bool) -> dict[str, Any]:
    kind = bare(kind)
    match kind:
        case mi.UnionType():
            return _union(kind, default, partial=partial)
        case mi.StructType():
            return _struct(kind, default, partial=partial)
        case mi.NoneType():
            return {"type": "null"}
        case mi.BoolType():
            return {"type": "boolean"}
        case mi.IntType():
            return {"type": "integer", **_number_limits(kind)}
        case mi.FloatType():
            return {"type": "number", **_number_limits(kind)}
        case mi.StrType():
            limits = {
                "minLength": kind.min_length,
                "maxLength": kind.max_length,
                "pattern": kind.pattern,
            }
            return {"type": "string", **_given(limits)}
        case mi.LiteralType() | mi.EnumType():
            return {"enum": list(choices(kind))}
        case mi.CustomType(cls=cls):
            return _custom(cls)
        case mi.DictType():
            limits = {"minProperties": kind.min_length, "maxProperties": kind.max_length}
            below = _schema(kind.value_type, None, partial=partial)
            names = _schema(kind.key_type, None, partial=False)
            return {
                "type": "object",
                "propertyNames": names,
                "additionalProperties": below,
                **_given(limits),
            }
        case mi.ListType() | mi.VarTupleType() | mi.SetType() | mi.FrozenSetType():
            limits = {"minItems": kind.min_length, "maxItems": kind.max_length}
            items = _schema(kind.item_type, None, partial=False)
            return {"type": "array", "items": items, **_given(limits)}
        case _:
            return {}


def _union(kind: mi.UnionType, default: Any, *, partial: bool) -> dict[str, Any]:
    schemas = [_schema(member, default, partial=partial) for member in members(kind)]
    if nullable(kind):
        if len(schemas) == 1 and isinstance(schemas[0].get("type"), str):
            return {**schemas[0], "type": [schemas[0]["type"], "null"]}
        if len(schemas) == 1 and "null" in schemas[0].get("type", ()):
            return schemas[0]
        schemas.append({"type": "null"})
    flat: list[dict[str, Any]] = []
    for schema in schemas:
        if schema.get("type") == ["object", "null"]:
            schema = {**schema, "type": "object"}  # among several, null is not an empty section
        flat += schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return {"anyOf": flat}


def _custom(cls: Any) -> dict[str, Any]:
    if describe := getattr(cls, "json_schema", None):
        described: dict[str, Any] = describe()
        return described
    if issubclass(cls, PurePath):
        return {"type": "string", "minLength": 1, "pattern": r"^[^\u0000]*$"}
    return {}


def _number_limits(kind: mi.IntType | mi.FloatType) -> dict[str, Any]:
    return _given({name: getattr(kind, limit) for limit, name in _NUMBER_LIMITS})


def _given(limits: dict[str, Any]) -> dict[str, Any]:
    return {name: limit for name, limit in limits.items() if limit is not None}
