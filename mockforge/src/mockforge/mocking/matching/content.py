"""A body and its views: text, JSON, form fields, parts, XML. Each is made when first asked for, and once.

A node inside a JSON body is a :class:`Content` as well (:meth:`Content.of_json`), so that every predicate
works on what a path leads to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET

from mockforge.mocking.fields import essence

if TYPE_CHECKING:
    from mockforge.mocking.matching.xpath import Node

MOST_FIELDS: Final = 10_000
"""Fields of a form that are looked at."""

_decode_json: Final = msgspec.json.Decoder().decode
_UNREAD: Final[Any] = object()
_FORM: Final = "application/x-www-form-urlencoded"


class Part(NamedTuple):
    """One part of a multipart body. ``headers`` are by lower-case name; names are ``None`` where the part
    states none."""

    name: str | None
    filename: str | None
    headers: Mapping[str, str]
    content: Content


class Content:
    """A body (``raw``, with the ``media_type`` its sender stated, parameters included).

    No view raises: one that cannot be made is empty, ``UNSET`` (``json``) or ``None`` (``xml``). Views are
    shared: do not change what they return.
    """

    __slots__ = ("_form", "_json", "_parts", "_raw", "_text", "_xml", "media_type")

    def __init__(self, raw: bytes = b"", media_type: str = "", *, json: Any = _UNREAD) -> None:
        self._raw: bytes | None = raw
        self.media_type = media_type
        self._json = json
        self._text: str | None = None
        self._form: Mapping[str, list[str]] | None = None
        self._parts: Sequence[Part] | None = None
        self._xml: Node | None = _UNREAD

    @classmethod
    def of_json(cls, value: Any) -> Content:
        """A node of a JSON document. As text, a string is itself and anything else its JSON text."""
        node = cls(b"", "application/json", json=value)
        node._raw = None
        return node

    @classmethod
    def of_xml(cls, node: Node) -> Content:
        """A node of an XML document. As text it is its string-value."""
        content = cls(b"", "application/xml")
        content._raw = None
        content._text = node.value()
        content._xml = node
        return content

    @classmethod
    def of_text(cls, text: str) -> Content:
        """A text whose JSON, form or XML views are wanted: a header, a field, a message."""
        content = cls(b"", "")
        content._raw = None
        content._text = text
        return content

    @property
    def raw(self) -> bytes:
        """The octets."""
        raw = self._raw
        if raw is None:
            raw = self._raw = self.text.encode("utf-8", "surrogatepass")
        return raw

    @property
    def text(self) -> str:
        """The text in the charset that the media type states, by default UTF-8; what is wrong in it is
        replaced by U+FFFD."""
        text = self._text
        if text is None:
            text = self._text = self._made_text()
        return text

    @property
    def json(self) -> Any:
        """The decoded JSON, or ``UNSET`` if it is none."""
        value = self._json
        if value is _UNREAD:
            value = self._json = self._read_json()
        return value

    @property
    def form(self) -> Mapping[str, list[str]]:
        """The fields of ``application/x-www-form-urlencoded``, decoded, by name and in order; empty for
        other media types. A body without a media type is read as a form."""
        form = self._form
        if form is None:
            form = self._form = self._read_form()
        return form

    @property
    def parts(self) -> Sequence[Part]:
        """The parts of ``multipart/*``; empty for other media types and where it is malformed."""
        parts = self._parts
        if parts is None:
            from mockforge.mocking.matching.parts import read_parts

            parts = self._parts = read_parts(self.raw, self.media_type)
        return parts

    @property
    def xml(self) -> Node | None:
        """The document node (or, :meth:`of_xml`, the element), or None if it is no XML or none that is safe
        to read."""
        tree = self._xml
        if tree is _UNREAD:
            from mockforge.mocking.matching.xmldocument import read_xml

            tree = self._xml = read_xml(self)
        return tree

    @property
    def is_text(self) -> bool:
        """Whether this was made from text (or a node), not from octets."""
        return self._raw is None

    @property
    def key(self) -> str:
        """What ``equals`` compares: the text, with whole numbers of a JSON node written without a
        fraction (JSON knows one kind of number: ``10.0`` is ``10``)."""
        if self._raw is None:
            value = self._json
            if value.__class__ is float and value.is_integer():
                return str(int(value))
        return self.text

    def preview(self, length: int) -> str:
        """The beginning of the text, for people; octets that are no text as a count."""
        raw = self._raw
        if raw is None or len(raw) <= 4 * length:
            text = self.text
        else:
            text = raw[: 4 * length].decode("utf-8", "replace")
        if raw and (text.count("\ufffd") > len(text) // 8 or "\0" in text):
            return f"({len(raw)} bytes)"
        return text if len(text) <= length else text[: length - 1] + "…"

    def _made_text(self) -> str:
        raw = self._raw
        if raw is None:
            value = self._json
            return value if isinstance(value, str) else json_text(value)
        from mockforge.mocking.matching.charsets import decode

        return decode(raw, self.media_type)

    def _read_json(self) -> Any:
        try:
            return _decode_json(self.text if self._raw is None else self._raw)
        except (ValueError, RecursionError):
            pass
        if "charset" not in self.media_type and not (self._raw or b"").startswith(b"\xef\xbb\xbf"):
            return UNSET
        try:
            return _decode_json(self.text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            return UNSET

    def _read_form(self) -> Mapping[str, list[str]]:
        stated = essence(self.media_type)
        if stated not in ("", _FORM):
            return {}
        fields: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(self.text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:  # more fields than that
            return {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return fields

    def __repr__(self) -> str:
        return f"<Content {self.media_type or 'of no media type'} {self.preview(40)!r}>"


def json_text(value: Any) -> str:
    """Compact JSON text of a decoded value."""
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):
        # Integers of more than 64 bits are more than the encoder takes.
        import json

        try:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
        except (ValueError, RecursionError):
            return ""
