"""The request of a callback or webhook, made from its operation: headers, query and body that the document
declares, from examples or generated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zlib import crc32

from mockforge_http.callbacks.client import Outgoing, user_agent
from mockforge_http.operations.examples import declared_examples
from mockforge_http.operations.headers import field_value, may_be_sent, parameter_value
from mockforge_http.operations.negotiate import is_json
from mockforge_http.render import is_sequence, render, wire_media_type
from mockforge_http.render.schema import SchemaNode
from mockforge_http.render.text import render_text

if TYPE_CHECKING:
    from mockforge_http.documents import MediaType, OperationRef, OperationView, Parameter
    from mockforge_http.operations.answering import Answering

_NO_BODY = frozenset({"GET", "HEAD", "TRACE"})
_ITEMS = 3


def make_request(answering: Answering, ref: OperationRef, url: str) -> tuple[str, Outgoing]:
    """The address (``url`` with declared query parameters) and the request of the operation ``ref``. The
    same every time, unless answers are ``dynamic``."""
    view = answering.operation(ref)
    random = answering.random
    seed = crc32(url.encode(), answering.seed)
    random.seed(seed | (answering.count() << 32) if answering.dynamic else seed)
    headers: list[tuple[str, str]] = [("User-Agent", user_agent())]
    query: list[tuple[str, str]] = []
    for parameter in view.parameters:
        if not parameter.required:
            continue
        value = parameter_value(parameter, parameter.name, answering)
        if parameter.where == "query":
            query += _query_fields(parameter, value)
        elif parameter.where == "header" and may_be_sent(parameter.name):
            headers.append((parameter.name, field_value(value, parameter.explode)))
    body, media_type = _body(view, answering)
    if media_type is not None:
        headers.append(("Content-Type", media_type))
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    return url, Outgoing(ref.method, tuple(headers), body)


def _query_fields(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Style ``form`` (OpenAPI 3.1.1 section 4.8.12.3)."""
    text = partial(field_value, explode=False)
    if isinstance(value, list) and parameter.explode:
        return [(parameter.name, text(item)) for item in value]
    if isinstance(value, dict) and parameter.explode:
        return [(name, text(item)) for name, item in value.items()]
    return [(parameter.name, text(value))]


def _body(view: OperationView, answering: Answering) -> tuple[bytes, str | None]:
    declared = view.request_body
    if declared is None or not declared.content or view.method in _NO_BODY:
        return b"", None
    media = next(
        (media for name, media in declared.content.items() if is_json(name)),
        next(iter(declared.content.values())),
    )
    name = media.name.replace("*/*", "application/json").replace("/*", "/plain")
    wire = wire_media_type(name)
    return _rendered(media, wire, answering), wire


def _rendered(media: MediaType, wire: str, answering: Answering) -> bytes:
    sequence = media.item_schema is not None and is_sequence(wire.partition(";")[0])
    schema = media.item_schema if sequence else media.schema
    value, base = (True, "") if schema is None else schema
    node = SchemaNode(value, base, answering.schemas)
    examples = declared_examples(media, media.name, answering.folder)
    if examples and not (answering.dynamic and schema is not None):
        return next(iter(examples.values())).bytes_for(wire, node)
    if schema is None:
        return render_text("")
    generator = answering.compile_request(schema, node.name())
    random = answering.random
    made = (
        [generator.generate(random) for _ in range(_ITEMS)]
        if sequence
        else generator.generate(random)
    )
    return render(wire, made, node)
