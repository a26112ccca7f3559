"""Operations put together: requests of one method to one path become one, whatever they differ in."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from mockforge_http.operations.negotiate import IN_ORDER

from .auth import Credential, Schemes
from .contents import Content
from .reading import Names, Pair
from .requests import Body
from .responses import Answers, Saved
from .urls import Address, PathParameter

IN_3_1: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_EXPRESSION: Final = re.compile(r"\{[^{}]*\}")


class Call(NamedTuple):
    """One request of the collection, read."""

    name: str
    description: str
    tags: tuple[str, ...]
    method: str
    address: Address
    headers: list[Pair]
    body: Body | None
    credential: Credential | None
    responses: list[Saved]


class _Parameter:
    """A query or header parameter as it occurs in several requests."""

    def __init__(self, name: str, where: str) -> None:
        self.name = name
        self.where = where
        self.calls = 0
        """Number of requests that send it."""
        self.repeated = False
        self.empty = False
        self.description = ""
        self.value: str | None = None

    def add(self, pairs: list[Pair]) -> None:
        """Take on the pairs of this name in one request."""
        sent = [pair for pair in pairs if pair.enabled]
        self.calls += bool(sent)
        self.repeated = self.repeated or len(sent) > 1
        for pair in pairs:
            self.description = self.description or pair.description
            if pair.value:
                self.value = self.value or pair.value
            else:
                self.empty = True

    def object(self, calls: int) -> dict[str, Any]:
        """The Parameter Object in an operation made of ``calls`` requests."""
        made: dict[str, Any] = {"name": self.name, "in": self.where}
        if self.description:
            made["description"] = self.description
        if self.calls == calls:
            made["required"] = True
        if self.where == "query" and self.empty:
            made["allowEmptyValue"] = True
        text = {"type": "string"}
        made["schema"] = {"type": "array", "items": text} if self.repeated else text
        if self.value is not None:
            made["example"] = [self.value] if self.repeated else self.value
        return made


class Operation:
    """One method of one path; :meth:`add` takes on requests, :meth:`object` makes the Operation Object.

    A parameter, body or form field is required if every request sends it.
    """

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._parameters: dict[tuple[str, str], _Parameter] = {}
        self._bodies: dict[str, Content] = {}
        self._answers: dict[str, Answers] = {}
        self._path: list[PathParameter] = []

    def add(self, call: Call) -> None:
        """Take on a request."""
        self._calls.append(call)
        self._add_path(call.address.path)
        self._add_parameters(call.address.query, "query")
        self._add_parameters(call.headers, "header")
        if call.body is not None:
            self._add_body(call.body, call.name or "default")
        for saved in call.responses:
            self._answers.setdefault(saved.status, Answers(saved.status)).add(saved)

    def _add_path(self, path: tuple[PathParameter, ...]) -> None:
        if not self._path:
            self._path = list(path)
            return
        for index, (known, own) in enumerate(zip(self._path, path, strict=True)):
            self._path[index] = known._replace(
                value=known.value or own.value, description=known.description or own.description
            )

    def _add_parameters(self, pairs: list[Pair], where: str) -> None:
        by_name: dict[str, list[Pair]] = {}
        for pair in pairs:
            by_name.setdefault(pair.key.lower() if where == "header" else pair.key, []).append(pair)
        for key, same in by_name.items():
            parameter = self._parameters.get((where, key))
            if parameter is None:
                parameter = self._parameters[where, key] = _Parameter(same[0].key, where)
            parameter.add(same)

    def _add_body(self, body: Body, name: str) -> None:
        content = self._bodies.get(body.media_type)
        if content is None:
            content = self._bodies[body.media_type] = Content(body.media_type, answers=False)
        if body.form is not None:
            content.add_form(body.form, name)
        elif body.text is not None:
            content.add_text(body.text, name)
        elif body.value is not None:
            content.add_value(body.value, name, body.schema)

    # ---------------------------------------------------------------- the object

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that its requests go to."""
        return tuple(dict.fromkeys(c.address.server for c in self._calls if c.address.server))

    @property
    def has_answers(self) -> bool:
        """Whether a response was saved with any of its requests."""
        return bool(self._answers)

    @property
    def needs_newer(self) -> bool:
        """Whether the object made needs OpenAPI 3.2."""
        return any(content.needs_newer for content in self._bodies.values()) or any(
            answers.needs_newer for answers in self._answers.values()
        )

    def object(self, names: tuple[str, ...], schemes: Schemes, ids: Names) -> dict[str, Any]:
        """The Operation Object; ``names`` are those of the path's parameters, ``ids`` the operationIds
        taken so far."""
        made: dict[str, Any] = {}
        first = self._calls[0]
        tags = list(dict.fromkeys(tag for call in self._calls for tag in call.tags))
        if tags:
            made["tags"] = tags
        if first.name:
            made["summary"] = first.name
        description = next((call.description for call in self._calls if call.description), "")
        if description:
            made["description"] = description
        operation_id = next(filter(None, (_operation_id(call.name) for call in self._calls)), None)
        if operation_id:
            made["operationId"] = ids.take(operation_id)
        parameters = [
            _path_object(name, parameter) for name, parameter in zip(names, self._path, strict=True)
        ]
        parameters += [found.object(len(self._calls)) for found in self._parameters.values()]
        if parameters:
            made["parameters"] = parameters
        if self._bodies:
            made["requestBody"] = {
                "required": all(call.body is not None for call in self._calls),
                "content": {name: content.media() for name, content in self._bodies.items()},
            }
        if self._answers:
            made[IN_ORDER] = True
            made["responses"] = {
                status: answers.response() for status, answers in self._answers.items()
            }
        security = self._security(schemes)
        if security:
            made["security"] = security
        return made

    def _security(self, schemes: Schemes) -> list[dict[str, Any]]:
        """The alternatives; one request that gets along without any makes all of them needless."""
        credentials = [call.credential for call in self._calls if call.credential is not None]
        if len(credentials) < len(self._calls):
            return []
        return [{name: []} for name in dict.fromkeys(map(schemes.name, credentials))]


