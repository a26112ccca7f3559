"""Query parameters into the fields of a message: every one that is not bound by the path or the body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.pairs import query_fields
from mockforge_grpc.bridge.rules.errors import BindingError
from mockforge_grpc.bridge.rules.fields import (
    field_named,
    is_map,
    put,
    read_value,
    resolve,
)

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

SYSTEM_PARAMETERS: Final = frozenset(
    {
        "access_token",
        "alt",
        "callback",
        "fields",
        "key",
        "oauth_token",
        "prettyPrint",
        "quotaUser",
        "uploadType",
        "upload_protocol",
    }
)
"""Parameters that clients of Google's APIs send along, whatever the method: left out where they are no field.
Names that begin with ``$`` are of the same kind."""


def bind_query(
    tree: dict[str, Any],
    message: Descriptor,
    query: str,
    taken: Sequence[str],
    *,
    all_in_body: bool,
) -> None:
    """Add the parameters of ``query`` to ``tree``, the JSON form of a ``message``.

    ``taken`` are field paths that the path or the body gives. BindingError says which parameter is wrong.
    """
    for name, texts in query_fields(query).items():
        if name.startswith("$") or (
            name in SYSTEM_PARAMETERS and field_named(message, name) is None
        ):
            continue
        if all_in_body:
            raise BindingError(
                f"the query parameter {name[:60]}: all fields are taken from the body or the path"
            )
        if "[" in name and name.endswith("]"):
            _bind_entry(tree, message, name, texts)
            continue
        fields = resolve(message, name.split("."), name)
        _refuse_taken(fields, taken, name)
        put(tree, fields, _value(fields[-1], texts, name))


def _value(field: FieldDescriptor, texts: Sequence[str], name: str) -> Any:
    if is_map(field):
        raise BindingError(f"{name}: is a map; name its keys, like `{name}[key]=value`")
    if field.is_repeated:
        return [read_value(field, text, name) for text in texts]
    if len(texts) > 1:
        raise BindingError(f"{name}: is given {len(texts)} times, and is not repeated")
    return read_value(field, texts[0], name)


def _bind_entry(tree: dict[str, Any], message: Descriptor, name: str, texts: Sequence[str]) -> None:
    """An entry of a map: ``labels[env]=prod``."""
    path, _, key = name[:-1].partition("[")
    fields = resolve(message, path.split("."), path)
    entry = fields[-1].message_type
    if not is_map(fields[-1]) or entry is None:
        raise BindingError(f"{name}: {path} is no map")
    if len(texts) > 1:
        raise BindingError(f"{name}: is given {len(texts)} times")
    value = read_value(entry.fields_by_name["value"], texts[0], name)
    for field in fields[:-1]:
        tree = tree.setdefault(field.name, {})
    tree.setdefault(fields[-1].name, {})[key] = value


def _refuse_taken(fields: Sequence[FieldDescriptor], taken: Sequence[str], name: str) -> None:
    whole = ".".join(field.name for field in fields)
    for each in taken:
        if whole == each or whole.startswith(each + "."):
            raise BindingError(f"{name}: is taken from the path or the body")
