"""Readers of values that are one text: path parameters and header fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockforge.mocking.malformed import MalformedError
from mockforge_http.findings import shortened
from mockforge_http.parameters.spec import DELIMITED, ParameterSpec
from mockforge_http.values.delimited import (
    SPLITS,
    Decode,
    items_of,
    members_of,
    read_array,
    read_assignments,
    read_pairs,
    split_commas,
    split_dots,
)
from mockforge_http.values.percent import decode_percent
from mockforge_http.values.shape import Shape

TextReader = Callable[[str], Any]


def path_reader(spec: ParameterSpec, shape: Shape, decode: Decode = decode_percent) -> TextReader:
    """A reader for the text that stands for ``{name}`` in the path, still percent-encoded.

    With ``decode=str`` it reads texts that are decoded already; that is enough where no delimiter has to
    be told from the same character in a value (:func:`needs_raw`).
    """
    style = spec.used_style
    if style == "matrix":
        return _matrix(spec, shape, decode)
    if style == "label":
        return _label(spec, shape, decode)
    return _simple(spec, shape, decode)


def needs_raw(spec: ParameterSpec, shape: Shape) -> bool:
    """Whether a path parameter has delimiters, so that it must be split before it is decoded."""
    return shape.array or shape.object or spec.used_style == "matrix"


def header_reader(spec: ParameterSpec, shape: Shape) -> TextReader:
    """A reader for the value of a header field.

    "When parsing these parameters, any apparent percent-encoding MUST NOT be decoded"; quotes stay too.
    White space around commas belongs to the list syntax (RFC 9110 section 5.6.1).
    """
    return _simple(spec, shape, str.strip)


def _simple(spec: ParameterSpec, shape: Shape, decode: Decode) -> TextReader:
    split = SPLITS.get(spec.used_style, split_commas)
    explode = spec.exploded and spec.used_style not in DELIMITED

    def read(text: str) -> Any:
        if shape.scalar and (shape.free or len(split(text)) == 1):
            return shape.convert(decode(text))
        if shape.array:
            return read_array(text, split, shape, decode)
        if explode:
            return read_assignments(text, split, shape, decode)
        return read_pairs(text, split, shape, decode)

    if not (shape.array or shape.object):
        convert = shape.convert
        return lambda text: convert(decode(text))
    return read


def _label(spec: ParameterSpec, shape: Shape, decode: Decode) -> TextReader:
    split = split_dots if spec.exploded else split_commas

    def read(text: str) -> Any:
        if not text.startswith("."):
            raise MalformedError(
                "does not start with `.`, as style `label` asks", expected=".value", actual=text
            )
        rest = text[1:]
        if shape.scalar and not (shape.array or shape.object):
            return shape.convert(decode(rest))
        if shape.array:
            if not spec.exploded and "," not in rest and not shape.item().textual:
                # The tables of OpenAPI before 3.0.4 show dots here; numbers and words hold none.
                return read_array(rest, split_dots, shape, decode)
            return read_array(rest, split, shape, decode)
        if spec.exploded:
            return read_assignments(rest, split, shape, decode)
        return read_pairs(rest, split_commas if "," in rest else split_dots, shape, decode)

    return read


def _matrix(spec: ParameterSpec, shape: Shape, decode: Decode) -> TextReader:
    name = spec.name
    example = f";{name}=value"

    def read(text: str) -> Any:
        if not text.startswith(";"):
            raise MalformedError(
                "does not start with `;`, as style `matrix` asks", expected=example, actual=text
            )
        pairs = [(key, value) for key, _, value in (p.partition("=") for p in text[1:].split(";"))]
        if spec.exploded and shape.object and pairs != [(name, "")]:
            return members_of(pairs, shape, decode)
        strangers = [key for key, _ in pairs if decode(key) != name]
        if strangers:
            raise MalformedError(
                f"holds `{shortened(strangers[0])}` where `{name}` is expected",
                expected=example,
                actual=text,
            )
        values = [value for _, value in pairs]
        if shape.array and spec.exploded:
            return items_of(values, shape, decode) if values != [""] else []
        if len(values) > 1:
            raise MalformedError(
                f"is given {len(values)} times", code="repeated", expected=example, actual=text
            )
        if shape.array:
            return read_array(values[0], split_commas, shape, decode)
        if shape.object:
            return read_pairs(values[0], split_commas, shape, decode)
        return shape.convert(decode(values[0]))

    return read
