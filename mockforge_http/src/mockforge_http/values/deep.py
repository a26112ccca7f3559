"""Names with brackets: style ``deepObject`` (``color[R]=100``), and what clients send beyond it.

OpenAPI defines one level with scalar values and leaves the rest open ("the representation of array or object
properties is not defined"). Read too, because query string libraries write it: nested objects ``a[b][c]=1``,
arrays ``a[b][]=1``, ``a[b][0]=1`` and ``a[b]=1&a[b]=2``. Indices only order the items: a gap costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from mockforge.mocking.malformed import MalformedError
from mockforge_http.findings import pointer_to, shortened
from mockforge_http.values.delimited import Decode, items_of
from mockforge_http.values.fields import Fields
from mockforge_http.values.shape import Shape

MAX_DEPTH: Final = 16
_BRACKETS: Final = re.compile(r"(?:\[[^\[\]]*\])+")
_INDEX: Final = re.compile(r"[0-9]{1,9}")


class _Branch:
    """What was sent below one name: values, or members, by name."""

    __slots__ = ("members", "values")

    def __init__(self) -> None:
        self.values: list[str] = []
        self.members: dict[str, _Branch] = {}


def read_deep(name: str, fields: Fields, shape: Shape, decode: Decode) -> Any:
    """The value of all fields ``name[...]``, or ``None`` if there are none."""
    root = _Branch()
    prefix = name + "["
    for field, values in fields.items():
        if field.startswith(prefix):
            _add(root, field, _keys(field, len(name)), values)
    return _value(root, shape, decode, ()) if root.members else None


def has_deep(name: str, fields: Iterable[str]) -> bool:
    """Whether a field ``name[...]`` is there."""
    prefix = name + "["
    return any(field.startswith(prefix) for field in fields)


def group_by_root(fields: Fields) -> dict[str, Fields]:
    """The fields with brackets by what stands before these (``a[b]`` and ``a[c]`` by ``a``)."""
    groups: dict[str, Fields] = {}
    for field, values in fields.items():
        root, bracket, _ = field.partition("[")
        if bracket and root:
            groups.setdefault(root, {})[field] = values
    return groups


def _keys(field: str, start: int) -> list[str]:
    if not _BRACKETS.fullmatch(field, start):
        raise MalformedError(
            f"has unbalanced brackets in the name `{shortened(field)}`",
            expected="name[key]",
            actual=field,
        )
    keys = field[start + 1 : -1].split("][")
    if len(keys) > MAX_DEPTH:
        raise MalformedError(
            f"nests more than {MAX_DEPTH} levels deep in the name `{shortened(field)}`",
            code="too-deep",
            expected=f"up to {MAX_DEPTH} levels",
            actual=field,
        )
    return keys


def _add(root: _Branch, field: str, keys: list[str], values: list[str]) -> None:
    branch = root
    for key in keys:
        if branch.values:
            raise _both(field)
        branch = branch.members.setdefault(key, _Branch())
    if branch.members:
        raise _both(field)
    branch.values += values


def _both(field: str) -> MalformedError:
    return MalformedError(
        f"has a value and also members at or above `{shortened(field)}`", actual=field
    )


def _value(branch: _Branch, shape: Shape, decode: Decode, path: tuple[str | int, ...]) -> Any:
    if branch.values:
        return leaf_value(branch.values, shape, decode, path)
    if _is_array(branch, shape):
        return _array(branch, shape, decode, path)
    return {
        key: _value(member, shape.member(key), decode, (*path, key))
        for key, member in branch.members.items()
    }


def leaf_value(
    values: list[str], shape: Shape, decode: Decode, path: tuple[str | int, ...] = ()
) -> Any:
    """The value of a field that was sent once or several times, by what the schema wants. One empty
    value is an empty array: that is how the styles write one."""
    if values == [""] and shape.array and not shape.scalar:
        return []
    if shape.array and (not shape.scalar or len(values) > 1 or shape.is_item(decode(values[0]))):
        return items_of(values, shape, decode)
    if len(values) == 1:
        return shape.convert(decode(values[0]))
    if shape.free:
        return [decode(raw) for raw in values]
    raise MalformedError(
        "is given more than once"
        if not path
        else f"gives `{shortened(str(path[-1]))}` more than once",
        code="repeated",
        pointer=pointer_to(*path),
        expected="one value",
        actual="&".join(values),
    )


def _is_array(branch: _Branch, shape: Shape) -> bool:
    numbered = all(not key or _INDEX.fullmatch(key) for key in branch.members)
    return (
        numbered and (shape.array or shape.free) and not (shape.object and "" not in branch.members)
    )


def _array(branch: _Branch, shape: Shape, decode: Decode, path: tuple[str | int, ...]) -> list[Any]:
    items: list[Any] = []
    for key in sorted(branch.members, key=lambda key: int(key) if key else -1):
        member = branch.members[key]
        if key or not member.values:
            items.append(_value(member, shape.item(len(items)), decode, (*path, len(items))))
        else:
            for raw in member.values:
                items.append(shape.item(len(items)).convert(decode(raw)))
    return items
