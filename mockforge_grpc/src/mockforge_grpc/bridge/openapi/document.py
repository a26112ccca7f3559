"""The document as a whole: an operation for every rule, and a POST for every method that has none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockforge_grpc.bridge.openapi.parameters import (
    path_form,
    path_parameters,
    query_parameters,
)
from mockforge_grpc.bridge.openapi.schemas import Schemas
from mockforge_grpc.bridge.openapi.wellknown import STATUS

if TYPE_CHECKING:
    from mockforge_grpc.bridge.rules.binding import Binding
    from mockforge_grpc.bridge.settings import BridgeSettings
    from mockforge_grpc.schema import Method, Schema

_VERBS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_STEPS: Final = 10
"""Operations or schemas that are described between two turns of the event loop."""
_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_ANYTHING: Final = "*/*"
_ERROR: Final = {
    "description": "The call failed.",
    "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{STATUS}"}}},
}


def describe(
    schema: Schema, bindings: Iterable[Binding], settings: BridgeSettings
) -> dict[str, Any]:
    """The document, as plain values."""
    describer = _Describer(schema, settings)
    for _ in describer.steps(list(bindings)):
        pass
    return describer.document


async def describe_in_turns(
    schema: Schema, bindings: Iterable[Binding], settings: BridgeSettings
) -> dict[str, Any]:
    """The same, with turns for others in between: it may take a millisecond for each operation."""
    describer = _Describer(schema, settings)
    for number, _ in enumerate(describer.steps(list(bindings))):
        if number % _STEPS == 0:
            await asyncio.sleep(0)
    return describer.document


class _Describer:
    def __init__(self, schema: Schema, settings: BridgeSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._schemas = Schemas(schema)
        self._paths: dict[str, dict[str, Any]] = {}
        self._forms: dict[str, tuple[str, list[str]]] = {}
        self._ids: set[str] = set()

    def steps(self, bindings: list[Binding]) -> Iterator[None]:
        """Make the document, bit by bit."""
        for binding in bindings:
            self._add_binding(binding)
            yield
        ruled = {binding.method.path for binding in bindings}
        for service in self._schema.services.values():
            for method in service.methods:
                if method.path not in ruled:
                    self._paths[method.path] = {"post": self._operation(method, None)}
                    yield
        yield from self._schemas.fill()

    @property
    def document(self) -> dict[str, Any]:
        """What the steps have made."""
        settings = self._settings
        return {
            "openapi": "3.1.0",
            "info": {
                "title": settings.title,
                "version": settings.version,
                "description": "Made from Protocol Buffers descriptors. Every method also answers "
                "`POST /{package.Service}/{Method}`, in JSON, gRPC-Web and Connect.",
            },
            "servers": [{"url": settings.prefix or "/"}],
            "tags": [self._tag(name) for name in self._schema.services],
            "paths": self._paths,
            "components": {"schemas": self._schemas.components},
        }

    def _tag(self, name: str) -> dict[str, Any]:
        made = {"name": name}
        text = self._schemas.comment(self._schema.pool.FindServiceByName(name))
        if text:
            made["description"] = text
        return made

    def _add_binding(self, binding: Binding) -> None:
        verb = "post" if binding.http_method == "*" else binding.http_method.lower()
        if verb not in _VERBS:
            return  # OpenAPI 3.1 has no word for it
        form = path_form(binding)
        text, names = self._forms.setdefault(form.shape, (form.text, form.names))
        item = self._paths.setdefault(text, {})
        if verb not in item:
            item[verb] = self._operation(binding.method, binding, names)

    def _operation(
        self, method: Method, binding: Binding | None, names: Sequence[str] = ()
    ) -> dict[str, Any]:
        descriptor = method.descriptor
        made: dict[str, Any] = {
            "operationId": self._id(method),
            "summary": f"{method.service.rpartition('.')[2]}.{method.name}",
            "tags": [method.service],
        }
        text = self._schemas.comment(descriptor)
        if text:
            made["description"] = text
        if self._schemas.deprecated(descriptor):
            made["deprecated"] = True
        if binding is not None:
            parameters = path_parameters(binding, list(names), self._schemas)
            if not binding.body_is_message:
                parameters += query_parameters(
                    method.descriptor.input_type, binding.taken, self._schemas
                )
            if parameters:
                made["parameters"] = parameters
        body = self._body(method, binding)
        if body is not None:
            made["requestBody"] = body
        made["responses"] = {"200": self._answer(method, binding), "default": _ERROR}
        return made

    def _body(self, method: Method, binding: Binding | None) -> dict[str, Any] | None:
        schemas, message = self._schemas, method.descriptor.input_type
        if binding is not None and not binding.takes_body:
            return None
        if binding is not None and binding.raw_body:
            return {"content": {_ANYTHING: {}}}
        if binding is not None and binding.body is not None:
            content = schemas.field(binding.body)
        else:
            bound = {name for name in binding.taken if "." not in name} if binding else set()
            content = schemas.object(message, bound) if bound else schemas.message(message)
        media = _NDJSON if method.client_streaming else _JSON
        return {"content": {media: {"schema": content}}}

    def _answer(self, method: Method, binding: Binding | None) -> dict[str, Any]:
        schemas = self._schemas
        if binding is not None and binding.raw_answer:
            return {"description": "Whatever the method answers.", "content": {_ANYTHING: {}}}
        field = binding.response_body if binding is not None else None
        one = (
            schemas.message(method.descriptor.output_type)
            if field is None
            else schemas.field(field)
        )
        if not method.server_streaming:
            return {"description": "The answer.", "content": {_JSON: {"schema": one}}}
        return {
            "description": "A stream: a message on each line, in each event, or in an array.",
            "content": {
                _NDJSON: {"schema": one},
                "text/event-stream": {"schema": {"type": "string"}},
                _JSON: {"schema": {"type": "array", "items": one}},
            },
        }

    def _id(self, method: Method) -> str:
        first = name = method.full_name.replace("/", ".")
        count = 1
        while name in self._ids:
            count += 1
            name = f"{first}_{count}"
        self._ids.add(name)
        return name
