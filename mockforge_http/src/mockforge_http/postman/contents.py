"""The samples of one media type, gathered from several requests or saved responses, and the Media Type
Object made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from mockforge_http.operations.negotiate import is_json

from .inference import infer
from .reading import Names
from .samples import ANY, NotJsonError, read_json, without_any

_LONGEST_LISTED: Final = 64 * 1024
"""Most bytes of saved texts and bare values that are listed in a schema for data to be chosen from."""
_NOT_TEXT: Final = ("application/x-www-form-urlencoded", "multipart/")


class Field(NamedTuple):
    """One field of a form. ``value`` is an example; a file has none."""

    name: str
    value: str | None
    enabled: bool
    description: str = ""
    is_file: bool = False
    content_type: str | None = None


class Content:
    """Everything that was sent or answered as ``media_type``."""

    def __init__(self, media_type: str, *, answers: bool) -> None:
        self.media_type = media_type
        self.needs_newer = False
        """Whether the object made needs OpenAPI 3.2: an example that is no value but bytes."""
        self._answers = answers
        self._schema_known: dict[str, Any] | None = None
        self._values: list[Any] = []
        self._forms: list[list[Field]] = []
        self._texts: dict[str, None] = {}
        self._examples: dict[str, dict[str, Any]] = {}
        self._names = Names()

    def add_text(self, text: str, name: str) -> None:
        """Take on a body given as text."""
        if is_json(self.media_type):
            try:
                value = read_json(text)
            except NotJsonError:
                self._add_bytes(text, name)
                return
            self._values.append(value)
            self._example(name, "value", without_any(value))
        elif self.media_type.startswith(_NOT_TEXT):
            self._add_bytes(text, name)
        else:
            self._texts.setdefault(text)
            self._example(name, "value", text)

    def add_value(self, value: Any, name: str, schema: dict[str, Any] | None) -> None:
        """Take on a JSON body given as a value; ``schema`` where it is known without samples."""
        self._values.append(value)
        self._schema_known = self._schema_known or schema
        self._example(name, "value", without_any(value))

    def add_form(self, fields: list[Field], name: str) -> None:
        """Take on a form."""
        self._forms.append(fields)
        value: dict[str, Any] = {}
        for field in fields:
            if not field.enabled or field.is_file:
                continue
            text = field.value or ""
            if field.name in value:
                before = value[field.name]
                value[field.name] = [*(before if isinstance(before, list) else [before]), text]
            else:
                value[field.name] = text
        if not any(field.is_file for field in fields):
            self._example(name, "value", value)

    def _add_bytes(self, text: str, name: str) -> None:
        self.needs_newer = True
        self._example(name, "serializedValue", text)

    def _example(self, name: str, keyword: str, value: Any) -> None:
        known = self._examples.get(name)
        if known is not None and known.get(keyword) == value:
            return
        self._examples[self._names.take(name, " (", ")")] = {keyword: value}

    # ---------------------------------------------------------------- the object

    def media(self) -> dict[str, Any]:
        """The Media Type Object."""
        made: dict[str, Any] = {}
        schema = self._schema()
        if schema is not None:
            made["schema"] = schema
        if self._examples:
            made["examples"] = self._examples
        encoding = self._encoding()
        if encoding:
            made["encoding"] = encoding
        return made

    def _schema(self) -> dict[str, Any] | None:
        if self._schema_known is not None:
            return self._schema_known
        if self._forms:
            return _form_schema(self._forms)
        if self._values:
            schema = infer(self._values, answers=self._answers)
            if self._answers and all(_is_bare(value) for value in self._values):
                return schema | _listed(self._values)
            return schema
        if self._texts and self._answers:
            return {"type": "string"} | _listed(list(self._texts))
        return None

    def _encoding(self) -> dict[str, Any]:
        if not self.media_type.startswith("multipart/"):
            return {}
        return {
            field.name: {"contentType": field.content_type}
            for form in self._forms
            for field in form
            if field.content_type
        }


def _is_bare(value: Any) -> bool:
    """Whether ``value`` has no members that data could be made for: just another value is no answer."""
    return value is not ANY and not isinstance(value, dict | list)


def _listed(values: list[Any]) -> dict[str, Any]:
    """The keyword that lists ``values``, unless they are long."""
    once = {msgspec.json.encode(value): value for value in values}
    return {"enum": list(once.values())} if sum(map(len, once)) <= _LONGEST_LISTED else {}


def _form_schema(forms: list[list[Field]]) -> dict[str, Any]:
    """The schema of forms: a field is required if every one of them sends it."""
    properties: dict[str, Any] = {}
    sent: dict[str, int] = {}
    for form in forms:
        times: dict[str, int] = {}
        for field in form:
            times[field.name] = times.get(field.name, 0) + field.enabled
            own = _field_schema(field)
            if times[field.name] > 1:
                own = {"type": "array", "items": own}
            properties[field.name] = _wider(properties.get(field.name), own)
        for name, count in times.items():
            sent[name] = sent.get(name, 0) + (count > 0)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [name for name, count in sent.items() if count == len(forms)]
    return {**schema, "required": required} if required else schema


def _field_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {} if field.is_file else {"type": "string"}
    if field.is_file:
        schema["contentMediaType"] = field.content_type or "application/octet-stream"
    if field.description:
        schema["description"] = field.description
    return schema


def _wider(known: Mapping[str, Any] | None, own: dict[str, Any]) -> Mapping[str, Any]:
    """Of two schemas of one field, the one that lets more in."""
    if known is None or own.get("type") == "array":
        return own
    return own if "type" not in own and known.get("type") != "array" else known
