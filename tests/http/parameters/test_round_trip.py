"""Whatever is formatted in an unambiguous style is read back as it was; whatever is sent is survived."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.findings import RequestFinding
from mockforge_http.parameters import ParameterDecoder, format_parameter
from tests.http.parameters.sending import INTEGERS, STRINGS, spec, there_and_back, value_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FULL = TEXTS.filter(bool)
INTS = st.integers(-(10**30), 10**30)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
OBJECTS = st.dictionaries(FULL, FULL, min_size=1, max_size=4)
EXPLODE = st.booleans()
SCALARS: dict[str, Any] = {
    "string": TEXTS,
    "integer": INTS,
    "number": INTS | FLOATS,
    "boolean": st.booleans(),
}
ANY_OBJECT = {"type": "object", "additionalProperties": {"type": "string"}}
PATH_STYLES = st.sampled_from(["simple", "label", "matrix"])


@given(st.data(), st.sampled_from(sorted(SCALARS)), EXPLODE)
def test_scalars(data: st.DataObject, kind: str, explode: bool) -> None:
    value = data.draw(SCALARS[kind])
    for place, style in [
        ("path", "simple"), ("path", "label"), ("path", "matrix"), ("query", "form"), ("cookie", "form"),
    ]:  # fmt: skip
        parameter = spec(place, {"type": kind}, style=style, explode=explode)
        assert there_and_back(parameter, value) == value


@given(st.lists(TEXTS, min_size=2, max_size=5), PATH_STYLES, EXPLODE)
def test_arrays_of_strings_in_paths(value: list[str], style: str, explode: bool) -> None:
    if style == "label" and explode:  # a full stop is never escaped (RFC 3986 section 2.3)
        value = [text.replace(".", "_") for text in value]
    parameter = spec("path", STRINGS, style=style, explode=explode)
    assert there_and_back(parameter, value) == value


@given(st.lists(TEXTS, min_size=2, max_size=5), EXPLODE, st.booleans())
def test_arrays_of_strings_in_queries(value: list[str], explode: bool, reserved: bool) -> None:
    parameter = spec("query", STRINGS, explode=explode, allow_reserved=reserved)
    if reserved and not explode:  # with allowReserved, escaping commas is up to the client
        value = [text.replace(",", "_") for text in value]
    assert there_and_back(parameter, value) == value


@given(
    st.lists(INTS, max_size=5),
    EXPLODE,
    st.sampled_from(
        [
            ("path", "simple"), ("path", "label"), ("path", "matrix"), ("header", "simple"),
            ("query", "form"), ("query", "spaceDelimited"), ("query", "pipeDelimited"),
            ("query", "tabDelimited"), ("cookie", "form"), ("cookie", "cookie"),
        ]
    ),
)  # fmt: skip
def test_arrays_of_numbers_in_every_style(
    value: list[int], explode: bool, where: tuple[Any, str]
) -> None:
    place, style = where
    parameter = spec(place, INTEGERS, style=style, explode=explode)
    text = format_parameter(parameter, value)
    if value or (style != "simple" and text):
        assert value_of(parameter, text) == value


@given(OBJECTS, PATH_STYLES, EXPLODE)
def test_objects_in_paths(value: dict[str, str], style: str, explode: bool) -> None:
    if style == "label":
        value = {k.replace(".", "_"): v.replace(".", "_") for k, v in value.items()}
    parameter = spec("path", ANY_OBJECT, style=style, explode=explode)
    assert there_and_back(parameter, value) == value


@given(OBJECTS, EXPLODE)
def test_objects_in_queries(value: dict[str, str], explode: bool) -> None:
    parameter = spec("query", ANY_OBJECT, explode=explode)
    assert there_and_back(parameter, value) == value


KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=5
)
NESTED = st.recursive(
    FULL,
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=6,
).filter(lambda value: isinstance(value, dict))


@given(NESTED)
def test_nested_deep_objects(value: dict[str, Any]) -> None:
    if any(key.isdecimal() for key in _keys(value)):
        return  # digits alone are taken for an index
    parameter = spec("query", {"type": "object"}, style="deepObject")
    assert there_and_back(parameter, value) == value


def _keys(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [*value, *(key for member in value.values() for key in _keys(member))]


_EVERY_KIND = [
    {}, {"type": "integer"}, STRINGS, INTEGERS, ANY_OBJECT, {"type": ["array", "null"]},
    {"type": "object", "properties": {"a": INTEGERS}}, {"oneOf": [STRINGS, ANY_OBJECT, {"type": "number"}]},
    False,
]  # fmt: skip
_DECODERS = [
    ParameterDecoder(
        [
            spec("path", schema, "p", style=path_style, explode=explode),
            spec("query", schema, "q", style=query_style, explode=explode, required=True),
            spec("header", schema, "h", explode=explode),
            spec("cookie", schema, "c", style=cookie_style, explode=explode),
        ],
        "/{p}",
    )
    for schema in _EVERY_KIND
    for path_style, query_style, cookie_style in [
        ("simple", "form", "form"), ("label", "deepObject", "cookie"), ("matrix", "pipeDelimited", "form"),
        ("simple", "spaceDelimited", "cookie"),
    ]
    for explode in (False, True)
]  # fmt: skip
_NOISE = st.text("pqhc=&;,.|[]%20+Ff1a/\x00é", max_size=40) | st.text(max_size=20)


@settings(max_examples=60)
@given(_NOISE, _NOISE, st.binary(max_size=30), st.binary(max_size=30))
def test_anything_can_be_sent(path: str, query: str, header: bytes, cookie: bytes) -> None:
    for decoder in _DECODERS:
        values, findings = decoder.decode(
            (path,), query, {b"h": header, b"cookie": b"c=1;" + cookie}, f"/{path}"
        )
        assert all(isinstance(finding, RequestFinding) for finding in findings)
        _assert_json_like(list(values.values()))


def _assert_json_like(value: Any) -> None:
    if isinstance(value, dict):
        _assert_json_like([*value, *value.values()])
    elif isinstance(value, list):
        for item in value:
            _assert_json_like(item)
    elif isinstance(value, str):
        value.encode()
    else:
        assert value is None or type(value) in (bool, int, float)
