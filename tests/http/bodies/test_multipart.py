"""``multipart/*`` bodies."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from msgspec import UNSET

from mockforge_http.bodies import BodyLimits, EncodingSpec, PartInfo
from mockforge_http.bodies.decoder import MAX_FINDINGS
from mockforge_http.render import render
from tests.http.bodies.sending import BOUNDARY, finding_of, multipart, part, send, value_of
from tests.http.values.nodes import node

DATA = "multipart/form-data"
MIXED = "multipart/mixed"
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
BINARY = {"type": "string", "format": "binary"}
META = {"type": "object", "properties": {"n": INTEGER}}
SCHEMA = {
    "type": "object",
    "properties": {
        "id": INTEGER,
        "status": STRING,
        "file": BINARY,
        "files": {"type": "array", "items": BINARY},
        "tags": {"type": "array", "items": STRING},
        "meta": META,
        "metas": {"type": "array", "items": META},
        "any": {},
    },
}


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ([part(b"5", "id"), part(b"open", "status")], {"id": 5, "status": "open"}),
        ([part(b"x", "id")], {"id": "x"}),
        ([part("é".encode(), "status")], {"status": "é"}),
        ([part(b"\xe9", "status", Content_Type="text/plain; charset=latin-1")], {"status": "é"}),
        ([part(b"a", "tags"), part(b"b", "tags")], {"tags": ["a", "b"]}),
        ([part(b"a", "tags")], {"tags": ["a"]}),
        ([part(b"1", "id"), part(b"2", "id")], {"id": [1, 2]}),
        ([part(b'{"n":1}', "meta")], {"meta": {"n": 1}}),
        ([part(b'{"n":1}', "meta", Content_Type="application/json", filename="blob")], {"meta": {"n": 1}}),
        ([part(b'{"n":1}', "meta", Content_Type="text/plain; charset=utf-8")], {"meta": {"n": 1}}),
        ([part(b'{"n":1}', "metas"), part(b'{"n":2}', "metas")], {"metas": [{"n": 1}, {"n": 2}]}),
        ([part(b'[{"n":1},{"n":2}]', "metas")], {"metas": [{"n": 1}, {"n": 2}]}),
        ([part(b'["a","b"]', "tags", Content_Type="application/json")], {"tags": ["a", "b"]}),
        ([part(b"<m><n>1</n></m>", "meta", Content_Type="application/xml")], {"meta": {"n": 1}}),
        ([part(b"\xff\xfe", "file", filename="a.bin")], {"file": "\xff\xfe"}),
        ([part(b"\xff", "file")], {"file": "\xff"}),
        ([part(b"1", "files", filename="a"), part(b"2", "files", filename="b")], {"files": ["1", "2"]}),
        ([part(b"\xff", "files", filename="a")], {"files": ["\xff"]}),
        ([part(b"7", "any")], {"any": "7"}),
        ([part(b"\xff", "any")], {"any": "\xff"}),
        ([part(b"", "status")], {"status": ""}),
        ([part(b"x", "more")], {"more": "x"}),
        ([], {}),
    ],
)  # fmt: skip
def test_parts_are_members_each_by_its_media_type(parts: list[bytes], value: Any) -> None:
    assert value_of(DATA, multipart(*parts), SCHEMA) == value


def test_what_parts_say_about_themselves_is_kept() -> None:
    raw = multipart(
        part(
            b"\xff\xfe", "file", filename='a \\"b\\" C:\\x.png', Content_Type="image/png", X_A="1"
        ),
        part(b"5", "caf\u00e9"),
    )
    first, second = send(DATA, raw, SCHEMA).parts
    assert first == PartInfo(
        "file",
        'a "b" C:\\x.png',
        "image/png",
        {
            "content-disposition": 'form-data; name="file"; filename="a \\"b\\" C:\\x.png"',
            "content-type": "image/png",
            "x-a": "1",
        },
        2,
    )
    assert (second.name, second.filename, second.size) == ("café", None, 1)


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ("form-data; name=a; filename=b.txt", "a", "b.txt"),
        ('FORM-DATA; filename="x;y"; NAME="a"', "a", "x;y"),
        ('form-data; name="a%22b"', 'a"b', None),
        ("form-data; name=\"a\"; filename*=utf-8''%e2%82%ac.txt", "a", "€.txt"),
        ('form-data; name="a"; filename="x"; filename*=koi8\'\'%ff', "a", "x"),
    ],
)
def test_names_are_read_in_all_their_spellings(
    disposition: str, name: str, filename: str | None
) -> None:
    raw = multipart(f"Content-Disposition: {disposition}\r\n\r\nx".encode())
    (info,) = send(DATA, raw).parts
    assert (info.name, info.filename) == (name, filename)


# ---------------------------------------------------------------------- encodings


def test_a_stated_content_type_must_be_kept_to() -> None:
    encoding = {"file": EncodingSpec(content_type="image/png, image/jpeg")}
    fine = multipart(part(b"\xff", "file", filename="a", Content_Type="image/jpeg"))
    assert value_of(DATA, fine, SCHEMA, encoding=encoding) == {"file": "\xff"}
    wrong = multipart(part(b"x", "file", filename="a", Content_Type="text/html"))
    finding = finding_of(DATA, wrong, SCHEMA, encoding=encoding)
    assert (finding.code, finding.pointer) == ("body.part-media-type", "/file")
    assert finding.expected == "image/png, image/jpeg"
    unsaid = multipart(part(b"x", "file"))
    assert value_of(DATA, unsaid, SCHEMA, encoding=encoding) == {"file": "x"}
    images = {"file": EncodingSpec(content_type="image/*")}
    assert value_of(DATA, fine, SCHEMA, encoding=images) == {"file": "\xff"}


def test_a_stated_content_type_says_how_to_read_a_part_without_one() -> None:
    raw = multipart(part(b"<meta><n>1</n></meta>", "meta"))
    encoding = {"meta": EncodingSpec(content_type="application/xml; charset=utf-8")}
    assert value_of(DATA, raw, SCHEMA, encoding=encoding) == {"meta": {"n": 1}}
    quoted = multipart(part(b'"x"', "status"))
    encoding = {"status": EncodingSpec(content_type="application/json")}
    assert value_of(DATA, quoted, SCHEMA, encoding=encoding) == {"status": "x"}


def test_required_headers_of_a_part_must_be_there() -> None:
    encoding = {"file": EncodingSpec(required_headers=("X-Sum", "Content-Type"))}
    fine = multipart(part(b"x", "file", X_SUM="1"))
    assert value_of(DATA, fine, SCHEMA, encoding=encoding) == {"file": "x"}
    finding = finding_of(DATA, multipart(part(b"x", "file")), SCHEMA, encoding=encoding)
    assert finding.code == "body.part-header-missing"
    assert "`X-Sum`" in finding.message


def test_empty_parts_are_refused_only_where_the_document_says_so() -> None:
    encoding = {"status": EncodingSpec(allow_empty=False)}
    finding = finding_of(DATA, multipart(part(b"", "status")), SCHEMA, encoding=encoding)
    assert (finding.code, finding.pointer) == ("body.empty-value", "/status")


def test_parts_in_a_parameter_style_are_not_percent_decoded() -> None:
    encoding = {
        "tags": EncodingSpec(explode=False),
        "meta": EncodingSpec(style="deepObject"),
    }
    raw = multipart(part(b"a%20b,c+d", "tags"), part(b"1", "meta[n]"), part(b"5", "id"))
    assert value_of(DATA, raw, SCHEMA, encoding=encoding) == {
        "tags": ["a%20b", "c+d"], "meta": {"n": 1}, "id": 5,
    }  # fmt: skip
    spread = {"meta": EncodingSpec(explode=True)}
    assert value_of(DATA, multipart(part(b"1", "n")), SCHEMA, encoding=spread) == {"meta": {"n": 1}}
    deep = {"meta": EncodingSpec(style="deepObject", explode=True)}
    assert value_of(DATA, multipart(part(b"1", "n")), SCHEMA, encoding=deep) == {"n": "1"}


# ---------------------------------------------------------------------- by position


def test_parts_without_names_are_items_in_order() -> None:
    schema = {"type": "array", "prefixItems": [META], "items": BINARY}
    raw = multipart(
        part(b'{"n":1}', Content_Type="application/json"),
        part(b"\xff", Content_Type="image/png"),
        part(b"x"),
    )
    for media_type in (MIXED, "multipart/related"):
        assert value_of(media_type, raw, schema) == [{"n": 1}, "\xff", "x"]


def test_encodings_by_position_say_how_items_are_written() -> None:
    raw = multipart(part(b"5"), part(b"<m><n>1</n></m>"), part(b"<m><n>2</n></m>"))
    result = send(
        MIXED,
        raw,
        {"type": "array", "prefixItems": [INTEGER], "items": META},
        prefix_encoding=(EncodingSpec(content_type="text/plain"),),
        item_encoding=EncodingSpec(content_type="application/xml"),
    )
    assert result.value == [5, {"n": 1}, {"n": 2}]


def test_an_item_schema_describes_a_stream_of_parts() -> None:
    raw = multipart(part(b'{"n":"x"}'), part(b'{"n":2}'))
    result = send(MIXED, raw, None, item_schema=node(META))
    assert (result.value, result.sequence) == ([{"n": "x"}, {"n": 2}], True)


def test_form_data_declared_as_an_array_keeps_the_order() -> None:
    schema = {"type": "array", "items": {"type": "object", "properties": {"a": INTEGER}}}
    raw = multipart(part(b"1", "a"), part(b"x", "b"), part(b"2", "a"))
    assert value_of(DATA, raw, schema) == [{"a": 1}, {"b": "x"}, {"a": 2}]


def test_named_parts_of_other_types_are_members_of_a_declared_object() -> None:
    assert value_of(MIXED, multipart(part(b"5", "id")), SCHEMA) == {"id": 5}


def test_parts_without_names_cannot_be_checked_as_an_object() -> None:
    result = send("multipart/related", multipart(part(b"{}"), part(b"x")), SCHEMA)
    assert (result.value, result.checkable) == (["{}", "x"], False)


def test_multipart_nests_to_a_depth() -> None:
    inner = multipart(part(b"5", Content_Type="text/plain"), boundary="YY")
    nested = {"Content_Type": "multipart/mixed; boundary=YY"}
    schema = {"type": "array", "items": {"type": "array", "items": INTEGER}}
    assert value_of(MIXED, multipart(part(inner, **nested)), schema) == [[5]]
    raw, kind = inner, "multipart/mixed; boundary=YY"
    for boundary in ("BB", "CC", "DD", "EE", "FF"):
        raw = multipart(part(raw, Content_Type=kind), boundary=boundary)
        kind = f"multipart/mixed; boundary={boundary}"
    finding = finding_of(MIXED, raw, sent="multipart/mixed; boundary=FF")
    assert finding.code == "body.too-deep"


# ---------------------------------------------------------------------- what is wrong

ONE = part(b"5", "id")


@pytest.mark.parametrize(
    ("raw", "sent", "reason"),
    [
        (multipart(ONE), DATA + "; boundary=", "no usable `boundary`"),
        (multipart(ONE), DATA + '; boundary="é"', "no usable `boundary`"),
        (multipart(ONE), DATA + "; boundary=" + "x" * 71, "no usable `boundary`"),
        (multipart(ONE)[:-6], DATA, "the closing line `--XX--` is missing"),
        (multipart(ONE), DATA + "; boundary=YY", "multipart: "),
        (b"--XX\r\nbad header\r\n\r\nx\r\n--XX--", DATA, "multipart: "),
        (b"--XX", DATA, "the closing line"),
        (b"x", DATA, "multipart: "),
        (b"\r\n", DATA, "the closing line"),
    ],
)
def test_bodies_that_are_no_multipart_are_malformed(
    raw: bytes, sent: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        finding = finding_of(DATA, raw, SCHEMA, sent=sent)
    assert finding.code == "body.malformed"
    assert reason in finding.message
    assert not caplog.records


def test_a_missing_boundary_is_named() -> None:
    result = send(DATA, multipart(ONE), sent=DATA + "; charset=boundary")
    assert "boundary" in result.findings[0].message
    assert result.value is UNSET


def test_a_preamble_and_an_epilogue_are_ignored() -> None:
    raw = b"for old mail readers\r\n" + multipart(ONE) + b"epilogue\r\n--XX\r\n"
    assert value_of(DATA, raw, SCHEMA) == {"id": 5}


def test_a_form_part_without_a_name_is_found() -> None:
    raw = multipart(ONE, part(b"x"), part(b"x", X_A="1"))
    result = send(DATA, raw, SCHEMA)
    assert result.value == {"id": 5}
    assert [(f.code, f.pointer) for f in result.findings] == [
        ("body.part-without-name", "/1"), ("body.part-without-name", "/2"),
    ]  # fmt: skip


def test_parts_that_cannot_be_read_are_found_each_on_its_own() -> None:
    raw = multipart(
        part(b"{", "meta"), part(b"\xff", "status"), part(b"{}", "metas"), part(b"[", "metas")
    )
    result = send(DATA, raw, SCHEMA)
    assert {(f.code, f.pointer) for f in result.findings} == {
        ("body.malformed", "/meta"), ("body.malformed", "/status"), ("body.malformed", "/metas/1"),
    }  # fmt: skip


def test_parts_and_their_headers_are_bounded() -> None:
    limits = BodyLimits(max_parts=10, max_part_header=200)
    assert send(DATA, multipart(*[ONE] * 10), SCHEMA, limits=limits).value == {"id": [5] * 10}
    finding = finding_of(DATA, multipart(*[ONE] * 11), SCHEMA, limits=limits)
    assert finding.code == "body.too-many-parts"
    assert finding_of(DATA, multipart(*[ONE] * 100_000), SCHEMA).code == "body.too-many-parts"
    long = part(b"x", "a", X_A="y" * 200)
    assert finding_of(DATA, multipart(long), limits=limits).code == "body.part-header-too-large"
    many = part(b"x", "a", **{f"X_{i}": "y" for i in range(40)})
    assert finding_of(DATA, multipart(many), limits=limits).code == "body.part-header-too-large"
    assert value_of(DATA, multipart(many)) == {"a": "x"}


def test_nested_parts_count_too() -> None:
    inner = multipart(*[part(b"x")] * 9, boundary="YY")
    raw = multipart(part(inner, Content_Type="multipart/mixed; boundary=YY"), part(b"x"))
    finding = finding_of(MIXED, raw, limits=BodyLimits(max_parts=10))
    assert finding.code == "body.too-many-parts"


def test_findings_are_bounded() -> None:
    result = send(DATA, multipart(*[part(b"x")] * 200), SCHEMA)
    assert len(result.findings) == MAX_FINDINGS


def test_what_the_renderer_writes_is_read_back() -> None:
    value = {"id": 5, "status": "é", "tags": ["a", "b"], "meta": {"n": 1}}
    media_type = f"{DATA}; boundary={BOUNDARY}"
    raw = render(media_type, value, node(SCHEMA))
    assert value_of(DATA, raw, SCHEMA) == value
