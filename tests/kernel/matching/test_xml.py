"""XML equality and XPath."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mockforge.mocking.matching import PredicateError, compile_predicate
from mockforge.mocking.matching.xmldocument import parse_text
from mockforge.mocking.matching.xpath import XPathError, compile_xpath
from tests.kernel.matching.checks import body, holds

ORDER = (
    '<?xml version="1.0"?><s:o xmlns:s="urn:s" id="1"><!-- c -->'
    '<item sku="a">x</item><item sku="b"> y </item><n>3</n></s:o>'
)


def xml(text: str) -> Any:
    return body(text, "application/xml")


@pytest.mark.parametrize(
    ("expected", "actual", "verdict"),
    [
        ("<a/>", "<a></a>", True),
        ("<a>x</a>", " <a>\n x </a>", True),
        ("<a>x</a>", "<a>y</a>", False),
        ('<a b="1" c="2"/>', '<a c="2" b="1"/>', True),
        ('<a b="1"/>', '<a b="2"/>', False),
        ('<a b="1"/>', "<a/>", False),
        ("<a/>", '<a b="1"/>', False),
        ("<a><b/><c/></a>", "<a><c/><b/></a>", True),
        ("<a><b>1</b><b>2</b></a>", "<a><b>2</b><b>1</b></a>", False),
        ("<a><b/></a>", "<a><b/><b/></a>", False),
        ("<a><!-- x --><b/></a>", "<a>\n  <b/>\n</a>", True),
        ('<p:a xmlns:p="urn:x"/>', '<q:a xmlns:q="urn:x"/>', True),
        ('<a xmlns="urn:x"/>', '<q:a xmlns:q="urn:x"/>', True),
        ('<a xmlns="urn:x"/>', "<a/>", False),
        ('<?xml version="1.0" encoding="utf-16"?><a>é</a>', "<a>é</a>", True),
        ("<a><![CDATA[x]]></a>", "<a>x</a>", True),
        ("<a>${xmlunit.ignore}</a>", "<a>anything</a>", True),
        ("<a>${xmlunit.ignore}</a>", "<a/>", True),
        ("<a>${xmlunit.isNumber}</a>", "<a>3.5</a>", True),
        ("<a>${xmlunit.isNumber}</a>", "<a>x</a>", False),
        ('<a b="${xmlunit.isDateTime}"/>', '<a b="2026-01-01T00:00:00Z"/>', True),
        ("<a>${xmlunit.matchesRegex([a-c]+)}</a>", "<a>abc</a>", True),
        ("<a>${xmlunit.matchesRegex([a-c]+)}</a>", "<a>abd</a>", False),
        ("<a/>", "{}", False),
    ],
)
def test_equality(expected: str, actual: str, verdict: bool) -> None:
    assert holds({"xml": expected}, xml(actual)) is verdict
    assert holds({"xml": expected}, actual) is verdict


def test_options_of_equality() -> None:
    assert holds({"xml": '<a xmlns="urn:x"/>', "namespaceAware": False}, xml("<a/>"))
    twice = {"xml": "<a><b>1</b><b>2</b></a>", "ignoreOrder": True}
    assert holds(twice, xml("<a><b>2</b><b>1</b></a>"))
    assert not holds(twice, xml("<a><b>2</b><b>2</b></a>"))
    assert not holds({"xml": "<a/>"}, None)


def test_differences_have_a_path() -> None:
    miss = compile_predicate({"xml": '<a><b c="1">x</b></a>'}).mismatch(
        xml('<a><b c="2">x</b></a>')
    )
    assert miss is not None
    assert (miss.path, miss.expected, miss.actual) == ("/a/b/@c", "1", "2")


def test_comparison_in_any_order_is_bounded() -> None:
    many = "".join(f"<b><c>{i}</c></b>" for i in range(300))
    backwards = "".join(f"<b><c>{i}</c></b>" for i in reversed(range(300)))
    assert not holds({"xml": f"<a>{many}</a>", "ignoreOrder": True}, xml(f"<a>{backwards}</a>"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("/o/item", ["x", " y "]),
        ("//item[@sku='b']", [" y "]),
        ("//item[2]", [" y "]),
        ("//item[last()]/@sku", ["b"]),
        ("/o/@id", ["1"]),
        ("/s:o/n/text()", ["3"]),
        ("//*[local-name() = 'n' and . > 2]", ["3"]),
        ("//n/preceding-sibling::item[1]", [" y "]),
        ("//item[1]/following::*", [" y ", "3"]),
        ("//n/ancestor-or-self::*/@id", ["1"]),
        ("//item | //n", ["x", " y ", "3"]),
        ("(//item)[1]/..//n", ["3"]),
        ("//item[position() < 2]", ["x"]),
        ("//item[not(@sku = 'a')]", [" y "]),
        ("//comment() | //processing-instruction('x')", []),
        ("//div | //mod", []),
        ("count(//item)", 2.0),
        ("count(//item) * 2 - 1 div 2", 3.5),
        ("-3 mod 2", -1.0),
        ("1 div 0", math.inf),
        ("sum(//n)", 3.0),
        ("string(//item)", "x"),
        ("normalize-space(//item[2])", "y"),
        ("concat(name(/*), '|', local-name(/*), '|', namespace-uri(/*))", "s:o|o|urn:s"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 2)", "2345"),
        ("substring-before('1999/04', '/')", "1999"),
        ("substring-after('1999/04', '/')", "04"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("string-length('abc')", 3.0),
        ("contains(//item, 'x') and starts-with('abc', 'a')", True),
        ("boolean(//nope) or false()", False),
        ("//item = ' y '", True),
        ("//item != 'x'", True),
        ("//n >= 3", True),
        ("'a' < 'b'", False),
        ("number('x') = number('x')", False),
        ("floor(1.5) + ceiling(1.5) + round(-0.5) + number(true())", 4.0),
        ("string(0.1)", "0.1"),
    ],
)
def test_expressions(expression: str, value: Any) -> None:
    found = compile_xpath(expression).evaluate(parse_text(ORDER))
    if isinstance(found, list):
        assert [node.value() for node in found] == value
    else:
        assert found == value
        assert type(found) is type(value)


def test_namespaces_count_where_they_are_given() -> None:
    assert holds({"xpath": "/p:o/item", "namespaces": {"p": "urn:s"}}, xml(ORDER))
    assert not holds({"xpath": "/p:o", "namespaces": {"p": "urn:other"}}, xml(ORDER))
    assert not holds({"xpath": "/o", "namespaces": {"p": "urn:s"}}, xml(ORDER))
    assert holds({"xpath": "/p:*", "namespaces": {"p": "urn:s"}}, xml(ORDER))
    assert holds({"xpath": "/o"}, xml(ORDER))
    assert holds({"xpath": "/s:o"}, xml(ORDER))
    assert not holds({"xpath": "/t:o"}, xml(ORDER))


@pytest.mark.parametrize(
    ("spec", "verdict"),
    [
        ("//item", True),
        ("//nope", False),
        ("count(//item) = 2", True),
        ("count(//nope)", False),
        (["//item", "//n"], True),
        (["//item", "//nope"], False),
        ({"//n": 3}, True),
        ({"//item": "x"}, True),
        ({"//item/@sku": {"in": ["b"]}}, True),
        ({"//item": {"notContains": "x"}}, False),
        ({"//nope": {"absent": True}}, True),
        ({"count(//item)": {"gte": 2}}, True),
        ({"//item[2]": {"xml": '<item sku="b">y</item>'}}, True),
        ({"//n": {"lt": 3}}, False),
    ],
)
def test_predicates_at_expressions(spec: Any, verdict: bool) -> None:
    assert holds({"xpath": spec}, xml(ORDER)) is verdict


def test_what_is_no_xml_has_no_nodes() -> None:
    for value in (xml("x"), "x", "<x", None):
        assert not holds({"xpath": "true()"}, value)


@pytest.mark.parametrize(
    "expression",
    ["", "//", "/a[", "a b", "foo(1)", "$x", "chil::a", "count(1)", "1[2]", "1/a", "1 | a", "'a", "a[@]",
     "concat('a')", "(" * 100, "a" + "[a" * 100, "#", "a" * 5000, "1" + "+1" * 300],
)  # fmt: skip
def test_what_is_no_expression_is_refused_with_the_place(expression: str) -> None:
    with pytest.raises(XPathError, match="at character"):
        compile_xpath(expression)
    with pytest.raises(PredicateError, match="no XPath"):
        compile_predicate({"xpath": expression})


@pytest.mark.parametrize(
    "spec",
    [
        {"xpath": 3}, {"xpath": []}, {"xpath": {3: "a"}}, {"xpath": "/p:a", "namespaces": {}},
        {"xpath": "a", "namespaces": 3}, {"xml": "<a>"}, {"xml": 3}, {"xml": "<a>${xmlunit.nope}</a>"},
        {"xml": "<a>${xmlunit.matchesRegex(()}</a>"}, {"xml": "<!DOCTYPE a><a/>"},
    ],
)  # fmt: skip
def test_definitions_that_make_no_sense_are_refused(spec: Any) -> None:
    with pytest.raises(PredicateError):
        compile_predicate(spec)


def test_evaluation_is_bounded() -> None:
    wide = parse_text("<a>" + "<b><c>x</c></b>" * 5000 + "</a>")
    assert compile_xpath("count(//b[count(//c) > 1])").evaluate(wide) is None
    assert compile_xpath("//b = //c/preceding::c").evaluate(wide) is None
    assert compile_xpath("//*[contains(/, 'y')]").evaluate(wide) is None
    assert compile_xpath("count(//c)").evaluate(wide) == 5000.0
