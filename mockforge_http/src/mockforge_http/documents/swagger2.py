"""Operations of Swagger 2.0 in the shapes of OpenAPI 3."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET

from .openapi3 import Reader, WrongShapeError, extensions, status_key, text_of
from .shapes import Encoding, Located, MediaType, Parameter, RequestBody, ResponseView
from .store import Missing, Store

_SCHEMA_KEYS: Final = frozenset(
    {
        "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum",
        "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
        "uniqueItems", "enum", "multipleOf",
    }
)  # fmt: skip
"""Keywords that 2.0 puts directly on a parameter or header."""

_DELIMITED: Final[dict[str, Any]] = {
    "ssv": "spaceDelimited",
    "pipes": "pipeDelimited",
    "tsv": "tabDelimited",
}
_JSON: Final = "application/json"
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_PLACES: Final = ("path", "query", "header")
_FLOWS: Final = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}


class Swagger2Reader:
    """Reads operations of the 2.0 document whose entry file is ``entry``."""

    def __init__(self, store: Store, entry: str) -> None:
        self._store = store
        self._entry = entry
        self._reader = Reader(store)

    def parts(
        self, operation: dict[str, Any], base: str, declared: list[tuple[Any, str]]
    ) -> dict[str, Any]:
        """Parameters, request body and responses of ``operation``, as fields of ``OperationView``."""
        plain: dict[tuple[str, str], Parameter] = {}
        form: dict[str, tuple[dict[str, Any], str]] = {}
        body: tuple[dict[str, Any], str] | None = None
        for entry, outside in declared:
            parameter, inside = self._reader.object(entry, outside, "a parameter")
            where, name = parameter.get("in"), parameter.get("name")
            if where == "body":
                body = (parameter, inside)
            elif not isinstance(name, str):
                raise WrongShapeError("the `name` of a parameter", "text")
            elif where == "formData":
                form[name] = (parameter, inside)
            elif where in _PLACES:
                plain[where, name] = self._parameter(parameter, inside, name, where)
            else:
                raise WrongShapeError(f"the `in` of parameter {name!r}", "a place of Swagger 2.0")
        return {
            "parameters": tuple(plain.values()),
            "request_body": self._request_body(operation, body, form),
            "responses": self._responses(operation, base),
        }

    def _media_types(self, operation: dict[str, Any], key: str) -> list[str]:
        types = operation.get(key)
        if not isinstance(types, list):
            try:
                types = self._store.get(self._entry, (key,))
            except Missing:
                return []
        return [name for name in types if isinstance(name, str)] if isinstance(types, list) else []

    # ---------------------------------------------------------------- parameters

    def _parameter(self, parameter: dict[str, Any], base: str, name: str, where: Any) -> Parameter:
        style, explode = _style(parameter, where)
        return Parameter(
            name=name,
            where=where,
            required=where == "path" or parameter.get("required") is True,
            style=style,
            explode=explode,
            allow_empty=parameter.get("allowEmptyValue") is True,
            schema=Located(_schema_of(parameter), base),
            example=parameter.get("x-example", UNSET),
            description=text_of(parameter, "description"),
            extensions=extensions(parameter),
        )

    def _request_body(
        self,
        operation: dict[str, Any],
        body: tuple[dict[str, Any], str] | None,
        form: dict[str, tuple[dict[str, Any], str]],
    ) -> RequestBody | None:
        consumes = self._media_types(operation, "consumes")
        if body is not None:
            parameter, base = body
            schema = self._reader.schema(parameter, base)
            example = parameter.get("x-example", UNSET)
            return RequestBody(
                content={
                    name: MediaType(name=name, schema=schema, example=example)
                    for name in consumes or [_JSON]
                },
                required=parameter.get("required") is True,
                description=text_of(parameter, "description"),
            )
        return _form_body(form, consumes) if form else None

    # ---------------------------------------------------------------- responses

    def _responses(self, operation: dict[str, Any], base: str) -> dict[str, ResponseView]:
        produces = self._media_types(operation, "produces")
        responses, inside = self._reader.object(operation.get("responses", {}), base, "`responses`")
        return {
            status_key(status): self._response(entry, inside, status, produces)
            for status, entry in responses.items()
            if not status.startswith("x-")
        }

    def _response(self, entry: Any, base: str, status: str, produces: list[str]) -> ResponseView:
        response, inside = self._reader.optional(entry, base)
        if response is None:
            raise WrongShapeError(f"the response {status}", "an object")
        schema = self._reader.schema(response, inside)
        if schema is not None and _is_file(schema.value):
            schema = Located({"type": "string", "format": "binary"}, inside)
        examples = self._reader.map(response.get("examples"), "`examples`")
        names = list(produces or ([_JSON] if schema is not None else ()))
        # An example for `*/*` is one for whatever is produced.
        general = examples.get("*/*", UNSET) if names else UNSET
        names += [
            name
            for name in examples
            if "/" in name and name not in names and not (names and name == "*/*")
        ]
        content = {
            name: MediaType(name=name, schema=schema, example=examples.get(name, general))
            for name in names
            if schema is not None or name in examples or general is not UNSET
        }
        headers: dict[str, Parameter] = {}
        for name, value in self._reader.map(response.get("headers"), "`headers`").items():
            header, within = self._reader.optional(value, inside)
            if header is not None:
                headers[name] = self._parameter(header, within, name, "header")
        return ResponseView(
            description=text_of(response, "description"),
            headers=headers,
            content=content,
            extensions=extensions(response),
        )


def _is_file(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "file"


def _schema_of(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = {key: parameter[key] for key in parameter if key in _SCHEMA_KEYS}
    if schema.get("type") == "file":
        schema.update(type="string", format="binary")
    if parameter.get("x-nullable") is True:
        schema["x-nullable"] = True
    return schema


def _style(parameter: dict[str, Any], where: str) -> tuple[Any, bool]:
    """Style and explode for a ``collectionFormat`` (2.0, Parameter Object)."""
    collection = parameter.get("collectionFormat", "csv")
    if collection == "multi" and where in ("query", "formData"):
        return "form", True
    if parameter.get("type") == "array" and collection in _DELIMITED:
        return _DELIMITED[collection], False
    return ("form" if where in ("query", "formData") else "simple"), False


def _form_body(form: dict[str, tuple[dict[str, Any], str]], consumes: list[str]) -> RequestBody:
    has_file = any(_is_file(parameter) for parameter, _ in form.values())
    names = [name for name in consumes if name in (_URLENCODED, _MULTIPART)]
    if has_file:
        names = [name for name in names if name == _MULTIPART]
    if not names:
        names = [_MULTIPART if has_file else _URLENCODED]
    required = [name for name, (parameter, _) in form.items() if parameter.get("required") is True]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _schema_of(parameter) for name, (parameter, _) in form.items()},
    }
    if required:
        schema["required"] = required
    encoding = {}
    for name, (parameter, _) in form.items():
        empty = parameter.get("allowEmptyValue")
        allow_empty = empty if isinstance(empty, bool) else None
        if parameter.get("type") == "array":
            style, explode = _style(parameter, "formData")
            encoding[name] = Encoding(style=style, explode=explode, allow_empty=allow_empty)
        elif allow_empty is not None:
            encoding[name] = Encoding(allow_empty=allow_empty)
    base = next(iter(form.values()))[1]
    return RequestBody(
        content={
            name: MediaType(name=name, schema=Located(schema, base), encoding=encoding)
            for name in names
        },
        required=bool(required),
    )


def security_scheme(scheme: dict[str, Any]) -> dict[str, Any]:
    """A Security Scheme Object of 2.0 as one of OpenAPI 3."""
    kind = scheme.get("type")
    if kind == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if kind != "oauth2":
        return scheme
    flow = _FLOWS.get(scheme.get("flow", ""), "implicit")
    keys = ("authorizationUrl", "tokenUrl", "scopes")
    return {
        "type": "oauth2",
        "description": text_of(scheme, "description"),
        "flows": {flow: {"scopes": {}, **{key: scheme[key] for key in keys if key in scheme}}},
        **extensions(scheme),
    }
