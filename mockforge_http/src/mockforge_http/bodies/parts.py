"""``multipart/*`` bodies as values: parts with names as an object, parts without as an array.

Each part is read by its own media type: the one it states, else the one its encoding states, else the default
for its schema (OpenAPI 3.2.1 section 4.15.1). Files and other binary parts become text with one character for
each byte.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET

from mockforge.mocking.contenttype import ContentType, parse_content_type
from mockforge.mocking.malformed import MalformedError
from mockforge_http.bodies.media import Encodings, Reader, binary_text, media_reader
from mockforge_http.bodies.result import PartInfo, Reading
from mockforge_http.bodies.spec import NO_ENCODING, BodyLimits, EncodingSpec
from mockforge_http.bodies.split import Part, split_parts
from mockforge_http.findings import pointer_to, shortened
from mockforge_http.operations.negotiate import MediaRange, is_json, parse_media_type
from mockforge_http.values.fields import Claims, Fields
from mockforge_http.values.readers import Reader as FieldReader
from mockforge_http.values.readers import field_reader
from mockforge_http.values.shape import Shape

_MOST_READERS: Final = 64
_PLAIN: Final = ContentType("text/plain", {})
_JSON: Final = ContentType("application/json", {})
_OCTETS: Final = ContentType("application/octet-stream", {})


class PartsReader:
    """Reads multipart bodies of one media type of one operation."""

    def __init__(
        self, name: str, shape: Shape, encodings: Encodings, limits: BodyLimits, depth: int
    ) -> None:
        self._shape = shape
        self._limits = limits
        self._encodings = encodings
        self._is_form = name == "multipart/form-data"
        self._by_position = bool(
            encodings.prefix_encoding
            or encodings.item_encoding is not None
            or (shape.array and not shape.object)
        )
        self._values = _PartValues(limits, depth)
        self._styled = {
            member: field_reader(
                member,
                shape.member(member),
                encoding.style or "form",
                explode=encoding.exploded,
                decode=str,
                claims=Claims(shape.properties(), ()),
            )
            for member, encoding in encodings.encoding.items()
            if encoding.styled and self._is_form and member in shape.properties()
        }
        self._spread = {
            name
            for member in self._styled
            if encodings.encoding[member].spreads and shape.member(member).object
            for name in shape.member(member).properties()
        }

    def read(self, raw: bytes, content_type: ContentType, reading: Reading) -> Any:
        """The parts as an object or an array."""
        parts = split_parts(
            raw,
            content_type.params.get("boundary"),
            self._limits,
            self._limits.max_parts - len(reading.parts),
        )
        reading.parts += [_info(part) for part in parts]
        if self._by_position:
            return self._array(parts, reading)
        if self._is_form or any(part.name is not None for part in parts):
            return self._object(parts, reading)
        if not self._shape.free:
            # An object is wanted of parts that have no names: nothing says which is which.
            reading.checkable = False
        return self._array(parts, reading)

    # ------------------------------------------------------------------ by position

    def _array(self, parts: list[Part], reading: Reading) -> list[Any]:
        """ "For applications that wish to preserve part order, ``multipart/form-data`` content may also be
        modelled as an array, where each item consists of an object containing the name/value pair"."""
        items: list[Any] = []
        prefix = self._encodings.prefix_encoding
        for position, part in enumerate(parts):
            shape = self._shape.item(position)
            encoding = prefix[position] if position < len(prefix) else self._encodings.item_encoding
            path: tuple[str | int, ...] = (position,)
            if self._is_form and part.name is not None:
                path = (position, part.name)
                named = self._values.read(
                    part, shape.member(part.name), encoding or NO_ENCODING, path, reading
                )
                items.append({part.name: named})
            else:
                items.append(self._values.read(part, shape, encoding or NO_ENCODING, path, reading))
        return items

    # ------------------------------------------------------------------ by name

    def _object(self, parts: list[Part], reading: Reading) -> dict[str, Any]:
        groups: dict[str, list[Part]] = {}
        for position, part in enumerate(parts):
            if part.name is None:
                reading.problems.append(
                    MalformedError(
                        f"has no name in the Content-Disposition of part {position + 1}",
                        code="part-without-name",
                        pointer=pointer_to(position),
                        expected='Content-Disposition: form-data; name="..."',
                        actual=part.headers.get("content-disposition", ""),
                    )
                )
            else:
                groups.setdefault(part.name, []).append(part)
        value: dict[str, Any] = {}
        if self._styled:
            self._read_styled(groups, value, reading)
        for name, group in groups.items():
            if name not in value:
                value[name] = self._member(name, group, reading)
        return value

    def _read_styled(
        self, groups: dict[str, list[Part]], value: dict[str, Any], reading: Reading
    ) -> None:
        """Members in a parameter style: the names go where a query string has them, and "URI percent
        encoding is not applied"."""
        fields: Fields = {
            name: [part.content.decode("utf-8", "replace") for part in group]
            for name, group in groups.items()
            if all(part.filename is None for part in group)
        }
        for member, read in self._styled.items():
            _read_field(member, read, fields, value, reading)
        for name in list(groups):
            if name in self._styled or name in self._spread or name.partition("[")[0] in value:
                del groups[name]

    def _member(self, name: str, group: list[Part], reading: Reading) -> Any:
        shape = self._shape.member(name)
        encoding = self._encodings.encoding.get(name, NO_ENCODING)
        is_array = shape.array and (
            not shape.scalar
            or len(group) > 1
            or shape.is_item(group[0].content.decode("utf-8", "replace"))
        )
        single = shape.item() if is_array else shape
        values = [
            self._values.read(part, single, encoding, (name, i) if is_array else (name,), reading)
            for i, part in enumerate(group)
        ]
        if len(values) > 1:
            # "Multiple values with the same name MUST be collapsed into an array value."
            return values
        whole = isinstance(values[0], list) and not single.array
        return values if is_array and not whole else values[0]


