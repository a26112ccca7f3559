"""Bodies of answers read as values, by the family of their media type, and checked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import relevance
from referencing.exceptions import Unresolvable

from .forms import read_form, read_multipart
from .mediatypes import family, option
from .model import Media
from .node import DanglingError, Node, made
from .problems import Problem
from .schemas import Schemas, leaves
from .shapes import shapes
from .xmlbody import XmlError, XmlReader


class BodyJudge:
    """Judges the bodies of one document's answers."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.xml = XmlReader(schemas.store, schemas.dialect)

    def problem(self, media: Media, content_type: str, body: bytes) -> Problem | None:
        """What is wrong with ``body``, sent as ``content_type`` under the declaration ``media``."""
        try:
            readings = list(self._readings(media, content_type, body))
        except (ValueError, XmlError, LookupError) as error:
            return Problem("body", str(error), media, value=_text(body), raw=body)
        except DanglingError as error:
            return Problem("unfollowed", str(error), media)
        first: Problem | None = None
        for node, value in readings:
            problem = self._validate(media, node, value, body)
            if problem is None:
                return None
            first = first or problem
        return first

    def _validate(self, media: Media, node: Node | None, value: Any, body: bytes) -> Problem | None:
        if node is None:
            return None
        try:
            errors = self.schemas.errors(node, value, "answer")
        except Unresolvable as error:
            return Problem("unfollowed", f"$ref cannot be followed: {error}", media)
        except RecursionError:
            return Problem("unfollowed", "the schema refers to itself without end", media)
        if not errors:
            return None
        return Problem("body", describe(errors), media, value=value, raw=body)

    def _readings(
        self, media: Media, content_type: str, body: bytes
    ) -> list[tuple[Node | None, Any]]:
        """The values that ``body`` may stand for with the schema for each; one valid one is enough."""
        kind = family(content_type)
        node = media.schema
        if media.items is not None:
            return [(_listed(media.items), self._elements(kind, content_type, body, media.items))]
        if kind == "json":
            return [(node, parse_json(body))]
        if node is None:
            return [(None, body)]
        if kind in {"sequence", "events"}:
            return self._stream(kind, body, node)
        if kind == "xml":
            return [(node, value) for value in (*self._xml(body, node), _text(body))]
        if kind == "form":
            return [(node, read_form(self.schemas, media, body))]
        if kind == "multipart":
            return [(node, read_multipart(self.schemas, media, body, content_type))]
        return self._plain(kind, content_type, body, node)

    def _xml(self, body: bytes, node: Node) -> list[Any]:
        return self.xml.decode(body, node)

    def _plain(
        self, kind: str, content_type: str, body: bytes, node: Node
    ) -> list[tuple[Node | None, Any]]:
        """Text, or bytes: anything goes for a string that is binary."""
        found = list(shapes(self.schemas.store, self.schemas.dialect, node))
        strings = [shape for shape in found if not shape.types or "string" in shape.types]
        if kind == "binary" and strings:
            return [(None, body)]
        if any({"binary", "byte", "base64"} & set(shape.formats) for shape in strings):
            return [(None, body)]
        text = body.decode(option(content_type, "charset") or "utf-8")
        readings: list[tuple[Node | None, Any]] = [(node, text)]
        with contextlib.suppress(ValueError):
            readings.append((node, parse_json(body)))
        return readings

    def _stream(self, kind: str, body: bytes, node: Node) -> list[tuple[Node | None, Any]]:
        """A sequence under a plain schema: of the list of elements, or else of each element."""
        if kind == "events":
            return self._events(body, node)
        elements = [
            parse_json(line) for line in body.replace(b"\x1e", b"").splitlines() if line.strip()
        ]
        return [(node, elements), (_listed(node), elements), (node, _text(body))]

    def _events(self, body: bytes, node: Node) -> list[tuple[Node | None, Any]]:
        """Server-sent events under a plain schema, which describes the text, an event, or its data."""
        events = parse_events(body)
        data = [_json_or_text(event["data"]) for event in events if "data" in event]
        data = [one for one in data if one != "[DONE]"]
        return [
            (_listed(node), data),
            (
                _listed(node),
                [event | {"data": one} for event, one in zip(events, data, strict=False)],
            ),
            (_listed(node), list(events)),
            (node, _text(body)),
        ]

    def _elements(self, kind: str, content_type: str, body: bytes, items: Node) -> list[Any]:
        """The elements of a sequential media type (3.2, Media Type Object, ``itemSchema``)."""
        if kind == "events":
            return list(parse_events(body))
        if kind == "sequence":
            return [
                parse_json(line) for line in body.replace(b"\x1e", b"").splitlines() if line.strip()
            ]
        if kind == "json":
            value = parse_json(body)
            if not isinstance(value, list):
                raise ValueError("itemSchema describes a sequence, the body is none")
            return value
        if kind == "multipart":
            return list(read_multipart(self.schemas, Media("", items), body, content_type).values())
        raise ValueError(f"{content_type} is no sequence that itemSchema could describe")


def _listed(node: Node) -> Node:
    """The schema of a list of what ``node`` describes."""
    if not node.file.uri.startswith("file:"):
        return made({"type": "array", "items": node.value}, node)
    return made({"type": "array", "items": {"$ref": node.reference}}, node)


def parse_json(body: bytes) -> Any:
    """JSON as RFC 8259 has it: UTF-8, no NaN; ValueError says what is wrong."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is not UTF-8: {error}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}: {_excerpt(body)}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"the body is not JSON: {name}")


def parse_events(body: bytes) -> list[dict[str, Any]]:
    """Server-sent events (HTML standard, section 9.2.6)."""
    events: list[dict[str, Any]] = []
    lines = body.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields: dict[str, list[str]] = {}
    for line in [*lines, ""]:
        if not line:
            if fields:
                events.append(_event(fields))
            fields = {}
        elif not line.startswith(":"):
            name, colon, value = line.partition(":")
            if name not in {"event", "data", "id", "retry"}:
                raise ValueError(f"{name!r} is no field of a server-sent event")
            fields.setdefault(name, []).append(value.removeprefix(" ") if colon else "")
    return events


def _event(fields: dict[str, list[str]]) -> dict[str, Any]:
    made: dict[str, Any] = {name: "\n".join(values) for name, values in fields.items()}
    if made.get("retry", "").isdecimal():
        made["retry"] = int(made["retry"])
    return made


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _excerpt(body: bytes) -> str:
    return repr(body[:60])


def describe(errors: list[ValidationError]) -> str:
    """The most telling error in a line, and how many there are."""
    key: Callable[[ValidationError], Any] = relevance
    best = max(errors, key=key)
    while best.context:
        # The alternative that went furthest says most.
        best = max(leaves([best]), key=lambda error: (len(error.absolute_path), key(error)))
    place = "/".join(str(part) for part in best.absolute_path)
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"body at /{place}: {best.message}{more}"
