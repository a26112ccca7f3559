"""What a document declares about a body, in the shape of OpenAPI 3.x, and how much a body may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from mockforge_http.render.schema import SchemaNode
from mockforge_http.values.jsontext import decode_json


class EncodingSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """An Encoding Object (OpenAPI 3.2.1 section 4.15). ``None`` is a field that is not there: it makes a
    difference whether ``style``, ``explode`` or ``allowReserved`` is stated.

    ``allow_empty`` is ``allowEmptyValue`` of a Swagger 2.0 form parameter. ``required_headers`` names the
    declared part headers that are required.
    """

    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool | None = None
    allow_empty: bool | None = None
    required_headers: tuple[str, ...] = ()
    encoding: Mapping[str, EncodingSpec] = {}
    prefix_encoding: tuple[EncodingSpec, ...] = ()
    item_encoding: EncodingSpec | None = None

    @property
    def styled(self) -> bool:
        """Whether values are written in a parameter style: "the presence of at least one of ``style``,
        ``explode``, or ``allowReserved`` with an explicit value"."""
        return not (self.style is None and self.explode is None and self.allow_reserved is None)

    @property
    def exploded(self) -> bool:
        """``explode``, or its default for the style."""
        return self.style in (None, "form") if self.explode is None else self.explode

    @property
    def spreads(self) -> bool:
        """Whether the members of an object stand beside the other fields, under their own names."""
        return self.exploded and self.style != "deepObject"


NO_ENCODING: Final = EncodingSpec()


class MediaSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A Media Type Object. The schemas come with their base and resolver."""

    schema: SchemaNode | None = None
    item_schema: SchemaNode | None = None
    encoding: Mapping[str, EncodingSpec] = {}
    prefix_encoding: tuple[EncodingSpec, ...] = ()
    item_encoding: EncodingSpec | None = None


class BodyLimits(msgspec.Struct, frozen=True):
    """Bounds for one body; passing one is a finding."""

    max_body: int = 10 * 1024**2
    """Bytes once content codings are undone. This bounds what a compressed body can grow to, so no ratio
    has to: text that repeats itself compresses a thousandfold and is no attack by itself."""
    max_depth: int = 200
    """Nesting of JSON."""
    max_brackets: int = 200_000
    """Arrays and objects of a JSON body, counted by their opening brackets."""
    max_items: int = 100_000
    """Lines or records of a sequence."""
    max_fields: int = 10_000
    """Fields of a form."""
    max_parts: int = 1_000
    """Parts of a multipart body, those of nested ones counted too."""
    max_part_header: int = 8 * 1024
    """Bytes of all header fields of one part."""
    max_xml_depth: int = 100
    """Nesting of XML elements."""
    max_xml_nodes: int = 100_000
    """Elements, attributes and texts of an XML document."""
    unique_names: bool = False
    """Refuse JSON objects that give a name twice (RFC 8259 section 4 leaves open what they mean). Costs
    about as much again as decoding."""

    def json_decoder(self) -> Callable[[bytes | str], Any]:
        """:func:`~mockforge_http.values.jsontext.decode_json` with these bounds."""
        return partial(
            decode_json,
            max_depth=self.max_depth,
            max_brackets=self.max_brackets,
            unique_names=self.unique_names,
        )


DEFAULT_LIMITS: Final = BodyLimits()
