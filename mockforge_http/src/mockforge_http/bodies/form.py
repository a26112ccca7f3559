"""``application/x-www-form-urlencoded``: a body, or a whole query string (``in: querystring``).

Each property of the schema is a field. By default arrays are repeated fields and objects are JSON in one
field (Encoding Object, ``contentType``); an encoding that states ``style``, ``explode`` or ``allowReserved``
makes the field a query parameter. What query string libraries write, ``a[b]=1`` and ``a[]=1``, is read where
no encoding says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from mockforge_http.bodies.result import Reading
from mockforge_http.bodies.spec import NO_ENCODING, BodyLimits, EncodingSpec, MediaSpec
from mockforge_http.bodies.xml import XmlReader
from mockforge_http.findings import pointer_to
from mockforge_http.operations.negotiate import is_json, is_xml
from mockforge_http.values.deep import has_deep, read_deep
from mockforge_http.values.fields import Claims, Fields, split_fields
from mockforge_http.values.jsontext import decode_json
from mockforge_http.values.malformed import MalformedError
from mockforge_http.values.percent import decode_form
from mockforge_http.values.readers import Reader, field_reader
from mockforge_http.values.shape import Shape

Problems = list[MalformedError]

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
        declared = self._shape.properties()
        names = set(declared)
        self._readers: list[tuple[str, Reader]] = []
        self._names = frozenset(names)
        spread: set[str] = set()
        self._swallows = False
        for name, shape in declared.items():
            encoding = encodings.encoding.get(name, NO_ENCODING)
            claims = Claims(names - {name}, names - {name})
            self._readers.append((name, _reader(name, shape, encoding, claims, limits)))
            if encoding.styled and encoding.exploded and shape.object:
                spread |= set(shape.properties())
                self._swallows |= shape.takes_any_name
        self._claims = Claims(names | spread, names)

    def read(self, text: str, reading: Reading) -> Any:
        """The form as an object; what is wrong with single fields goes to ``reading``."""
        fields = split_fields(text, self._limits.max_fields)
        value: dict[str, Any] = {}
        for name, encoding in self._checks:
            for raw in fields.get(name, ()):
                _check(name, raw, encoding, reading.problems)
        for name, read in self._readers:
            try:
                found = read(fields)
            except MalformedError as error:
                reading.problems.append(error.below(pointer_to(name)))
                continue
            if found is not UNSET:
                value[name] = found
        if not (self._swallows or fields.keys() <= self._names):
            self._rest(fields, value, reading.problems)
        return value

    def _rest(self, fields: Fields, value: dict[str, Any], problems: Problems) -> None:
        """Fields that the schema does not name; those with brackets are members of what stands before."""
        extra = self._shape.extra()
        for field, values in fields.items():
            if field in self._claims:
                continue
            root = field.partition("[")[0]
            if root in value:
                continue
            try:
                if root and root != field:
                    value[root] = read_deep(root, fields, extra, decode_form)
                else:
                    value[field] = _plain(values, extra, decode_form)
            except MalformedError as error:
                problems.append(error.below(pointer_to(root)))


def _reader(
    name: str, shape: Shape, encoding: EncodingSpec, claims: Claims, limits: BodyLimits
) -> Reader:
    if encoding.styled:
        return field_reader(
            name,
            shape,
            encoding.style or "form",
            explode=encoding.exploded,
            decode=decode_form,
            claims=claims,
        )
    convert = _value_converter(shape, encoding.content_type, limits)

    def read(fields: Fields) -> Any:
        values = fields.get(name)
        if values is None:
            if not has_deep(name, fields):
                return UNSET
            return read_deep(name, fields, shape, decode_form)
        if shape.array and not (shape.scalar and len(values) == 1):
            return [convert(decode_form(raw)) for raw in values]
        # "Multiple values with the same name MUST be collapsed into an array value."
        found = [convert(decode_form(raw)) for raw in values]
        return found[0] if len(found) == 1 else found

    return read


def _value_converter(
    shape: Shape, content_type: str | None, limits: BodyLimits
) -> Callable[[str], Any]:
    """What reads one value of a field: text, or JSON where the value (the item of an array) is an object
    or an array, or what the stated content type says."""
    single = shape.item() if shape.array and not shape.scalar else shape
    if content_type is None:
        structured = (single.object or single.array) and not single.scalar
        return _json(limits) if structured else single.convert
    stated = content_type.partition(",")[0]
    if is_json(stated):
        return _json(limits)
    if is_xml(stated):
        reader = XmlReader(single)
        return lambda text: reader.read(text.encode(), limits)
    return single.convert


def _json(limits: BodyLimits) -> Callable[[str], Any]:
    return partial(decode_json, max_depth=limits.max_depth, unique_names=limits.unique_names)


def _plain(values: list[str], shape: Shape, decode: Callable[[str], str]) -> Any:
    found = [shape.convert(decode(raw)) for raw in values]
    return found if len(found) > 1 or (shape.array and not shape.scalar) else found[0]


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