class Paths:
    """The operations by path and method. Paths that differ only in the names of their parameters are
    one: the first names count."""

    def __init__(self) -> None:
        self._templates: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self.operations: dict[str, dict[str, Operation]] = {}
        """By template, then by method (upper case)."""

    def add(self, call: Call) -> None:
        """Take on a request."""
        template = call.address.template
        template = self._templates.setdefault(_shape(template), template)
        if template not in self.operations:
            self.operations[template] = {}
            self._names[template] = tuple(parameter.name for parameter in call.address.path)
        self.operations[template].setdefault(call.method, Operation()).add(call)

    def names(self, template: str) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return self._names[template]


def _shape(template: str) -> str:
    """Equal for templates that match the same paths."""
    return unquote(_EXPRESSION.sub("{}", template)).rstrip("/")


def _path_object(name: str, parameter: PathParameter) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "in": "path", "required": True}
    if parameter.description:
        made["description"] = parameter.description
    made["schema"] = {"type": "string"}
    if parameter.value:
        made["example"] = parameter.value
    return made


def _operation_id(name: str) -> str | None:
    """``List all pets`` as ``listAllPets``; ``None`` for a name that is just a URL, as Postman gives to
    requests without one, or has no letters to make an id of."""
    if "://" in name:
        return None
    words: list[str] = re.findall(r"[A-Za-z0-9]+", name)[:12]
    if not words or not re.search(r"[A-Za-z]", "".join(words)):
        return None
    first, *rest = words
    first = first.lower() if first.isupper() else first[0].lower() + first[1:]
    return first + "".join(word[0].upper() + word[1:] for word in rest)
