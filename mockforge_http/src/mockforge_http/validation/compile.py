"""From a bundled schema to a compiled validator (jsonschema-rs)."""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

import msgspec

from mockforge.mocking.data.model import Dialect, Direction, Schema
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge.mocking.regex import engine_options
from mockforge_http.validation.bundle import Bundle, bundle
from mockforge_http.validation.formats import CUSTOM
from mockforge_http.validation.patterns import KEYWORD, PythonPattern

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_BASE_BYTES: Final = 2_500
_BRACE_BYTES: Final = 800
_PATTERN_BYTES: Final = 12_000
"""Found by measuring the resident memory of the validators of published documents."""
_UNPACKED_BYTES: Final = 512 * 1024
"""JSON text of the schemas that are kept decoded for explanations."""


class SchemaValidator:
    """Says whether a value satisfies one schema.

    ``is_valid(value)`` is the validator's own function: nothing stands between it and the caller.
    ``size`` is about how many bytes hang on this, ``patterns`` leads from patterns of :meth:`schema` to
    how the document wrote them, ``problems`` says what of the document is not enforced and why.
    ``trivial`` is true if every value is valid.
    """

    __slots__ = (
        "__weakref__", "_packed", "engine", "is_valid", "patterns", "problems", "size", "trivial",
    )  # fmt: skip

    def __init__(self, bundled: Bundle) -> None:
        self.engine = compile_schema(bundled.schema)
        self.is_valid = self.engine.is_valid
        self.problems = tuple(bundled.problems)
        self.patterns = bundled.patterns
        self.trivial = bundled.schema in (True, {})
        text = _encoded(bundled.schema)
        self._packed = zlib.compress(text, 1)
        self.size = _size(text) + len(self._packed)

    def schema(self) -> Schema:
        """The bundled schema, for explanations: kept compressed, as it is only asked for when a value is
        not valid."""
        return _unpacked.get(self._packed)


def _encoded(schema: Schema) -> bytes:
    try:
        return msgspec.json.encode(schema)
    except OverflowError:  # an integer of more than 64 bits
        return json.dumps(schema, separators=(",", ":")).encode()


def _size(text: bytes) -> int:
    """Estimated bytes of the compiled form, from what JSON text tells: a schema object opens a brace."""
    return (
        _BASE_BYTES
        + _BRACE_BYTES * text.count(b"{")
        + _PATTERN_BYTES * (text.count(b'"pattern":') + text.count(b'"patternProperties":'))
    )


class _Unpacked:
    """The schemas that were explained last, decoded."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._kept: OrderedDict[bytes, tuple[Schema, int]] = OrderedDict()

    def get(self, packed: bytes) -> Schema:
        known = self._kept.get(packed)
        if known is not None:
            self._kept.move_to_end(packed)
            return known[0]
        text = zlib.decompress(packed)
        schema: Schema = msgspec.json.decode(text)
        if len(text) <= self._limit:
            self._kept[packed] = (schema, len(text))
            self._held += len(text)
            while self._held > self._limit:
                _, (_, size) = self._kept.popitem(last=False)
                self._held -= size
        return schema


_unpacked: Final = _Unpacked(_UNPACKED_BYTES)


def compile_schema(schema: Schema) -> Draft202012Validator:
    """The validator of a self-contained schema; ValueError if it is no schema."""
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(
        schema,
        formats=CUSTOM,
        validate_formats=True,
        ignore_unknown_formats=True,
        pattern_options=engine_options(),
        keywords={KEYWORD: PythonPattern},
        offline=True,
    )


def compile_validator(
    schema: Schema,
    base: str,
    *,
    resolver: SchemaResolver,
    dialect: Dialect,
    direction: Direction = "request",
    metaschema: str | None = None,
) -> SchemaValidator:
    """The validator of ``schema``, which stands in resource ``base``; raises what
    :func:`~mockforge_http.validation.bundle.bundle` raises."""
    bundled = bundle(
        schema,
        base,
        resolver=resolver,
        dialect=dialect,
        direction=direction,
        metaschema=metaschema,
    )
    return SchemaValidator(bundled)


class ValidatorPool:
    """Compiles validators of one document. Operations whose schemas are references to the same schema share
    one validator for as long as one of them is held."""

    def __init__(
        self, resolver: SchemaResolver, dialect: Dialect, metaschema: str | None = None
    ) -> None:
        self.resolver = resolver
        self.dialect = dialect
        self._metaschema = metaschema
        self._shared: WeakValueDictionary[tuple[str, str, Direction], SchemaValidator] = (
            WeakValueDictionary()
        )

    def get(self, schema: Schema, base: str, direction: Direction) -> SchemaValidator:
        """The validator of ``schema``; raises as :func:`compile_validator` does."""
        ref = schema.get("$ref") if isinstance(schema, dict) and len(schema) == 1 else None
        if not isinstance(ref, str):
            return self._compile(schema, base, direction)
        key = (ref, base, direction)
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = self._compile(schema, base, direction)
        return known

    def _compile(self, schema: Schema, base: str, direction: Direction) -> SchemaValidator:
        return compile_validator(
            schema,
            base,
            resolver=self.resolver,
            dialect=self.dialect,
            direction=direction,
            metaschema=self._metaschema,
        )