class _PartValues:
    """Reads single parts; keeps a reader for each schema and media type that came up."""

    def __init__(self, limits: BodyLimits, depth: int) -> None:
        self._limits = limits
        self._depth = depth
        self._readers: dict[tuple[int, str], tuple[Shape, Reader]] = {}
        self._ranges: dict[str, list[MediaRange]] = {}

    def read(
        self,
        part: Part,
        shape: Shape,
        encoding: EncodingSpec,
        path: tuple[str | int, ...],
        reading: Reading,
    ) -> Any:
        """The value of ``part``; ``path`` leads to it, for what is wrong."""
        pointer = pointer_to(*path)
        self._check(part, encoding, pointer, reading)
        if _is_binary(part, shape):
            return binary_text(part.content)
        content_type = self._content_type(part, shape, encoding)
        if content_type is _OCTETS and part.content_type is None:
            return _loose_text(part.content, shape)
        reader = self._reader(content_type.name, shape, encoding)
        below = Reading()
        below.parts = reading.parts
        try:
            return reader(part.content, content_type, below)
        except MalformedError as error:
            reading.problems.append(error.below(pointer))
            return _loose_text(part.content, shape)
        finally:
            reading.problems += [problem.below(pointer) for problem in below.problems]
            reading.checkable &= below.checkable

    def _reader(self, name: str, shape: Shape, encoding: EncodingSpec) -> Reader:
        key = (id(shape), name)
        known = self._readers.get(key)
        if known is None:
            reader = media_reader(name, shape, encoding, self._limits, depth=self._depth + 1)
            if len(self._readers) >= _MOST_READERS:
                self._readers.clear()
            # The shape is kept along, so that its id stays its own.
            known = self._readers[key] = (shape, reader)
        return known[1]

    def _check(self, part: Part, encoding: EncodingSpec, pointer: str, reading: Reading) -> None:
        stated = encoding.content_type
        if stated and part.content_type is not None and not self._is_allowed(part, stated):
            reading.problems.append(
                MalformedError(
                    f"has a part of type `{shortened(part.headers['content-type'])}` at "
                    f"{pointer}, which should be {stated}",
                    code="part-media-type",
                    pointer=pointer,
                    expected=stated,
                    actual=part.headers["content-type"],
                )
            )
        for header in encoding.required_headers:
            if header.lower() not in part.headers and header.lower() != "content-type":
                reading.problems.append(
                    MalformedError(
                        f"has a part at {pointer} without the required header `{header}`",
                        code="part-header-missing",
                        pointer=pointer,
                        expected=f"{header}: ...",
                    )
                )
        if encoding.allow_empty is False and not part.content:
            reading.problems.append(
                MalformedError(
                    f"has an empty part at {pointer}, which does not allow that",
                    code="empty-value",
                    pointer=pointer,
                    expected="a value that is not empty",
                    actual="",
                )
            )

    def _is_allowed(self, part: Part, stated: str) -> bool:
        ranges = self._ranges.get(stated)
        if ranges is None:
            ranges = self._ranges[stated] = [
                parse_media_type(text) for text in stated.split(",") if text.strip()
            ]
        offered = parse_media_type(part.headers["content-type"])
        return any(declared.fit(offered) >= 0 for declared in ranges)

    def _content_type(self, part: Part, shape: Shape, encoding: EncodingSpec) -> ContentType:
        structured = (shape.object or shape.array) and not shape.scalar
        sent = part.content_type
        if sent is not None and sent.name:
            # Many clients label every text they send as text/plain; an object cannot be one.
            plain_json = sent.name == "text/plain" and structured and encoding.content_type is None
            return _JSON if plain_json else sent
        if encoding.content_type is not None:
            stated = parse_content_type(encoding.content_type.partition(",")[0])
            if stated.name and "*" not in stated.name:
                return stated
        if structured:
            return _JSON
        return _OCTETS if shape.open or shape.find("contentEncoding") else _PLAIN


def _is_binary(part: Part, shape: Shape) -> bool:
    """A file, or what the schema calls binary, as long as the schema takes it as text."""
    if not shape.textual or (
        shape.object and part.content_type and is_json(part.content_type.name)
    ):
        return False
    return part.filename is not None or shape.find("format") == "binary"


def _loose_text(content: bytes, shape: Shape) -> Any:
    """Text where it is UTF-8, else one character for each byte."""
    try:
        return shape.convert(content.decode())
    except UnicodeDecodeError:
        return binary_text(content)


def _read_field(
    member: str, read: FieldReader, fields: Fields, value: dict[str, Any], reading: Reading
) -> None:
    try:
        found = read(fields)
    except MalformedError as error:
        reading.problems.append(error.below(pointer_to(member)))
        return
    if found is not UNSET:
        value[member] = found


def _info(part: Part) -> PartInfo:
    stated = part.headers.get("content-type")
    return PartInfo(part.name, part.filename, stated, part.headers, len(part.content))
