"""Bodies and their views."""

from __future__ import annotations

import pytest

from mockforge.mocking.matching import UNSET, Content
from mockforge.mocking.matching.content import MOST_FIELDS
from mockforge.mocking.matching.xmldocument import MOST_DEEP, MOST_NODES
from mockforge.mocking.multipart import MAX_PARTS


def test_text_honours_the_charset_and_replaces_what_is_wrong() -> None:
    assert Content("é".encode("latin-1"), "text/plain; charset=iso-8859-1").text == "é"
    assert Content("é".encode(), "text/plain").text == "é"
    assert Content(b"a\xff", "text/plain").text == "a\ufffd"
    assert Content("é".encode(), "text/plain; charset=punycode").text == "é"
    assert Content("é".encode("utf-16"), 'text/plain; charset="UTF-16"').text == "é"


def test_json_is_decoded_once_and_unset_if_it_is_none() -> None:
    content = Content(b'{"a": [1]}')
    assert content.json == {"a": [1]}
    assert content.json is content.json
    assert Content(b"{").json is UNSET
    assert Content(b"").json is UNSET
    assert Content(b"null").json is None
    assert Content(b"[" * 100_000 + b"]" * 100_000).json is UNSET
    assert Content('{"a":"é"}'.encode("latin-1"), "application/json; charset=latin1").json == {
        "a": "é"
    }
    assert Content(b'\xef\xbb\xbf{"a":1}').json == {"a": 1}


def test_nodes_of_json_are_contents() -> None:
    assert Content.of_json("a").text == "a"
    assert Content.of_json({"a": 10**30}).text == f'{{"a":{10**30}}}'
    assert Content.of_json([1, None]).raw == b"[1,null]"
    assert Content.of_json("é").json == "é"


def test_forms_are_read_by_media_type() -> None:
    kind = "application/x-www-form-urlencoded"
    assert Content(b"a=1&a=2&b=x+y%C3%A9&c=", kind).form == {
        "a": ["1", "2"],
        "b": ["x yé"],
        "c": [""],
    }
    assert Content(b"a=1", "application/json").form == {}
    assert Content(b"a=1").form == {"a": ["1"]}
    assert Content(b"&".join([b"a=1"] * (MOST_FIELDS + 1)), kind).form == {}


def multipart(*parts: bytes) -> Content:
    """A body of ``parts``, each with its header."""
    raw = b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + b"--B--\r\n"
    return Content(raw, "multipart/form-data; boundary=B")


def test_parts_have_names_headers_and_contents() -> None:
    head = b'Content-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    (part,) = multipart(head + b"PNG").parts
    assert (part.name, part.filename) == ("f", "a.png")
    assert part.headers["content-type"] == "image/png"
    assert (part.content.raw, part.content.media_type) == (b"PNG", "image/png")


def test_multipart_bodies_that_are_broken_or_too_many_have_no_parts() -> None:
    assert Content(b"--B\r\n", "multipart/form-data; boundary=B").parts == ()
    assert Content(b"", "multipart/form-data").parts == ()
    assert Content(b"--B--", "text/plain").parts == ()
    assert multipart(*[b"\r\n"] * (MAX_PARTS + 1)).parts == ()


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<a>&x;</a>",
        "<a>",
        "<a/><b/>",
        "",
        "{}",
        "<a>" * (MOST_DEEP + 1) + "</a>" * (MOST_DEEP + 1),
        "<a>" + "<b/>" * MOST_NODES + "</a>",
        '<?xml version="1.0" encoding="punycode"?><a/>',
    ],
)
def test_xml_that_is_none_or_unsafe_is_not_read(text: str) -> None:
    assert Content(text.encode(), "application/xml").xml is None


@pytest.mark.parametrize(
    "raw",
    [
        '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1"),
        "<a>é</a>".encode("utf-16"),
        b"  <a>\xc3\xa9</a>",
        b"\xef\xbb\xbf<a>\xc3\xa9</a>",
    ],
)
def test_xml_says_its_own_encoding(raw: bytes) -> None:
    node = Content(raw, "application/xml").xml
    assert node is not None
    assert node.value() == "é"


def test_previews_are_cut_and_count_what_is_no_text() -> None:
    assert Content(b"a" * 1000).preview(10) == "a" * 9 + "…"
    assert Content(bytes(range(256))).preview(100) == "(256 bytes)"
    assert Content(b"").preview(10) == ""
