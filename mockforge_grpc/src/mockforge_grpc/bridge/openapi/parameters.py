"""Parameters of operations: what the path binds, and the fields that queries can give."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge_grpc.bridge.openapi.wellknown import IN_QUERY, WELL_KNOWN
from mockforge_grpc.bridge.rules.fields import is_map, resolve
from mockforge_grpc.bridge.rules.path import Variable, Wildcard

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from mockforge_grpc.bridge.openapi.schemas import Schemas
    from mockforge_grpc.bridge.rules.binding import Binding

MAX_DEPTH: Final = 4
MAX_PARAMETERS: Final = 250
"""Of one operation: messages can be nested without end."""


class PathForm(NamedTuple):
    """A template as OpenAPI has them, one parameter for each wildcard. ``names`` are those of the parameters;
    ``shape`` is the same for templates that match the same paths."""

    text: str
    shape: str
    names: list[str]


def path_form(binding: Binding) -> PathForm:
    """The path of ``binding``. OpenAPI knows no parameter of several segments: ``{name=shelves/*}`` becomes
    ``shelves/{name}``."""
    path = binding.path
    names: list[str] = []
    parts: list[str] = []
    for position, segment in enumerate(path.segments):
        if isinstance(segment, str):
            parts.append(segment)
            continue
        names.append(_name(path.variables, path.segments, position))
        parts.append(f"{{{names[-1]}}}")
    verb = f":{path.verb}" if path.verb else ""
    text = "/" + "/".join(parts) + verb
    shape = "/" + "/".join("{}" if part.startswith("{") else part for part in parts) + verb
    return PathForm(text, shape, names)


def _name(
    variables: tuple[Variable, ...], segments: tuple[str | Wildcard, ...], position: int
) -> str:
    for variable in variables:
        end = len(segments) if variable.end is None else variable.end
        if variable.start <= position < end:
            wild = [at for at in range(variable.start, end) if not isinstance(segments[at], str)]
            if len(wild) == 1:
                return variable.name
            return f"{variable.name}_{wild.index(position) + 1}"
    return f"segment_{position + 1}"


def path_parameters(binding: Binding, names: list[str], schemas: Schemas) -> list[dict[str, Any]]:
    """A parameter for each wildcard, called as ``names`` says."""
    own = path_form(binding).names
    by_own: dict[str, Variable] = {}
    for variable in binding.path.variables:
        for name in own:
            if name == variable.name or name.rpartition("_")[0] == variable.name:
                by_own.setdefault(name, variable)
    made = []
    for name, given in zip(own, names, strict=True):
        parameter: dict[str, Any] = {"name": given, "in": "path", "required": True}
        variable_of = by_own.get(name)
        if variable_of is None:
            parameter["schema"] = {"type": "string"}
        else:
            field = resolve(binding.method.descriptor.input_type, variable_of.field, name)[-1]
            parameter["schema"] = (
                schemas.single(field) if variable_of.single else {"type": "string"}
            )
            text = schemas.comment(field)
            if not variable_of.single:
                text = f"A part of `{variable_of.name}`. {text}".strip()
            if text:
                parameter["description"] = text
        made.append(parameter)
    return made


def query_parameters(
    message: Descriptor, taken: Collection[str], schemas: Schemas
) -> list[dict[str, Any]]:
    """What a query can say of ``message`` besides what is ``taken``."""
    made: list[dict[str, Any]] = []
    for name, field in _leaves(message, "", taken, ()):
        if len(made) == MAX_PARAMETERS:
            break
        parameter: dict[str, Any] = {"name": name, "in": "query", "schema": schemas.field(field)}
        if is_map(field):
            parameter.update(style="deepObject", explode=True)
        text = schemas.comment(field)
        if text:
            parameter["description"] = text
        if schemas.deprecated(field):
            parameter["deprecated"] = True
        made.append(parameter)
    return made


def _leaves(
    message: Descriptor, prefix: str, taken: Collection[str], above: tuple[str, ...]
) -> Iterator[tuple[str, FieldDescriptor]]:
    above = (*above, message.full_name)
    for field in message.fields:
        path = f"{prefix}{field.name}"
        if path in taken:
            continue
        below = field.message_type
        if below is None or below.full_name in IN_QUERY:
            yield _json_path(prefix, field), field
        elif is_map(field):
            if below.fields_by_name["value"].message_type is None:
                yield _json_path(prefix, field), field
        elif (
            not field.is_repeated
            and below.full_name not in WELL_KNOWN
            and below.full_name not in above
            and len(above) <= MAX_DEPTH
        ):
            yield from _leaves(below, f"{path}.", taken, above)


def _json_path(prefix: str, field: FieldDescriptor) -> str:
    return f"{prefix}{field.name}" if prefix else field.json_name
