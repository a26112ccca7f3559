"""Whatever is sent comes back as a value or as findings; never as an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from mockforge_http.bodies import BodyDecoder, EncodingSpec, MediaSpec
from mockforge_http.findings import MAX_EXCERPT, RequestFinding, excerpt
from tests.http.bodies.sending import FORM, finding_of, multipart, part, send
from tests.http.values.nodes import node

_SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "integer"},
        "b": {"type": "array", "items": {"type": "object", "properties": {"a": {"$ref": "#/X"}}}},
        "c": {"oneOf": [{"type": "string"}, {"type": "object"}]},
        "d": {"type": "string", "xml": {"attribute": True}},
    },
}
_ENCODING = {
    "a": EncodingSpec(style="deepObject"),
    "b": EncodingSpec(explode=True),
    "c": EncodingSpec(content_type="application/json", allow_empty=False),
    "d": EncodingSpec(allow_reserved=False, required_headers=("X",)),
}
_TYPES = [
    "application/json", "application/xml", FORM, "multipart/form-data; boundary=B",
    "multipart/mixed; boundary=B", "application/jsonl", "application/json-seq", "text/event-stream",
    "text/plain", "application/octet-stream", "application/x+yaml",
]  # fmt: skip
_DECODER = BodyDecoder(
    {"*/*": MediaSpec(node(_SCHEMA, X={"$ref": "#/X"}), encoding=_ENCODING)}, required=True
)
_PIECES = st.sampled_from(
    [b"--B", b"\r\n", b"--", b'Content-Disposition: form-data; name="a"', b"Content-Type: ", b"a[", b"]=",
     b"&b=", b"<a>", b"</a>", b"<!", b"xmlns:", b"{", b'"a":', b"[", b"1e9", b"data: ", b"\x1e", b"%ff", b"%",
     b"; filename=", b"application/json", b"<![CDATA[", b"&lt;", b"\xff", b"\x00"]
)  # fmt: skip
_NOISE = st.lists(_PIECES | st.binary(max_size=6), max_size=12).map(b"".join)


@settings(max_examples=150)
@given(_NOISE, st.sampled_from(_TYPES))
def test_anything_can_be_sent(raw: bytes, content_type: str) -> None:
    result = _DECODER.decode(content_type.encode(), None, raw)
    assert all(isinstance(finding, RequestFinding) for finding in result.findings)
    assert result.value is not UNSET or result.findings
    if result.value is not UNSET:
        json.dumps(result.value, ensure_ascii=False).encode()


@given(st.binary(max_size=30), st.binary(max_size=20), st.binary(max_size=30))
def test_any_header_can_be_sent(content_type: bytes, coding: bytes, raw: bytes) -> None:
    assert isinstance(_DECODER.decode(content_type, coding, raw).findings, tuple)


_MEGA = 2_000_000


@pytest.mark.parametrize(
    ("media_type", "raw"),
    [
        ("application/json", b"[" * _MEGA),
        ("application/json", b'{"a":' * (_MEGA // 5)),
        ("application/json", b"-" * _MEGA),
        ("application/json", b'"' + b"\\ud800" * (_MEGA // 6)),
        ("application/json", b"9" * _MEGA),
        ("application/json", b"0." + b"9" * _MEGA),
        ("application/json", b"1e" + b"9" * _MEGA),
        ("application/xml", b"<a>" * (_MEGA // 3)),
        ("application/xml", b"<a" + b" b='c'" * (_MEGA // 6)),
        ("application/xml", b"<" * _MEGA),
        ("application/xml", b"<a>" + b"<b/>" * (_MEGA // 4)),
        ("multipart/form-data", b"--XX" * (_MEGA // 4)),
        ("multipart/form-data", b"--XX\r\n" * (_MEGA // 6)),
        ("multipart/form-data", b"--XX\r\na: " + b"b" * _MEGA),
        ("multipart/form-data", b"--XX\r\n" + b"a: b\r\n" * (_MEGA // 6)),
        ("multipart/form-data", b"--XX\r\n\r\n" + b"\r\n--X" * (_MEGA // 5)),
        ("multipart/form-data", multipart(part(b"", "a; " + "b;" * 3_000))),
        (FORM, b"&".join(b"a%d=1" % i for i in range(100_000))),
        (FORM, b"a" + b"[b]" * (_MEGA // 3) + b"=1"),
        (FORM, b"%" * _MEGA),
        ("application/jsonl", b"{\n" * (_MEGA // 2)),
        ("text/event-stream", b"data\xff" * (_MEGA // 5)),
    ],
)  # fmt: skip
def test_large_nonsense_is_answered_within_the_time_limit_of_the_suite(
    media_type: str, raw: bytes
) -> None:
    result = send(media_type, raw, _SCHEMA, components={"X": {}})
    assert result.findings or media_type in (FORM, "multipart/form-data")
    for finding in result.findings:
        assert len(finding.actual or "") <= MAX_EXCERPT
        assert len(finding.message) < 2_000


def test_many_fields_with_brackets_take_one_pass() -> None:
    raw = b"&".join(b"a%d[b]=1" % i for i in range(9_999))
    result = send(FORM, raw, {"type": "object"})
    assert len(result.value) == 9_999


def test_findings_never_hold_half_a_character() -> None:
    finding = finding_of("application/json", b'"' + "é".encode() * 9 + b'\\ud800"')
    assert finding.actual is not None
    assert finding.actual.endswith('\\ud800"')
    assert json.loads(json.dumps(finding.actual, ensure_ascii=False).encode()) == finding.actual
    assert excerpt("é\ud800") == "é?"


def test_schemas_that_refer_to_themselves_end() -> None:
    schema = {"$ref": "#/N"}
    loop = {
        "allOf": [{"$ref": "#/N"}],
        "properties": {"n": {"anyOf": [{"$ref": "#/N"}, {"$ref": "#/N"}]}},
    }
    result = send(FORM, b"n[n][n]=1&x=2", schema, components={"N": loop})
    assert result.value == {"n": {"n": {"n": "1"}}, "x": "2"}
    assert send("application/xml", b"<a><n><n/></n></a>", schema, components={"N": loop}).value == {
        "n": {"n": {}}
    }
