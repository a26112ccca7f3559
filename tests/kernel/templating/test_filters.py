"""Filters and methods: what the page's examples do not show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.templating.kit import REQUEST, made, render

PEOPLE = "[{'n': 'b', 'a': 2}, {'n': 'A', 'a': 1}, {'n': 'c'}]"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("none | default('x')", "x"),
        ("'' | default('x')", ""),
        ("0 | default('x', true)", "x"),
        ("request.json.a.b.c | default", ""),
        ("'7.9' | int", "7"),
        ("'x' | int", "0"),
        ("'x' | int(none) | json", "null"),
        ("'ff' | int(0, 16)", "255"),
        ("true | int", "1"),
        ("'x' | float(-1)", "-1"),
        ("2.5 | round", "2"),
        ("2.55 | round(1, 'floor')", "2.5"),
        ("2.51 | round(1, 'ceil')", "2.6"),
        ("1234 | round(-2)", "1200"),
        ("'%s is %d%% of %(name)s' | format('a', 5, name='b')", "a is 5% of b"),
        ("'%x %e' | format(255, 1.5)", "ff 1.500000e+00"),
        ("'a\\nb' | indent(2, true)", "  a\n  b"),
        ("'a\\n\\nb' | indent('> ', false, true)", "a\n> \n> b"),
        ("'a long story' | truncate(9, true)", "a long..."),
        ("'short' | truncate(9)", "short"),
        ("{'q': 'a b', 'n': 1} | urlencode", "q=a+b&n=1"),
        ("'xx-x' | trim('x')", "-"),
        ("'a  b' | split", '["a","b"]'),
        ("'a,b,c' | split(',', 1)", '["a","b,c"]'),
        ("[1, none, 'a'] | join('/')", "1//a"),
        (f"{PEOPLE} | join(',', attribute='n')", "b,A,c"),
        (f"{PEOPLE} | sort(attribute='n') | map(attribute='n') | join", "Abc"),
        (f"{PEOPLE} | sort(true, true, attribute='n') | map(attribute='n') | join", "cbA"),
        (f"{PEOPLE} | map(attribute='a', default=0) | sum", "3"),
        (f"{PEOPLE} | max(attribute='n') | attr('n')", "c"),
        (f"{PEOPLE} | selectattr('a') | length", "2"),
        (f"{PEOPLE} | rejectattr('a') | map(attribute='n') | join", "c"),
        (f"{PEOPLE} | groupby('a', 0) | map(attribute='grouper')", "[2,1,0]"),
        ("[] | max | json", "null"),
        ("[] | first | json", "null"),
        ("none | list", "[]"),
        ("none | length", "0"),
        ("[1, 2, 3] | batch(2, 0)", "[[1,2],[3,0]]"),
        ("['a', 'A'] | unique", '["a"]'),
        ("['a', 'A'] | unique(true)", '["a","A"]'),
        ("{'b': 1, 'a': 2} | dictsort('value')", '[["b",1],["a",2]]'),
        ("{'b': 1} | dictsort(reverse=true) | map('first') | join", "b"),
        ("[0, 1] | select", "[1]"),
        ("['a'] | map('replace', 'a', 'b') | first", "b"),
        ("'abc' | reverse", "cba"),
        ("'a1b' | regex_search('[0-9]')", "1"),
        ("'ab' | regex_search('[0-9]') | json", "null"),
        ("'a1b2' | regex_findall('([a-z])([0-9])')", '[["a","1"],["b","2"]]'),
        ("'aaa' | regex_replace('a', 'b', 2)", "bba"),
        ("2500000 | filesizeformat(true)", "2.4 MiB"),
        ("12 | filesizeformat", "12 Bytes"),
        ("{'a': [1, {'b': none}]} | json(2)", '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}'),
        ("{1: 2} | json", '{"1":2}'),
        ("now | base64 | base64_decode", "2026-01-01T12:00:00.000Z"),
        ("'_-8' | base64_decode | length", "2"),
        ("'a.b'.split('.')[1].upper()", "B"),
        ("'ab'.zfill(4)", "00ab"),
        ("'a' in request.json.tags and not 'z' in request.json.tags", "true"),
        ("request.json.owner.get('name', 'x')", "Ada"),
    ],
)  # fmt: skip
def test_filters(expression: str, text: str) -> None:
    assert render(f"{{{{ {expression} }}}}") == text


def test_filters_of_ones_own() -> None:
    templates = made(filters={"shout": lambda text, mark="!": f"{text}{mark}"})
    assert render("{{ ['a'] | map('shout', '?') | first }}{{ 'b' | shout }}", templates) == "a?b!"


@given(st.text(max_size=40))
@settings(max_examples=80, deadline=None)
def test_encodings_there_and_back(text: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        return
    within = {"request": {"body": text}}
    for there, back in (("base64", "base64_decode"), ("base64url", "base64_decode"), ("hex", "hex_decode"),
                        ("urlencode", "urldecode"), ("escape", "unescape")):  # fmt: skip
        assert render(f"{{{{ request.body | {there} | {back} }}}}", within=within) == text


def test_values_of_a_request_are_not_changed() -> None:
    before = REQUEST.body
    render("{{ request.json.tags | sort | reverse | list | shuffle }}{{ request.json.tags + [1] }}")
    assert render("{{ request.json.tags }}") == '["a","b"]'
    assert REQUEST.body == before
