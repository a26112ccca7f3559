"""Parameters whose value is a document of a media type: ``content``, and ``in: querystring``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockforge.mocking.contenttype import parse_content_type
from mockforge_http.bodies.media import FORM, media_reader
from mockforge_http.bodies.result import Reading
from mockforge_http.bodies.spec import DEFAULT_LIMITS, MediaSpec
from mockforge_http.parameters.spec import ParameterSpec
from mockforge_http.values.percent import decode_percent
from mockforge_http.values.shape import Shape, shape_of


def content_reader(spec: ParameterSpec) -> Callable[[str], Any]:
    """A reader for the decoded text of a parameter with ``content`` ("the map MUST only contain one
    entry")."""
    media_type, media = next(iter(spec.content.items()))
    content_type = parse_content_type(media_type)
    read = media_reader(content_type.name, shape_of(media.schema), media, DEFAULT_LIMITS)

    def read_text(text: str) -> Any:
        reading = Reading()
        value = read(text.encode(), content_type, reading)
        if reading.problems:
            raise reading.problems[0]
        return value

    return read_text


def querystring_reader(spec: ParameterSpec) -> Callable[[str], Any]:
    """A reader for a whole query string. A form is "URI query string-ready by definition"; everything
    else is percent-encoded as a whole."""
    read = content_reader(spec)
    media_type = next(iter(spec.content))
    if parse_content_type(media_type).name == FORM:
        return read
    return lambda query: read(decode_percent(query))


def content_shape(spec: ParameterSpec) -> Shape:
    """The shape of the value."""
    media: MediaSpec = next(iter(spec.content.values()))
    return shape_of(media.schema)
