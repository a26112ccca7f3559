"""Form bodies: ``application/x-www-form-urlencoded`` and ``multipart/*`` (Encoding Object)."""

from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from . import serialize
from .mediatypes import family
from .model import Media
from .schemas import Schemas
from .shapes import Shape, shapes
from .xmlbody import scalar

_BOUNDARY = "walk-3fa85f64"


def form_body(schemas: Schemas, media: Media, value: Any) -> bytes:
    """A form, each property written as its encoding says: by style, else arrays repeated and objects
    as JSON."""
    pairs: list[str] = []
    for name, part in (value if isinstance(value, dict) else {}).items():
        encoding = _encoding(media, name)
        if isinstance(part, dict) and not {"style", "explode"} & encoding.keys():
            pairs += serialize.query_pairs(name, json.dumps(part), "form", explode=True)
            continue
        pairs += serialize.query_pairs(
            name,
            part,
            str(encoding.get("style", "form")),
            explode=bool(encoding.get("explode", encoding.get("style", "form") == "form")),
        )
    return "&".join(pairs).encode()


def multipart_body(schemas: Schemas, media: Media, value: Any, name: str) -> tuple[str, bytes]:
    """The content type with its boundary, and the parts: arrays are repeated, objects are JSON."""
    shape = _shape(schemas, media)
    out: list[bytes] = []
    for field, part in (value if isinstance(value, dict) else {}).items():
        for one in part if isinstance(part, list) else [part]:
            file = _is_file(schemas, shape, field)
            content_type = _encoding(media, field).get("contentType")
            kind = str(content_type).split(",")[0].strip() if content_type else None
            if kind is None or "*" in kind:
                kind = "application/octet-stream" if file else None
            if kind is None and isinstance(one, dict):
                kind = "application/json"
            out.append(_part(field, one, kind, file=file))
    out.append(f"--{_BOUNDARY}--\r\n".encode())
    return f"{name}; boundary={_BOUNDARY}", b"".join(out)


def _part(field: str, value: Any, kind: str | None, *, file: bool) -> bytes:
    filename = '; filename="sample.bin"' if file else ""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{filename}\r\n'
    if kind:
        head += f"Content-Type: {kind}\r\n"
    if isinstance(value, dict | list) or (kind and family(kind) == "json"):
        text = json.dumps(value)
    else:
        text = serialize.text(value)
    return f"{head}\r\n{text}\r\n".encode()


def _encoding(media: Media, name: str) -> dict[str, Any]:
    found = media.encoding.get(name) if media.encoding is not None else None
    return found.value if found is not None and isinstance(found.value, dict) else {}


def _shape(schemas: Schemas, media: Media) -> Shape:
    if media.schema is None:
        return Shape([])
    return next(shapes(schemas.store, schemas.dialect, media.schema), Shape([]))


def _is_file(schemas: Schemas, shape: Shape, name: str) -> bool:
    """Whether a property is a file: binary, or (3.1) of a media type or of no type at all."""
    nodes = shape.properties.get(name)
    for inner in shapes(schemas.store, schemas.dialect, *nodes) if nodes else ():
        if inner.types and "array" in inner.types and inner.items:
            inner = next(shapes(schemas.store, schemas.dialect, *inner.items), inner)
        if "binary" in inner.formats:
            return True
        return any(
            "contentMediaType" in node.value for node in inner.nodes if isinstance(node.value, dict)
        )
    return False


def read_form(schemas: Schemas, media: Media, body: bytes) -> dict[str, Any]:
    """The value of a form in an answer."""
    return _read(schemas, media, parse_qsl(body.decode(), keep_blank_values=True))


def read_multipart(
    schemas: Schemas, media: Media, body: bytes, content_type: str
) -> dict[str, Any]:
    """The value of a multipart answer; ValueError where it cannot be taken apart."""
    message: Message = BytesParser().parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    parts = message.get_payload()
    if not isinstance(parts, list) or message.defects:
        raise ValueError("the body is no multipart document with the boundary it announces")
    fields: list[tuple[str, str]] = []
    for part in parts:
        if not isinstance(part, Message):
            continue
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        data = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
        fields.append((name if isinstance(name, str) else "", data))
    return _read(schemas, media, fields)


def _read(schemas: Schemas, media: Media, fields: list[tuple[str, str]]) -> dict[str, Any]:
    shape = _shape(schemas, media)
    made: dict[str, Any] = {}
    for name, text in fields:
        nodes = shape.properties.get(name) or shape.additional
        inner = (
            next(shapes(schemas.store, schemas.dialect, *nodes), Shape([])) if nodes else Shape([])
        )
        types = inner.types or set()
        if "array" in types:
            item = (
                next(shapes(schemas.store, schemas.dialect, *inner.items), Shape([]))
                if inner.items
                else Shape([])
            )
            made.setdefault(name, []).append(_member(text, item))
        else:
            made[name] = _member(text, inner)
    return made


def _member(text: str, shape: Shape) -> Any:
    if "object" in (shape.types or set()):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return scalar(text, shape.types)
