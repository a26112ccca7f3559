"""What the decoders of parameters and bodies need to know, from the view of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockforge.errors import MockForgeError
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge_http.bodies import EncodingSpec, MediaSpec
from mockforge_http.documents import Encoding, Located, MediaType, Parameter
from mockforge_http.parameters import ParameterSpec
from mockforge_http.render.schema import SchemaNode


class ShapeResolver:
    """Follows references for those who only want to know the shape of a value: one that leads nowhere says
    nothing about it (and was reported when the document was opened)."""

    def __init__(self, resolver: SchemaResolver) -> None:
        self._resolver = resolver

    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        """See :class:`~mockforge_http.render.schema.Resolver`; LookupError if there is nothing."""
        try:
            return self._resolver.resolve(ref, base)
        except MockForgeError as error:
            raise LookupError(str(error)) from None


def parameter_spec(parameter: Parameter, resolver: ShapeResolver) -> ParameterSpec:
    """A parameter or header as its decoder wants it."""
    return ParameterSpec(
        name=parameter.name,
        place=parameter.where,
        required=parameter.required,
        style=parameter.style,
        explode=parameter.explode,
        allow_reserved=parameter.allow_reserved,
        allow_empty=parameter.allow_empty,
        schema=_node(parameter.schema, resolver),
        content=content_specs(parameter.content, resolver),
        deprecated=parameter.deprecated,
    )


def content_specs(
    content: Mapping[str, MediaType], resolver: ShapeResolver
) -> dict[str, MediaSpec]:
    """Media types by name."""
    return {name: _media_spec(media, resolver) for name, media in content.items()}


def _media_spec(media: MediaType, resolver: ShapeResolver) -> MediaSpec:
    return MediaSpec(
        schema=_node(media.schema, resolver),
        item_schema=_node(media.item_schema, resolver),
        encoding=_encoding_specs(media.encoding),
        prefix_encoding=tuple(map(_encoding_spec, media.prefix_encoding)),
        item_encoding=_optional(media.item_encoding),
    )


def _encoding_specs(encodings: Mapping[str, Encoding]) -> dict[str, EncodingSpec]:
    return {name: _encoding_spec(encoding) for name, encoding in encodings.items()}


def _encoding_spec(encoding: Encoding) -> EncodingSpec:
    return EncodingSpec(
        content_type=encoding.content_type,
        style=encoding.style,
        explode=encoding.explode,
        allow_reserved=encoding.allow_reserved,
        allow_empty=encoding.allow_empty,
        required_headers=tuple(
            name for name, header in encoding.headers.items() if header.required
        ),
        encoding=_encoding_specs(encoding.encoding),
        prefix_encoding=tuple(map(_encoding_spec, encoding.prefix_encoding)),
        item_encoding=_optional(encoding.item_encoding),
    )


def _optional(encoding: Encoding | None) -> EncodingSpec | None:
    return None if encoding is None else _encoding_spec(encoding)


def _node(schema: Located | None, resolver: ShapeResolver) -> SchemaNode | None:
    return None if schema is None else SchemaNode(schema.value, schema.base, resolver)
