"""Finding ``$ref``s: a quick one over the bytes of a part, and an exact one over its value.

The quick one names every reference text that may be there. Only where one of those cannot be told to
be fine at once is the part walked, which knows what is *not* a reference: a ``$ref`` in an example, a
default, an enum or an extension, and a property that happens to be called ``$ref``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

import msgspec

from .pointer import Tokens

_QUICK: Final = re.compile(rb'"\$(?:ref|dynamicRef)":("[^"\\]*(?:\\.[^"\\]*)*")')
_NAMING: Final = re.compile(rb'"\$(?:id|anchor|dynamicAnchor|self)":"')

_LITERAL: Final = frozenset({"example", "default", "enum", "const", "value", "dataValue"})
"""Keywords of Schema, Parameter, Media Type and Example Objects whose values are plain data."""

_NAMES: Final = frozenset(
    {
        "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies",
        "responses", "parameters", "headers", "schemas", "requestBodies", "securitySchemes",
        "securityDefinitions", "links", "callbacks", "paths", "webhooks", "pathItems", "content",
        "encoding", "variables", "mediaTypes", "additionalOperations",
    }
)  # fmt: skip
"""Keywords whose values are maps: the keys in them are names, not keywords."""

_NAMES_OR_EXAMPLES: Final = _NAMES | {"examples"}
_REF_KEYS: Final = ("$ref", "$dynamicRef")


class Reference(NamedTuple):
    """A reference: the ``tokens`` that lead to its ``$ref`` (or ``$dynamicRef``) within the value that
    was walked, its ``text``, and the ``$id``s (outermost first) that stand around it."""

    tokens: Tokens
    text: str
    ids: tuple[str, ...]


class Name(NamedTuple):
    """A name that a schema gives itself: ``keyword`` is ``$id``, ``$anchor`` or ``$dynamicAnchor``;
    ``tokens`` lead to the schema, ``ids`` are the ``$id``s around it (without its own)."""

    tokens: Tokens
    keyword: str
    text: str
    ids: tuple[str, ...]


def quick_references(text: bytes) -> set[str]:
    """Every text that may be a reference in the JSON ``text`` (without white space)."""
    if b'"$ref":' not in text and b'"$dynamicRef":' not in text:
        return set()
    return {
        msgspec.json.decode(found, type=str) if b"\\" in found else found[1:-1].decode()
        for found in set(_QUICK.findall(text))
    }


def may_hold_names(text: bytes) -> bool:
    """Whether a schema in the JSON ``text`` may have an ``$id`` or an anchor."""
    return _NAMING.search(text) is not None


def context_of(tokens: Tokens) -> Literal["keywords", "names", "data"]:
    """What the value that ``tokens`` lead to (from the root of its file) is made of: keywords, names of
    a map, or plain data in which nothing is a reference."""
    names = False
    for token in tokens:
        if names:
            names = False
        elif token in _LITERAL or token.startswith("x-"):
            return "data"
        else:
            names = token in _NAMES_OR_EXAMPLES
    if names and tokens[-1] == "examples":
        return "data"
    return "names" if names else "keywords"


def walk(value: Any, *, names: bool = False) -> Iterator[Reference | Name]:
    """The references in ``value`` (a decoded part) and the names its schemas give themselves.
    ``names`` says that ``value`` is a map whose keys are names."""
    waiting: list[tuple[Any, Tokens, tuple[str, ...], bool]] = [(value, (), (), names)]
    while waiting:
        node, tokens, ids, is_map = waiting.pop()
        if isinstance(node, list):
            waiting.extend(
                (item, (*tokens, str(index)), ids, False)
                for index, item in enumerate(node)
                if isinstance(item, dict | list)
            )
            continue
        if not is_map:
            for keyword in ("$anchor", "$dynamicAnchor", "$id"):
                text = node.get(keyword)
                if isinstance(text, str):
                    if keyword == "$id":
                        yield Name(tokens, keyword, text, ids)
                    else:
                        own = node.get("$id")
                        around = (*ids, own) if isinstance(own, str) else ids
                        yield Name(tokens, keyword, text, around)
            own = node.get("$id")
            if isinstance(own, str):
                ids = (*ids, own)
            for keyword in _REF_KEYS:
                text = node.get(keyword)
                if isinstance(text, str):
                    yield Reference((*tokens, keyword), text, ids)
        waiting.extend(_members(node, tokens, ids, is_map))


def _members(
    node: dict[str, Any], tokens: Tokens, ids: tuple[str, ...], is_map: bool
) -> Iterator[tuple[Any, Tokens, tuple[str, ...], bool]]:
    for key, member in node.items():
        if not isinstance(member, dict | list):
            continue
        if is_map:
            yield member, (*tokens, key), ids, False
        elif key in _LITERAL or key.startswith("x-"):
            continue
        elif key == "examples":
            yield from _examples(member, (*tokens, key), ids)
        else:
            yield member, (*tokens, key), ids, key in _NAMES and isinstance(member, dict)


def _examples(
    examples: Any, tokens: Tokens, ids: tuple[str, ...]
) -> Iterator[tuple[Any, Tokens, tuple[str, ...], bool]]:
    """``examples`` is a list of plain values (a schema's), a map of plain values by media type (2.0),
    or a map of Example Objects, each of which may be a reference."""
    if isinstance(examples, list):
        return
    for name, example in examples.items():
        if isinstance(example, dict) and isinstance(example.get("$ref"), str) and "/" not in name:
            yield {"$ref": example["$ref"]}, (*tokens, name), ids, False
