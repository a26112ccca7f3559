"""Values checked against the schemas of a document, with the place of what does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.errors import DocumentError
from mockforge.explanations import cut
from mockforge.mocking.data.model import Schema
from mockforge.mocking.regex import engine_options
from mockforge_ws.asyncapi.bundle import bundle
from mockforge_ws.asyncapi.files import pointer_of

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

    from mockforge_ws.asyncapi.model import Payload
    from mockforge_ws.asyncapi.resolving import Schemas

MOST: Final = 20
"""Problems that are told of one value."""
_BASE_BYTES: Final = 2_500
_SCHEMA_BYTES: Final = 800
"""What the engine holds for a schema, and for each object in it, measured by resident memory."""
_CHOICES: Final = frozenset({"Constant", "Enum"})


class Problem(NamedTuple):
    """What is wrong at ``pointer`` (a JSON Pointer into the value)."""

    pointer: str
    message: str
    choice: bool = False
    """Whether a value that is fixed there is another one: then something else was meant."""


class Check:
    """Says whether values satisfy one schema. ``size`` is about how many bytes hang on it."""

    __slots__ = ("_engine", "size")

    def __init__(self, schema: Schema) -> None:
        """DocumentError: the engine cannot use the schema."""
        from jsonschema_rs import Draft202012Validator, ReferencingError

        try:
            self._engine: Draft202012Validator = Draft202012Validator(
                schema,
                validate_formats=True,
                ignore_unknown_formats=True,
                pattern_options=engine_options(),
                offline=True,
            )
        except (ValueError, TypeError, OverflowError, RecursionError, ReferencingError) as error:
            said = str(error).partition("\n")[0]
            raise DocumentError(f"the schema cannot be used: {cut(said)}") from None

        self.size = _BASE_BYTES + _SCHEMA_BYTES * _objects(schema)

    def accepts(self, value: Any) -> bool:
        """Whether ``value`` satisfies it; one that nests too deeply to be looked at does not."""
        try:
            return self._engine.is_valid(value)
        except (ValueError, OverflowError, RecursionError):
            return False

    def problems(self, value: Any) -> list[Problem]:
        """What is wrong with ``value``, up to :data:`MOST`."""
        try:
            errors = islice(self._engine.iter_errors(value), MOST)
            return list(islice(_told(errors), MOST))
        except (ValueError, OverflowError, RecursionError) as error:
            return [Problem("", cut(str(error)))]


def compile_payload(payload: Payload, schemas: Schemas) -> Check:
    """The check of a payload's schema. DocumentError: it cannot be used."""
    return Check(bundle(payload.schema, payload.base, schemas, payload.dialect))


def _objects(schema: Schema) -> int:
    """How many objects a schema is made of."""
    todo: list[Any] = [schema]
    found = 0
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            found += 1
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return found


def _told(errors: Iterable[ValidationError]) -> Iterable[Problem]:
    for error in errors:
        kind = type(error.kind).__name__
        branches = getattr(error.kind, "context", None)
        if kind in ("AnyOf", "OneOfNotValid") and branches:
            # What was probably meant: the branch that the fewest fixed values speak against.
            told = [list(islice(_told(branch), MOST)) for branch in branches]
            yield from min(told, key=distance)
        else:
            pointer = pointer_of(list(error.instance_path))
            yield Problem(pointer, cut(error.message), kind in _CHOICES)


def distance(problems: list[Problem]) -> tuple[int, int]:
    """How far a value is from a schema that it has these problems with."""
    return sum(each.choice for each in problems), len(problems)
