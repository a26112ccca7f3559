"""Which media type a body is of, whether it is there at all, its content codings and charset."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
from msgspec import UNSET

from mockforge_http.bodies import BodyDecoder, BodyLimits, MediaSpec, decode_body
from mockforge_http.bodies.decoder import _MOST_CHOICES
from mockforge_http.findings import status_of
from tests.http.bodies.sending import FORM, finding_of, send, value_of
from tests.http.values.nodes import node

JSON = b'{"a":1}'


def chosen(sent: str | None, raw: bytes = JSON, *declared: str) -> str | None:
    media = {name: MediaSpec(node()) for name in declared}
    return decode_body(None if sent is None else sent.encode(), None, raw, media).media_type


@pytest.mark.parametrize(
    ("sent", "declared", "expected"),
    [
        ("application/json", ["application/json"], 0),
        ("Application/JSON; charset=utf-8", ["application/json"], 0),
        ("application/json;version=2", ["application/json;version=1", "application/json;version=2"], 1),
        ("application/json;version=2", ["application/json;version=1", "application/json"], 1),
        ("application/json", ["application/json;version=1", "application/json"], 1),
        ("application/json", ["*/*", "application/*", "application/json"], 2),
        ("application/json", ["*/*", "application/*"], 1),
        ("application/vnd.x+json", ["application/json", "application/*"], 1),
        ("application/vnd.x+json", ["text/plain", "application/json"], 1),
        ("application/vnd.x+json", ["application/*", "application/*+json"], 1),
        ("application/vnd.x+xml", ["application/json", "application/xml"], 1),
        ("image/png", ["image/*", "*/*"], 0),
    ],
)  # fmt: skip
def test_the_most_specific_declared_type_is_chosen(
    sent: str, declared: list[str], expected: int
) -> None:
    assert chosen(sent, JSON, *declared) == declared[expected]


@pytest.mark.parametrize(
    "sent",
    ["text/plain", "application/xml", "json", "application/", "*/*", "application/*", ";", "é/x",
     "application/json;version=3"],
)  # fmt: skip
def test_a_type_that_is_not_declared_is_unsupported(sent: str) -> None:
    media = {"application/json;version=1": MediaSpec(), "image/png": MediaSpec()}
    result = decode_body(sent.encode("latin-1"), None, JSON, media)
    (finding,) = result.findings
    assert (result.value, result.media_type) == (UNSET, None)
    assert finding.code == "body.unsupported-media-type"
    assert finding.expected == "application/json;version=1, image/png"
    assert status_of(result.findings) == 415


def test_what_curl_sends_by_default_is_explained() -> None:
    assert "curl -d" in finding_of("application/json", JSON, sent=FORM).message


@pytest.mark.parametrize(
    ("raw", "declared", "expected"),
    [
        (b"whatever", ["text/plain"], 0),
        (b' {"a":1}', ["application/xml", "application/json"], 1),
        (b"<a/>", ["application/json", "application/xml"], 1),
        (b"a=1", [FORM, "application/json"], 0),
        (b"<a/>", ["text/plain", "application/json"], 0),
    ],
)
def test_a_body_without_a_type_is_looked_at(raw: bytes, declared: list[str], expected: int) -> None:
    assert chosen(None, raw, *declared) == declared[expected]


def test_a_body_without_a_type_for_any_type_is_what_it_looks_like() -> None:
    assert decode_body(None, None, JSON, {"*/*": MediaSpec()}).value == {"a": 1}
    assert decode_body(None, None, b"\xff", {"*/*": MediaSpec()}).value == "\xff"


# ---------------------------------------------------------------------- no body


def test_a_body_that_nobody_declared_is_ignored() -> None:
    assert decode_body(b"text/plain", None, b"x", {}) == (None, UNSET, (), (), True, False)


@pytest.mark.parametrize("sent", [None, b"application/json", b"text/unknown"])
def test_an_optional_body_may_be_absent(sent: bytes | None) -> None:
    result = decode_body(sent, None, b"", {"application/json": MediaSpec()})
    assert (result.value, result.findings) == (UNSET, ())


@pytest.mark.parametrize("sent", [None, b"application/json", b"application/xml", b"text/unknown"])
def test_a_required_body_must_be_there(sent: bytes | None) -> None:
    media = {"application/json": MediaSpec(), "application/xml": MediaSpec()}
    (finding,) = decode_body(sent, None, b"", media, required=True).findings
    assert finding.code == "body.missing"
    assert finding.message == "A request body is required, but none was sent."


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (FORM, {}),
        ("text/plain", ""),
        ("image/png", ""),
        ("application/jsonl", []),
    ],
)
def test_nothing_at_all_is_a_body_of_some_types(sent: str, value: Any) -> None:
    result = decode_body(sent.encode(), None, b"", {sent: MediaSpec()}, required=True)
    assert (result.value, result.findings) == (value, ())


def test_content_types_are_remembered_within_a_bound() -> None:
    decoder = BodyDecoder({"application/*": MediaSpec(), "*/*": MediaSpec()})
    for number in range(3 * _MOST_CHOICES):
        assert decoder.decode(b"application/json; x=%d" % number, None, JSON).value == {"a": 1}
        assert decoder.decode(b"application/x%d+json" % number, None, JSON).value == {"a": 1}
        assert len(decoder._choices) <= _MOST_CHOICES
        assert len(decoder._readers) <= _MOST_CHOICES


# ---------------------------------------------------------------------- content codings


def coded(raw: bytes, coding: str, limit: int = 1000) -> Any:
    media = {"application/json": MediaSpec()}
    return decode_body(
        b"application/json", coding.encode(), raw, media, limits=BodyLimits(max_body=limit)
    )


def _raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "raw"),
    [
        ("gzip", gzip.compress(JSON, mtime=0)),
        ("X-GZip", gzip.compress(JSON[:3], mtime=0) + gzip.compress(JSON[3:], mtime=0)),
        ("deflate", zlib.compress(JSON)),
        ("deflate", _raw_deflate(JSON)),
        ("identity", JSON),
        ("gzip , deflate", zlib.compress(gzip.compress(JSON, mtime=0))),
    ],
)
def test_content_codings_are_undone(coding: str, raw: bytes) -> None:
    assert coded(raw, coding).value == {"a": 1}


@pytest.mark.parametrize(
    ("coding", "raw", "code", "status"),
    [
        ("br", b"x", "body.unsupported-coding", 415),
        ("gzip, gzip, gzip, gzip", b"x", "body.unsupported-coding", 415),
        ("gzip", b"no gzip", "body.malformed", 400),
        ("gzip", gzip.compress(JSON, mtime=0)[:-4], "body.malformed", 400),
        ("gzip", gzip.compress(JSON, mtime=0) + b"junk", "body.malformed", 400),
        ("gzip", gzip.compress(b"", mtime=0) * 20, "body.malformed", 400),
        ("deflate", b"\x00\x01\x02", "body.malformed", 400),
        ("gzip", gzip.compress(b" " * 1001, mtime=0), "body.too-large", 413),
        (
            "gzip, gzip",
            gzip.compress(gzip.compress(b" " * 50_000_000), mtime=0),
            "body.too-large",
            413,
        ),
    ],
)
def test_codings_that_cannot_be_undone_are_found(
    coding: str, raw: bytes, code: str, status: int
) -> None:
    result = coded(raw, coding)
    assert [finding.code for finding in result.findings] == [code]
    assert status_of(result.findings) == status
    assert result.value is UNSET


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert coded(gzip.compress(b" " * 993 + JSON, mtime=0), "gzip", 1000).value == {"a": 1}


# ---------------------------------------------------------------------- text and bytes


@pytest.mark.parametrize(
    ("sent", "raw", "value"),
    [
        ("text/plain", "é".encode(), "é"),
        ("text/plain; charset=ISO-8859-1", b"\xe9", "é"),
        ('text/plain; charset="utf-16"', "é".encode("utf-16"), "é"),
        ("text/plain; charset=windows-1252", b"\x80", "€"),
        ("application/yaml", b"a: 1", "a: 1"),
    ],
)
def test_text_is_decoded_by_its_charset(sent: str, raw: bytes, value: str) -> None:
    assert value_of("*/*", raw, {"type": "string"}, sent=sent) == value


@pytest.mark.parametrize(
    "charset", ["punycode", "unicode_escape", "utf-7", "idna", "nope", "x" * 500]
)
def test_charsets_that_are_none_of_the_web_are_unsupported(charset: str) -> None:
    finding = finding_of("text/plain", b"x", sent=f"text/plain; charset={charset}")
    assert finding.code == "body.unsupported-charset"


def test_text_that_is_not_in_its_charset_is_malformed() -> None:
    finding = finding_of("text/plain", b"ab\xff")
    assert finding.message == "The request body is not utf-8: octet 2 is wrong."


def test_json_is_read_in_other_charsets_too() -> None:
    raw = '{"a":"é"}'.encode("utf-16")
    assert value_of("application/json", raw, sent="application/json; charset=utf-16") == {"a": "é"}


@pytest.mark.parametrize(
    ("schema", "value"), [({"type": "integer"}, 42), ({"type": "string"}, " 42\n"), ({}, " 42\n")]
)
def test_plain_text_is_converted_as_the_schema_asks(schema: Any, value: Any) -> None:
    assert value_of("text/plain", b" 42\n", schema) == value


def test_bytes_become_text_with_one_character_each() -> None:
    everything = bytes(range(256))
    value = value_of("application/octet-stream", everything, {"type": "string", "maxLength": 256})
    assert (type(value), value.encode("latin-1")) == (str, everything)


def test_what_cannot_be_mapped_to_values_is_not_to_be_checked() -> None:
    wanted = {"type": "object"}
    assert not send("application/cbor", b"\xa0", wanted).checkable
    assert not send("application/yaml", b"a: 1", wanted).checkable
    assert send("application/cbor", b"\xa0", {"type": "string"}).checkable
    assert send("image/png", b"\xa0", {}).checkable


# ---------------------------------------------------------------------- JSON


def test_json_findings_have_their_code_and_status() -> None:
    result = send("application/json", b"{")
    assert [f.code for f in result.findings] == ["body.malformed"]
    assert status_of(result.findings) == 400
    assert finding_of("application/json", b"[" * 100_000).code == "body.too-deep"
    assert finding_of("application/json", b"[" * 10_000_000).code == "body.too-many-brackets"
    assert status_of([]) == 422
    limits = BodyLimits(unique_names=True)
    finding = finding_of("application/json", b'{"a":{"b":1,"b":2}}', limits=limits)
    assert (finding.code, finding.pointer) == ("body.duplicate-key", "/a/b")
