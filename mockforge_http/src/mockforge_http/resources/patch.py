"""Changes to an item: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

_MOST_OPERATIONS: Final = 1_000
_MOST_COPIED: Final = 50_000


class PatchError(ValueError):
    """The patch is malformed, or does not apply. ``conflict`` is true in the second case: what it counts
    on is not so (RFC 5789 section 2.2: 409 rather than 400)."""

    def __init__(self, message: str, *, conflict: bool = False) -> None:
        super().__init__(message)
        self.conflict = conflict


def merge_patch(target: Any, patch: Any, keeps_null: Callable[[str], bool] | None = None) -> Any:
    """``target`` with ``patch`` merged in (RFC 7396 section 2): ``null`` removes a member.

    ``keeps_null`` (by name of a member at the top) is for clients that mean the value ``null`` by it.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is not None:
            merged[name] = merge_patch(merged.get(name), value)
        elif keeps_null is not None and keeps_null(name):
            merged[name] = None
        else:
            merged.pop(name, None)
    return merged


def json_patch(target: Any, operations: Any) -> Any:
    """``target`` after ``operations`` (RFC 6902 section 5: all of them, or PatchError)."""
    if not isinstance(operations, list):
        raise PatchError("a JSON Patch is a list of operations")
    if len(operations) > _MOST_OPERATIONS:
        raise PatchError(f"a JSON Patch may have {_MOST_OPERATIONS} operations")
    holder = _Holder([deepcopy(target)])
    for number, operation in enumerate(operations):
        try:
            _apply(holder, operation)
        except PatchError as error:
            raise PatchError(f"operation {number}: {error}", conflict=error.conflict) from None
        except RecursionError:
            raise PatchError(f"operation {number}: it nests values too deeply") from None
    return holder[0]


class _Holder(list[Any]):
    """The document, as the only item; ``copied`` counts the values that were copied inside it."""

    copied = 0


def _apply(holder: _Holder, operation: Any) -> None:
    name = operation.get("op") if isinstance(operation, dict) else None
    apply = _OPERATIONS.get(name) if isinstance(name, str) else None
    if apply is None:
        raise PatchError(f"`op` is one of {', '.join(_OPERATIONS)}")
    apply(holder, operation)


def _add(holder: _Holder, operation: dict[str, Any]) -> None:
    _insert(holder, _pointer(operation, "path"), _given(operation))


def _remove(holder: _Holder, operation: dict[str, Any]) -> None:
    _take(holder, _pointer(operation, "path"))


def _replace(holder: _Holder, operation: dict[str, Any]) -> None:
    value = _given(operation)
    parent, key = _find(holder, _pointer(operation, "path"))
    parent[key] = value


def _move(holder: _Holder, operation: dict[str, Any]) -> None:
    source, target = _pointer(operation, "from"), _pointer(operation, "path")
    if target[: len(source)] == source and target != source:
        raise PatchError("a value cannot be moved into itself")
    _insert(holder, target, _take(holder, source))


def _copy(holder: _Holder, operation: dict[str, Any]) -> None:
    parent, key = _find(holder, _pointer(operation, "from"))
    # A copy into itself doubles: thirty of them would fill the memory.
    holder.copied += _values_in(parent[key])
    if holder.copied > _MOST_COPIED:
        raise PatchError(f"more than {_MOST_COPIED} values are copied")
    _insert(holder, _pointer(operation, "path"), deepcopy(parent[key]))


def _test(holder: _Holder, operation: dict[str, Any]) -> None:
    parent, key = _find(holder, _pointer(operation, "path"))
    if not _same(parent[key], _given(operation)):
        raise PatchError(f"the value at {operation['path']} is another one", conflict=True)


_OPERATIONS: Final[dict[str, Callable[[_Holder, dict[str, Any]], None]]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _given(operation: dict[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError(f"`{operation['op']}` needs a `value`")
    return deepcopy(operation["value"])


def _pointer(operation: dict[str, Any], name: str) -> list[str]:
    """The tokens of a JSON Pointer (RFC 6901)."""
    text = operation.get(name)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchError(f"`{name}` is a JSON Pointer such as /name")
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


def _find(holder: _Holder, tokens: list[str]) -> tuple[Any, Any]:
    """What holds the value that ``tokens`` lead to, and its key or index there. The document itself is
    item 0 of ``holder``."""
    parent: Any = holder
    key: Any = 0
    for token in tokens:
        parent, key = parent[key], token
        if isinstance(parent, list):
            key = _index(token, len(parent) - 1)
        elif not isinstance(parent, dict) or token not in parent:
            raise PatchError(f"there is nothing at /{'/'.join(tokens)}", conflict=True)
    return parent, key


def _insert(holder: _Holder, tokens: list[str], value: Any) -> None:
    if not tokens:
        holder[0] = value
        return
    above, key = _find(holder, tokens[:-1])
    parent, last = above[key], tokens[-1]
    if isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise PatchError(f"there is no object at /{'/'.join(tokens[:-1])}", conflict=True)


def _take(holder: _Holder, tokens: list[str]) -> Any:
    if not tokens:
        raise PatchError("the whole item cannot be removed")
    parent, key = _find(holder, tokens)
    return parent.pop(key)


def _index(token: str, most: int) -> int:
    if not (token.isascii() and token.isdigit()) or (len(token) > 1 and token[0] == "0"):
        raise PatchError(f"{token!r} is no index", conflict=True)
    if len(token) > 9 or int(token) > most:
        raise PatchError(f"there is no index {token[:20]}", conflict=True)
    return int(token)


def _values_in(value: Any) -> int:
    count, waiting = 0, [value]
    while waiting and count <= _MOST_COPIED:
        count += 1
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner)
    return count


def _same(left: Any, right: Any) -> bool:
    """Equality of JSON values: ``true`` is not 1 (RFC 6902 section 4.6)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[name], right[name]) for name in left)
    return bool(left == right)
