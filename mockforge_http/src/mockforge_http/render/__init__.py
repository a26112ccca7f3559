"""From a value to the bytes of a media type.

Called by operations that answer with an example or generated data. JSON needs no schema; XML takes
names, attributes and wrapping from it (the ``xml`` object of OpenAPI).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mockforge.mocking.fields import essence
from mockforge_http.operations.negotiate import is_json, is_xml
from mockforge_http.render.form import render_form
from mockforge_http.render.json import render_json
from mockforge_http.render.multipart import boundary_of, render_multipart
from mockforge_http.render.schema import SchemaNode
from mockforge_http.render.sequence import is_sequence, render_sequence
from mockforge_http.render.text import render_text

__all__ = ["is_sequence", "render", "renderer", "wire_media_type"]


def render(media_type: str, value: Any, node: SchemaNode) -> bytes:
    """``value`` as ``media_type``; ``node`` is its schema (see :class:`SchemaNode`)."""
    name = essence(media_type)
    if is_sequence(name) and isinstance(value, list):
        return render_sequence(name, value)
    if is_json(name):
        return render_json(value)
    if is_xml(name):
        if isinstance(value, str):
            return value.encode()
        from mockforge_http.render.xml import render_xml

        return render_xml(value, node)
    if name == "application/x-www-form-urlencoded":
        return render_form(value)
    if name.startswith("multipart/"):
        return render_multipart(value, boundary_of(media_type))
    return render_text(value)


def renderer(media_type: str, node: SchemaNode) -> Callable[[Any], bytes]:
    """:func:`render` for many values of one schema."""
    name = essence(media_type)
    if is_json(name) and not is_sequence(name):
        return render_json
    return partial(render, media_type, node=node)


def wire_media_type(media_type: str) -> str:
    """The ``Content-Type`` to send: a multipart type gets its boundary."""
    if media_type.lower().startswith("multipart/") and "boundary=" not in media_type.lower():
        return f"{media_type}; boundary={boundary_of(media_type)}"
    return media_type
