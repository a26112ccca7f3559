"""One reader for each media type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mockforge.mocking.contenttype import ContentType
from mockforge.mocking.malformed import MalformedError
from mockforge_http.bodies.form import FormReader
from mockforge_http.bodies.result import Reading
from mockforge_http.bodies.sequence import EVENTS, read_sequence
from mockforge_http.bodies.spec import BodyLimits, EncodingSpec, MediaSpec
from mockforge_http.bodies.xml import XmlReader
from mockforge_http.operations.negotiate import is_json, is_xml
from mockforge_http.render.sequence import is_sequence
from mockforge_http.values.charset import decode_text
from mockforge_http.values.shape import Shape

Reader = Callable[[bytes, ContentType, Reading], Any]
Encodings = MediaSpec | EncodingSpec
"""Both say how the parts of something are encoded: by name, by position, for all others."""

FORM: Final = "application/x-www-form-urlencoded"
_MOST_NESTED: Final = 3
_TEXTS: Final = frozenset(
    {
        "application/ecmascript", "application/graphql", "application/javascript", "application/jwt",
        "application/sql", "application/toml", "application/x-sh", "application/x-yaml",
        "application/yaml",
    }
)  # fmt: skip


def media_reader(
    name: str, shape: Shape, encodings: Encodings, limits: BodyLimits, *, depth: int = 0
) -> Reader:
    """A reader for bodies (or parts) of the media type ``name`` that ``shape`` describes.

    It raises MalformedError if the body cannot be read; what is wrong with single members goes to the
    :class:`Reading`. ``depth`` counts multipart bodies around this one.
    """
    if is_sequence(name):
        return partial(_sequence, name, limits)
    if is_json(name):
        return partial(_json, limits.json_decoder())
    if is_xml(name):
        return partial(_xml, XmlReader(shape), limits)
    if name == FORM:
        return partial(_form, FormReader(shape, encodings, limits))
    if name.startswith("multipart/"):
        if depth >= _MOST_NESTED:
            return _too_nested
        from mockforge_http.bodies.parts import PartsReader

        return PartsReader(name, shape, encodings, limits, depth).read
    if name.startswith("text/") or name in _TEXTS or name.endswith("+yaml"):
        return partial(_text, shape)
    return partial(_binary, shape)


def is_items(name: str) -> bool:
    """Whether a body of this type is a list of what ``itemSchema`` describes."""
    return is_sequence(name) or name.startswith("multipart/")


def may_be_empty(name: str) -> bool:
    """Whether nothing at all is a well-formed body of this type."""
    structured = is_json(name) or is_xml(name) or name.startswith("multipart/")
    return not structured or is_sequence(name)


def _json(decode: Callable[[bytes], Any], raw: bytes, content_type: ContentType, _: Reading) -> Any:
    charset = content_type.charset
    if charset is not None and charset.lower() not in ("utf-8", "utf8"):
        raw = decode_text(raw, charset).removeprefix("\ufeff").encode()
    return decode(raw)


def _xml(
    reader: XmlReader, limits: BodyLimits, raw: bytes, content_type: ContentType, _: Reading
) -> Any:
    return reader.read(raw, limits, content_type.charset)


def _form(reader: FormReader, raw: bytes, content_type: ContentType, reading: Reading) -> Any:
    return reader.read(decode_text(raw, content_type.charset), reading)


def _sequence(
    name: str, limits: BodyLimits, raw: bytes, content_type: ContentType, _: Reading
) -> Any:
    if content_type.charset is not None and name != EVENTS:
        raw = decode_text(raw, content_type.charset).encode()
    return read_sequence(name, raw, limits)


def _text(shape: Shape, raw: bytes, content_type: ContentType, reading: Reading) -> Any:
    text = decode_text(raw, content_type.charset)
    if shape.textual:
        return shape.convert(text)
    if not shape.scalar:
        reading.checkable = False
        return text
    return shape.convert(text.strip())


def _binary(shape: Shape, raw: bytes, _: ContentType, reading: Reading) -> str:
    reading.checkable = reading.checkable and shape.textual
    return binary_text(raw)


def binary_text(raw: bytes) -> str:
    """Bytes as a string that a schema can be checked against: one character for each byte."""
    return raw.decode("latin-1")


def _too_nested(_raw: bytes, _content_type: ContentType, _reading: Reading) -> Any:
    raise MalformedError(
        f"nests multipart bodies more than {_MOST_NESTED} levels deep",
        code="too-deep",
        expected=f"up to {_MOST_NESTED} levels",
    )
