"""Readers of values that arrive as ``name=value`` fields: query parameters, cookies, properties of a form.

A reader is made once from a name, a shape and a style, and then takes the value out of the fields of each
request. ``UNSET`` means that nothing was sent for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from mockforge.mocking.malformed import MalformedError
from mockforge_http.values.deep import has_deep, leaf_value, read_deep
from mockforge_http.values.delimited import SPLITS, Decode, read_array, read_pairs, split_commas
from mockforge_http.values.fields import Claims, Fields
from mockforge_http.values.shape import Shape

Reader = Callable[[Fields], Any]

NO_CLAIMS: Final = Claims()


def field_reader(
    name: str,
    shape: Shape,
    style: str,
    *,
    explode: bool,
    decode: Decode,
    claims: Claims = NO_CLAIMS,
) -> Reader:
    """A reader for ``name``.

    ``style`` is ``form``, ``cookie``, ``spaceDelimited``, ``pipeDelimited``, ``tabDelimited`` or
    ``deepObject``; ``decode`` undoes the escapes of one value; ``claims`` are the names that an exploded
    object must leave to others.
    """
    if style == "deepObject":
        return _deep(name, shape, decode)
    if shape.object and explode and style not in SPLITS:
        return _exploded_object(name, shape, decode, claims)
    if shape.free or (shape.array and explode):
        return _repeated(name, shape, decode)
    if shape.array or shape.object:
        return _delimited(name, shape, style, decode)
    return _scalar(name, shape, decode)


def _scalar(name: str, shape: Shape, decode: Decode) -> Reader:
    convert = shape.convert

    def read(fields: Fields) -> Any:
        values = fields.get(name)
        if values is None:
            return UNSET
        if len(values) > 1:
            raise repeated(values)
        return convert(decode(values[0]))

    return read


def repeated(values: list[str]) -> MalformedError:
    """The error for several values where the schema wants one."""
    return MalformedError(
        f"is given {len(values)} times, but takes one value",
        code="repeated",
        expected="one value",
        actual=", ".join(values),
    )


def _repeated(name: str, shape: Shape, decode: Decode) -> Reader:
    def read(fields: Fields) -> Any:
        values = fields.get(name)
        return UNSET if values is None else leaf_value(values, shape, decode)

    return read


def _delimited(name: str, shape: Shape, style: str, decode: Decode) -> Reader:
    split = SPLITS.get(style, split_commas)

    def read(fields: Fields) -> Any:
        values = fields.get(name)
        if values is None:
            return UNSET
        if len(values) > 1:
            raise MalformedError(
                f"is given {len(values)} times, but takes all its values in one, delimited",
                code="repeated",
                expected="one field",
                actual=", ".join(values),
            )
        return delimited_value(values[0], shape, split, decode)

    return read


def delimited_value(
    raw: str, shape: Shape, split: Callable[[str], list[str]], decode: Decode
) -> Any:
    """``raw`` as the scalar, array or object (names and values alternating) that ``shape`` allows."""
    if shape.scalar and len(split(raw)) == 1:
        return shape.convert(decode(raw))
    if shape.object and not shape.array:
        return read_pairs(raw, split, shape, decode)
    if shape.array:
        return read_array(raw, split, shape, decode)
    return shape.convert(decode(raw))


def _exploded_object(name: str, shape: Shape, decode: Decode, claims: Claims) -> Reader:
    """Members as fields of their own: the declared ones, and others if the schema is about names that
    nobody else claims."""
    declared = shape.properties()
    open_names = shape.takes_any_name
    extra = shape.extra()
    others = shape.array or shape.scalar

    def read(fields: Fields) -> Any:
        value: dict[str, Any] = {}
        for member, member_shape in declared.items():
            values = fields.get(member)
            if values is not None:
                value[member] = leaf_value(values, member_shape, decode, (member,))
        if open_names:
            for field, values in fields.items():
                if field not in declared and field not in claims:
                    value[field] = leaf_value(values, extra, decode, (field,))
        if value:
            return value
        values = fields.get(name)
        if values is None:
            return UNSET
        if others:
            return leaf_value(values, shape, decode)
        if values == [""]:
            return {}
        raise MalformedError(
            "is an object whose members are sent as fields of their own",
            expected="&".join(f"{member}=..." for member in list(declared)[:5]) or "member=value",
            actual="&".join(f"{name}={raw}" for raw in values),
        )

    return read


def _deep(name: str, shape: Shape, decode: Decode) -> Reader:
    others = shape.array or shape.scalar
    example = next(iter(shape.properties()), "key")

    def read(fields: Fields) -> Any:
        values = fields.get(name)
        if values is None:
            value = read_deep(name, fields, shape, decode)
            return UNSET if value is None else value
        if has_deep(name, fields):
            raise MalformedError(
                f"is sent both as `{name}` and as `{name}[...]`", expected=f"{name}[{example}]=..."
            )
        if others:
            return leaf_value(values, shape, decode)
        if values == [""]:
            return {}
        raise MalformedError(
            "is an object whose members are sent in brackets",
            expected=f"{name}[{example}]=...",
            actual="&".join(f"{name}={raw}" for raw in values),
        )

    return read
