"""``application/x-www-form-urlencoded``: a body, or a whole query string (``in: querystring``).

Each property of the schema is a field. By default arrays are repeated fields and objects are JSON in one
field (Encoding Object, ``contentType``); an encoding that states ``style``, ``explode`` or ``allowReserved``
makes the field a query parameter. What query string libraries write, ``a[b]=1`` and ``a[]=1``, is read where
no encoding says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from mockforge.mocking.malformed import MalformedError
from mockforge_http.bodies.result import Reading
from mockforge_http.bodies.spec import NO_ENCODING, BodyLimits, EncodingSpec, MediaSpec
from mockforge_http.bodies.xml import XmlReader
from mockforge_http.findings import pointer_to
from mockforge_http.operations.negotiate import is_json, is_xml
from mockforge_http.values.deep import group_by_root, read_deep
from mockforge_http.values.fields import Claims, Fields, split_fields
from mockforge_http.values.percent import decode_form
from mockforge_http.values.readers import Reader, field_reader
from mockforge_http.values.shape import Shape

Problems = list[MalformedError]
Convert = Callable[[str], Any]

_RESERVED: Final = frozenset(":/?#[]@!$&'(),;=")
"""RFC 3986 section 2.2 without ``*`` and ``+``, which this media type writes unescaped."""


class FormReader:
    """Reads forms of one media type of one operation."""

    def __init__(
        self, shape: Shape, encodings: MediaSpec | EncodingSpec, limits: BodyLimits
    ) -> None:
        self._shape = shape
        self._limits = limits
        self._checks: list[tuple[str, EncodingSpec]] = [
            (name, encoding)
            for name, encoding in encodings.encoding.items()
            if encoding.allow_reserved is False or encoding.allow_empty is False
        ]
        declared = shape.properties()
        self._names = frozenset(declared)
        self._styled: list[tuple[str, Reader]] = []
        self._plain: list[tuple[str, Shape, Convert]] = []
        spread: set[str] = set()
        self._swallows = False
        for name, member in declared.items():
            encoding = encodings.encoding.get(name, NO_ENCODING)
            if not encoding.styled:
                convert = _value_converter(member, encoding.content_type, limits)
                self._plain.append((name, member, convert))
                continue
            self._styled.append(
                (name, _styled_reader(name, member, encoding, self._names - {name}))
            )
            if encoding.spreads and member.object:
                spread |= set(member.properties())
                self._swallows |= member.takes_any_name
        self._claimed = self._names | spread
        self._convert_extra = _value_converter(shape.extra(), None, limits)

    def read(self, text: str, reading: Reading) -> Any:
        """The form as an object; what is wrong with single fields goes to ``reading``."""
        fields = split_fields(text, self._limits.max_fields)
        deep = group_by_root(fields)
        value: dict[str, Any] = {}
        for name, encoding in self._checks:
            for raw in fields.get(name, ()):
                _check(name, raw, encoding, reading.problems)
        for name, read in self._styled:
            try:
                found = read(fields)
            except MalformedError as error:
                reading.problems.append(error.below(pointer_to(name)))
            else:
                if found is not UNSET:
                    value[name] = found
        for name, member, convert in self._plain:
            if name in fields or name in deep:
                _read(name, fields, deep, member, convert, value, reading.problems)
        if not (self._swallows or fields.keys() <= self._names):
            self._read_others(fields, deep, value, reading.problems)
        return value

    def _read_others(
        self, fields: Fields, deep: dict[str, Fields], value: dict[str, Any], problems: Problems
    ) -> None:
        """Fields that the schema does not name; those with brackets are members of what stands before."""
        extra = self._shape.extra()
        names = dict.fromkeys(
            root if (root := field.partition("[")[0]) in deep else field for field in fields
        )
        for name in names:
            if name not in self._claimed:
                _read(name, fields, deep, extra, self._convert_extra, value, problems)


def _read(
    name: str,
    fields: Fields,
    deep: dict[str, Fields],
    shape: Shape,
    convert: Convert,
    value: dict[str, Any],
    problems: Problems,
) -> None:
    try:
        if name in fields:
            value[name] = _together(fields[name], shape, convert)
        elif name in deep:
            value[name] = read_deep(name, deep[name], shape, decode_form)
    except MalformedError as error:
        problems.append(error.below(pointer_to(name)))


def _styled_reader(
    name: str, shape: Shape, encoding: EncodingSpec, others: frozenset[str]
) -> Reader:
    return field_reader(
        name,
        shape,
        encoding.style or "form",
        explode=encoding.exploded,
        decode=decode_form,
        claims=Claims(others, others),
    )


def _value_converter(
    shape: Shape, content_type: str | None, limits: BodyLimits
) -> Callable[[str], Any]:
    """What reads one value of a field: text, or JSON where the value (the item of an array) is an object
    or an array, or what the stated content type says."""
    single = shape.item() if shape.array and not shape.scalar else shape
    if content_type is None:
        structured = (single.object or single.array) and not single.scalar
        return limits.json_decoder() if structured else single.convert
    stated = content_type.partition(",")[0]
    if is_json(stated):
        return limits.json_decoder()
    if is_xml(stated):
        reader = XmlReader(single)
        return lambda text: reader.read(text.encode(), limits)
    return single.convert


def _together(values: list[str], shape: Shape, convert: Callable[[str], Any]) -> Any:
    """The values of one field. "Multiple values with the same name MUST be collapsed into an array value
    for that named property", wanted or not."""
    texts = [decode_form(raw) for raw in values]
    is_array = shape.array and (len(texts) > 1 or shape.is_item(texts[0]))
    if is_array and shape.scalar and (item := shape.item()).scalar:
        convert = item.convert
    found = [convert(text) for text in texts]
    return found if is_array or len(found) > 1 else found[0]


def _check(name: str, raw: str, encoding: EncodingSpec, problems: Problems) -> None:
    """Fields for which the document forbids explicitly what forms usually may hold."""
    if encoding.allow_empty is False and not raw:
        problems.append(
            MalformedError(
                f"has an empty value for `{name}`, which does not allow one",
                code="empty-value",
                pointer=pointer_to(name),
                expected="a value that is not empty",
                actual="",
            )
        )
    reserved = _RESERVED.intersection(raw) if encoding.allow_reserved is False else None
    if reserved:
        problems.append(
            MalformedError(
                f"has unescaped reserved characters ({' '.join(sorted(reserved))}) in `{name}`, whose "
                "encoding says allowReserved: false",
                code="reserved-character",
                pointer=pointer_to(name),
                expected="percent-encoded characters",
                actual=raw,
            )
        )
