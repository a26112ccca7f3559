"""XML bodies, read by the ``xml`` object."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge_http.bodies import BodyLimits
from mockforge_http.render import render
from tests.http.bodies.sending import finding_of, value_of
from tests.http.values.nodes import node

XML = "application/xml"
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
STRINGS = {"type": "array", "items": STRING}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        # the examples of OpenAPI 3.2.1 section 4.26
        (of(animals=STRING), "<d><animals>dog, cat</animals></d>", {"animals": "dog, cat"}),
        (
            of(animals=STRINGS),
            "<d><animals>dog</animals><animals>cat</animals></d>",
            {"animals": ["dog", "cat"]},
        ),
        (
            of(
                animals={
                    "type": "array",
                    "xml": {"name": "aliens"},
                    "items": {**STRING, "xml": {"name": "animal"}},
                }
            ),
            "<d><animal>dog</animal><animal>cat</animal></d>",
            {"animals": ["dog", "cat"]},
        ),
        (
            of(animals={**STRINGS, "xml": {"nodeType": "element"}}),
            "<d><animals> <animals>dog</animals> <animals>cat</animals> </animals></d>",
            {"animals": ["dog", "cat"]},
        ),
        (
            of(animals={**STRINGS, "xml": {"nodeType": "element", "name": "aliens"}}),
            "<d><aliens><aliens>dog</aliens></aliens></d>",
            {"animals": ["dog"]},
        ),
        (
            of(
                id={**INTEGER, "xml": {"nodeType": "attribute"}},
                name={**STRING, "xml": {"namespace": "https://e.test/s", "prefix": "sample"}},
            ),
            '<P id="123"><sample:name xmlns:sample="https://e.test/s">example</sample:name></P>',
            {"id": 123, "name": "example"},
        ),
        (
            {
                "type": "array",
                "items": of(
                    kind={**STRING, "xml": {"nodeType": "attribute"}},
                    name={**STRING, "xml": {"nodeType": "text"}},
                ),
            },
            '<x>\n <animal kind="Cat">Fluffy</animal>\n <animal kind="Dog">Fido</animal>\n</x>',
            [{"kind": "Cat", "name": "Fluffy"}, {"kind": "Dog", "name": "Fido"}],
        ),
        (
            of(content={**STRING, "xml": {"nodeType": "cdata"}}),
            "<Doc>\n  <![CDATA[<html><b>x</b></html>]]>\n</Doc>",
            {"content": "<html><b>x</b></html>"},
        ),
        (
            {
                "type": "array",
                "xml": {"nodeType": "element", "name": "OneTwoThree"},
                "prefixItems": [
                    STRING,
                    of(
                        unit={**STRING, "xml": {"nodeType": "attribute"}},
                        value={"type": "number", "xml": {"nodeType": "text"}},
                    ),
                    {"type": ["boolean", "null"]},
                ],
            },
            (
                "<OneTwoThree>\n<One>Some text</One>\n"
                '<Two unit="cubits">42</Two>\n<Three xsi:nil="true" />\n</OneTwoThree>'
            ),
            ["Some text", {"unit": "cubits", "value": 42}, None],
        ),
        (
            {
                "type": "array",
                "xml": {"nodeType": "element", "name": "Report"},
                "prefixItems": [
                    {**STRING, "xml": {"nodeType": "text"}},
                    {"type": "number"},
                    {**STRING, "xml": {"nodeType": "text"}},
                ],
            },
            "<Report>Some preamble text.<data>42</data>Some postamble text.</Report>",
            ["Some preamble text.", 42, "Some postamble text."],
        ),
        (
            of(
                count={"type": ["number", "null"], "xml": {"nodeType": "attribute"}},
                rating={**STRING, "xml": {"nodeType": "attribute"}},
                related={"type": ["object", "null"]},
            ),
            '<product><description>Thing</description><related xsi:nil="true" /></product>',
            {"count": None, "description": "Thing", "related": None},
        ),
        (
            of(
                count={"type": ["number", "null"], "xml": {"nodeType": "attribute"}},
                related={"type": ["object", "null"]},
            ),
            '<product count="42"><related></related></product>',
            {"count": 42, "related": {}},
        ),
        # older spellings
        (of(id={**INTEGER, "xml": {"attribute": True, "name": "key"}}), '<P key="7"/>', {"id": 7}),
        (
            of(
                tags={
                    **STRINGS,
                    "xml": {"wrapped": True},
                    "items": {**STRING, "xml": {"name": "tag"}},
                }
            ),
            "<P><tags><tag>a</tag><tag>b</tag></tags></P>",
            {"tags": ["a", "b"]},
        ),
        (of(tags={**STRINGS, "xml": {"wrapped": True}}), "<P><tags/></P>", {"tags": []}),
        (
            of(tags={**STRINGS, "xml": {"wrapped": True}, "nullable": True}),
            '<P><tags xsi:nil="1"/></P>',
            {"tags": None},
        ),
        # types
        (
            of(a=INTEGER, b={"type": "boolean"}, c={"type": "number"}, d=STRING),
            "<P><a> 5 </a><b>\ntrue</b><c>1.50</c><d> x </d></P>",
            {"a": 5, "b": True, "c": 1.5, "d": " x "},
        ),
        (of(a=INTEGER), "<P><a>x</a></P>", {"a": "x"}),
        (of(a=INTEGER), "<P><a>1</a><a>2</a></P>", {"a": [1, 2]}),
        (of(a=INTEGER), "<P><a><b>1</b></a></P>", {"a": {"b": "1"}}),
        (of(a=of(b=INTEGER)), "<P><a>text</a></P>", {"a": "text"}),
        (of(a={"oneOf": [STRING, of(b=INTEGER)]}), "<P><a>text</a></P>", {"a": "text"}),
        (of(a={"oneOf": [STRING, of(b=INTEGER)]}), "<P><a><b>1</b></a></P>", {"a": {"b": 1}}),
        (
            of(a={"type": "array", "items": of(b=STRINGS)}),
            "<P><a><b>1</b><b>2</b></a><a><b>3</b></a></P>",
            {"a": [{"b": ["1", "2"]}, {"b": ["3"]}]},
        ),
        (
            of(wide={"allOf": [of(x=INTEGER)], "xml": {"nodeType": "none"}}),
            "<P><x>1</x></P>",
            {"wide": {"x": 1}},
        ),
        # nothing is said
        (True, "<P><a>1</a><b><c/><c>x</c></b></P>", {"a": "1", "b": {"c": ["", "x"]}}),
        (True, '<P id="1">x</P>', {"id": "1"}),
        (True, "<P>x &amp; y&#33;</P>", "x & y!"),
        ({"additionalProperties": INTEGER}, "<P><a>1</a></P>", {"a": 1}),
        (of(a=INTEGER), '<P xmlns="urn:x" xml:lang="en" xsi:type="y"><a>1</a></P>', {"a": 1}),
        (of(a=INTEGER), "<P><b>1</b></P>", {"b": "1"}),
        (INTEGER, "<P>5</P>", 5),
    ],
)
def test_documents_become_the_values_that_the_schema_describes(
    schema: Any, raw: str, value: Any
) -> None:
    found = value_of(XML, raw.encode(), schema)
    assert found == value


def test_a_required_array_without_a_wrapper_may_be_empty() -> None:
    schema = {
        **of(tags=STRINGS, wrapped={**STRINGS, "xml": {"wrapped": True}}),
        "required": ["tags", "wrapped"],
    }
    assert value_of(XML, b"<P/>", schema) == {"tags": []}
    assert value_of(XML, b"<P/>", of(tags=STRINGS)) == {}


@pytest.mark.parametrize("items", [STRING, of(a=STRING)], ids=["texts", "objects"])
def test_a_text_in_place_of_items_is_no_array(items: dict[str, Any]) -> None:
    wrapped = of(tags={"type": "array", "items": items, "xml": {"wrapped": True}})
    assert value_of(XML, b"<d><tags>dog</tags></d>", wrapped) == {"tags": "dog"}
    assert value_of(XML, b"<d><tags> </tags></d>", wrapped) == {"tags": []}
    array: dict[str, Any] = {"type": "array", "items": items}
    assert value_of(XML, b"<d>dog</d>", array) == "dog"
    assert value_of(XML, b"<d> </d>", array) == []


def test_elements_are_named_by_property_or_component() -> None:
    schema = of(
        owner={"$ref": "#/components/schemas/Person"},
        pets={"type": "array", "items": {"$ref": "#/P/Pet"}},
    )
    components = {"Person": of(n=INTEGER), "Pet": {**of(n=INTEGER), "xml": {"name": "pet"}}}
    for raw in (b"<P><owner><n>1</n></owner><pet><n>2</n></pet></P>",
                b"<P><Person><n>1</n></Person><pets><n>2</n></pets></P>"):  # fmt: skip
        assert value_of(XML, raw, schema, components=components) == {
            "owner": {"n": 1},
            "pets": [{"n": 2}],
        }


def test_namespaces_must_agree_where_both_are_known() -> None:
    schema = of(a={**INTEGER, "xml": {"namespace": "urn:x"}})
    assert value_of(XML, b'<P><a xmlns="urn:x">1</a></P>', schema) == {"a": 1}
    assert value_of(XML, b"<P><a>1</a></P>", schema) == {"a": 1}
    assert value_of(XML, b"<P><q:a>1</q:a></P>", schema) == {"a": 1}
    assert value_of(XML, b'<P xmlns:q="urn:y"><q:a>1</q:a></P>', schema) == {"a": "1"}


def test_a_root_with_a_stated_name_must_have_it() -> None:
    schema = {**of(a=INTEGER), "xml": {"name": "pet"}}
    finding = finding_of(XML, b"<dog><a>1</a></dog>", schema)
    assert finding.message == "The request body has the root element `dog`, but it should be `pet`."
    reference = {"$ref": "#/components/schemas/Pet"}
    assert value_of(XML, b"<Pet><a>1</a></Pet>", reference, components={"Pet": schema}) == {"a": 1}


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ("<P>é</P>".encode(), XML),
        (b"\xef\xbb\xbf<P>\xc3\xa9</P>", XML),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><P>é</P>'.encode("latin-1"), XML),
        ("<P>é</P>".encode("utf-16"), XML),
        ("<P>é</P>".encode("latin-1"), XML + "; charset=iso-8859-1"),
        ('<?xml version="1.0" encoding="UTF-8"?><P>é</P>'.encode("latin-1"), "text/xml; charset=latin1"),
    ],
)  # fmt: skip
def test_encodings_are_honoured(raw: bytes, sent: str) -> None:
    assert value_of("*/*", raw, STRING, sent=sent) == "é"


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<a>", "no element found (line 1, column 4)"),
        (b"<a></b>", "mismatched tag (line 1, column 6)"),
        (b"<a/><b/>", "junk after document element"),
        (b"", "no element found"),
        (b"<a>&nope;</a>", "undefined entity"),
        (b"<a>\x00</a>", "not well-formed"),
        (b'<?xml version="1.0" encoding="nope"?><a/>', "unknown encoding"),
        (b'<a x="1" x="2"/>', "duplicate attribute"),
        (b"{}", "not well-formed"),
        (b"<a>\x01</a>", "not well-formed"),
    ],
)
def test_what_is_no_xml_is_placed_and_explained(raw: bytes, reason: str) -> None:
    finding = finding_of(XML, raw or b" ")
    assert finding.code == "body.malformed"
    assert reason in finding.message


ENTITIES = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    "raw",
    [
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{ENTITIES}]><a>&l9;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]><a/>',
        "<!DOCTYPE html><html/>",
    ],
)
def test_document_types_are_refused(raw: str) -> None:
    finding = finding_of(XML, raw.encode())
    assert finding.message == (
        "The request body has a document type declaration, which is not accepted."
    )


def test_depth_nodes_and_prefixes_are_bounded() -> None:
    limits = BodyLimits(max_xml_depth=10, max_xml_nodes=20)
    assert value_of(XML, b"<a>" * 10 + b"</a>" * 10, limits=limits)
    assert finding_of(XML, b"<a>" * 11 + b"</a>" * 11, limits=limits).code == "body.too-deep"
    assert value_of(XML, b"<a>" + b"<b/>" * 19 + b"</a>", limits=limits)
    for raw in (b"<b/>" * 20, b"<b c='1' d='2'/>" * 7, b"<b>x</b>" * 10):
        assert finding_of(XML, b"<a>" + raw + b"</a>", limits=limits).code == "body.too-many-nodes"
    assert finding_of(XML, b"<a>" * 1_000_000).code == "body.too-deep"
    prefixes = " ".join(f'xmlns:p{i}="urn:{i}"' for i in range(300))
    assert finding_of(XML, f"<a {prefixes}/>".encode()).code == "body.too-many-nodes"


def test_the_deepest_document_is_read_without_running_out_of_stack() -> None:
    schema = {"$ref": "#/N"}
    component = {"type": "object", "properties": {"n": {"type": "array", "items": {"$ref": "#/N"},
                                                        "xml": {"wrapped": True}}}}  # fmt: skip
    depth = BodyLimits().max_xml_depth
    assert value_of(XML, b"<n>" * depth + b"</n>" * depth, schema, components={"N": component})


def test_a_schema_without_a_node_may_refer_to_itself() -> None:
    component = of(a=INTEGER, wide={"$ref": "#/N", "xml": {"nodeType": "none"}})
    found = value_of(XML, b"<n><a>1</a><b>x</b></n>", {"$ref": "#/N"}, components={"N": component})
    assert (found["a"], found["b"]) == (1, "x")


# ---------------------------------------------------------------------- there and back

WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=8)
SIZE = {"type": "number", "xml": {"name": "size"}}
PET = {
    "type": "object",
    "xml": {"name": "pet"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "xml": {"name": "label", "prefix": "p", "namespace": "urn:p"}},
        "tags": {"type": "array", "items": STRING},
        "sizes": {"type": "array", "xml": {"wrapped": True}, "items": SIZE},
        "owner": {"type": "object", "properties": {"good": {"type": "boolean"}}},
    },
}  # fmt: skip
PETS = st.fixed_dictionaries(
    {"id": st.integers()},
    optional={
        "name": WORDS,
        "tags": st.lists(WORDS, min_size=1, max_size=3),
        "sizes": st.lists(st.integers(-9, 9) | st.floats(-9, 9), max_size=3),
        "owner": st.fixed_dictionaries({"good": st.booleans()}),
    },
)


@given(PETS)
def test_what_the_renderer_writes_is_read_back(value: Any) -> None:
    assert value_of(XML, render(XML, value, node(PET)), PET) == value
