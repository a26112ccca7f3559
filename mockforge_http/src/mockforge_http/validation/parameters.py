"""The values of all parameters of an operation (or of all headers of an answer), checked at one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mockforge.mocking.data.model import Direction, Schema
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge_http.documents import Located, Parameter
from mockforge_http.findings import Location, RequestFinding
from mockforge_http.validation.compile import SchemaValidator, compile_validator
from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.report import findings_of, problems_of

Key = tuple[str, str]
"""``in`` and name."""

_BASE: Final = "mockforge:parameters"
_SAYS_NOTHING: Final = frozenset(
    {"default", "deprecated", "description", "example", "examples", "title", "type"}
)


class ParameterCheck:
    """Checks decoded values against the schemas of ``parameters``; those that any text satisfies are left
    out. ``size`` is about how many bytes hang on it."""

    def __init__(
        self,
        parameters: Iterable[Parameter],
        checks: DocumentChecks,
        direction: Direction,
        label: str,
    ) -> None:
        self._labels: dict[Key, str] = {}
        self._named: dict[str, Parameter] = {}
        located: list[Located] = []
        for parameter in parameters:
            schema = _schema_of(parameter)
            if schema is not None and not (_is_any_text(schema.value) and not parameter.content):
                name = f"{parameter.where} {parameter.name}"
                self._labels[parameter.where, parameter.name] = name
                self._named[name] = parameter
                located.append(schema)
        self._direction = direction
        self._validator = self._compile(located, checks, label) if located else None
        self.size = self._validator.size if self._validator is not None else 0

    def _compile(
        self, located: Sequence[Located], checks: DocumentChecks, label: str
    ) -> SchemaValidator | None:
        properties = {name: {"$ref": str(number)} for number, name in enumerate(self._named)}
        return checks.guarded(
            f"the parameters of {label}",
            lambda: compile_validator(
                {"properties": properties},
                _BASE,
                resolver=_Together(checks.schemas, located),
                dialect=checks.dialect,
                direction=self._direction,
                metaschema=checks.metaschema,
            ),
        )

    def findings(self, values: Mapping[Key, Any], most: int, size: int) -> list[RequestFinding]:
        """Up to ``most`` findings about ``values``, which took about ``size`` bytes to write."""
        validator = self._validator
        if validator is None:
            return []
        labels = self._labels
        flat = {labels[key]: value for key, value in values.items() if key in labels}
        if validator.is_valid(flat):
            return []
        found: list[RequestFinding] = []
        for problem in problems_of(validator, flat, most, size):
            parameter = self._named.get(str(problem.path[0]) if problem.path else "")
            if parameter is None:
                continue
            found += findings_of(
                [problem],
                _location(parameter),
                parameter.name,
                what(parameter, self._direction),
                skip=1,
            )
        return found


class _Together:
    """A resolver in which parameters, whose schemas may stand in different files, have numbers."""

    def __init__(self, schemas: SchemaResolver, located: Sequence[Located]) -> None:
        self._schemas = schemas
        self._located = located

    def resolve(self, ref: str, base: str) -> tuple[Schema, str]:
        if base == _BASE:
            return self._located[int(ref)]
        return self._schemas.resolve(ref, base)

    def rebase(self, identifier: str, base: str) -> str:
        return self._schemas.rebase(identifier, base)

    def dynamic_anchor(self, anchor: str, base: str) -> tuple[Schema, str] | None:
        return None if base == _BASE else self._schemas.dynamic_anchor(anchor, base)


def what(parameter: Parameter, direction: Direction = "request") -> str:
    """A parameter or header at the start of a sentence."""
    if direction == "response":
        return f"The response header `{parameter.name}`"
    if parameter.where == "querystring":
        return f"The query string (`{parameter.name}`)"
    return f"The {parameter.where} parameter `{parameter.name}`"


def _location(parameter: Parameter) -> Location:
    return "query" if parameter.where == "querystring" else parameter.where


def _schema_of(parameter: Parameter) -> Located | None:
    if parameter.content:
        return next(iter(parameter.content.values())).schema
    return parameter.schema


def _is_any_text(schema: Any) -> bool:
    """Whether every text satisfies ``schema``, which is what a parameter is then decoded to."""
    if schema is True:
        return True
    return (
        isinstance(schema, dict)
        and schema.get("type") == "string"
        and all(keyword in _SAYS_NOTHING or keyword[:2] == "x-" for keyword in schema)
    )
