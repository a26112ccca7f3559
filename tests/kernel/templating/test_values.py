"""Templates inside JSON-like values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.data import Dice
from mockforge.mocking.templating import TemplateError, Templates
from tests.kernel.templating.kit import BODY, PLACE, context, made, render_value


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("{{ request.query.limit }}", "3"),
        ("{{ request.query.limit | int }}", 3),
        (" {{ 1 }}", " 1"),
        ("{{ 1 }}{{ 2 }}", "12"),
        ("{{ request.json }}", json.loads(BODY)),
        ("{{ request.json.nope }}", None),
        ("{{ [1, 'a', none, true, 1.5] }}", [1, "a", None, True, 1.5]),
        ("{{ now }}", "2026-01-01T12:00:00.000Z"),
        ("{{ request.path }}", "/pets/42"),
        ("{{ request.query }}", {"limit": "3", "tag": "x", "q": "a b"}),
        ({"id": "{{ request.path.petId }}", "n": 1, "x": [None, True, "plain {"]},
         {"id": "42", "n": 1, "x": [None, True, "plain {"]}),
        ({"{{ request.method }}": 1, "a{{ 1 }}": {}}, {"POST": 1, "a1": {}}),
        ('say "{{ request.json.name }}"\n{{ \'"\' }}', 'say "Rex"\n"'),
        ("{% for t in request.json.tags %}{{ t }}\n{% endfor %}", "a\nb\n"),
        ("{% if 1 > 2 %}a{% endif %}", ""),
        ('{% set q %}"{{ 1 }}"{% endset %}{{ q }}{{ q }}', '"1""1"'),
        ('{% macro m(a) %}"{{ a }}"{% endmacro %}{{ m(1) }}', '"1"'),
        ("{% raw %}{{ \"x\" }}{% endraw %}", '{{ "x" }}'),
        (["{{ '{{' }}{% set a = 1 %}", "{{ '%}' }}"], ["{{", "%}"]),
        ({"a": "no template"}, {"a": "no template"}),
        (1.5, 1.5),
    ],
)  # fmt: skip
def test_values(value: Any, result: Any) -> None:
    assert render_value(value) == result
    assert type(render_value(value)) is type(result)


def test_variables_of_one_text_are_not_those_of_another() -> None:
    value = ["{% set a = 1 %}{{ a }}!", "{% set a = a | default(5) %}{{ a }}!"]
    assert render_value(value) == ["1!", "5!"]


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_values_come_through_as_they_are(value: Any) -> None:
    """As data of an expression, and as text around one."""
    templates = made()
    within = {"request": {"json": value}}
    whole = templates.compile_value("{{ request.json }}").render_json(within, Dice(1))
    assert json.loads(whole) == value
    text = json.dumps(value, ensure_ascii=False)
    quoted = templates.compile_value(["{{ request.json }}", "<{{ request.json }}>"])
    assert quoted.render({"request": {"json": text}}, Dice(1)) == [text, f"<{text}>"]


@given(PLAIN)
@settings(max_examples=100, deadline=None)
def test_values_without_templates_are_themselves(value: Any) -> None:
    if not Templates.is_template(value):
        assert made().compile_value({"k": value, "t": "{{ 1 }}"}).render({}, Dice(1)) == {
            "k": value,
            "t": 1,
        }


def test_errors_name_the_key() -> None:
    with pytest.raises(TemplateError) as caught:
        made().compile_value({"a": [{"b": "{{ nope }}"}]}, place=PLACE)
    assert str(caught.value.place) == "stubs.yaml:3:5 (response.text.a[0].b)"
    value = made().compile_value({"a": ["{{ 1 }}", "x{{ 1 + 'a' }}"]}, place=PLACE)
    with pytest.raises(TemplateError) as caught:
        value.render(context(), Dice(1))
    assert str(caught.value.place) == "stubs.yaml:3:5 (response.text.a[1])"
    assert (caught.value.line, caught.value.column) == (1, 2)


@pytest.mark.parametrize("value", [{"a": object()}, [float("nan")], "\ud800"])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TemplateError):
        made().compile_value(value)


def test_json_text_is_what_is_sent() -> None:
    value = made().compile_value({"id": "{{ request.path.petId }}", "t": "é\n"})
    assert value.render_json(context(), Dice(1)) == '{"id":"42","t":"é\\n"}'


def test_what_is_a_template_is_told() -> None:
    yes: list[Any] = ["{{ x", "{% x", "{# x", [1, {"a": ["{{ 1 }}"]}], {"{{ k }}": 1}]
    assert all(map(Templates.is_template, yes))
    no: list[Any] = ["", "{", "}}", "%}", 1, None, [], {}, {"a": ["b"]}]
    assert not any(map(Templates.is_template, no))
