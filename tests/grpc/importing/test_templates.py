"""Go templates, rendered after they were translated."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.templating import Templates
from mockforge_grpc.importing.gripmock.templates import GoTemplateError, Names, translate
from mockforge_grpc.importing.gripmock.templates.vocabulary import NUMBERS, TEXTS
from mockforge_grpc.importing.registration import template_functions

NAMES = Names(requests="requests")
TEMPLATES = Templates(
    functions={each.name: each.function for each in template_functions()},
    names=("request", "requests", "metadata", "index", "message"),
    clock=lambda: 1_580_466_030.0,  # 2020-01-31T10:20:30Z
)
CONTEXT: dict[str, Any] = {
    "request": {
        "id": 7,
        "name": "ann b",
        "user": "USER_9",
        "items": [{"price": 1, "kind": "a"}, {"price": 2.5, "kind": "b"}],
        "text": "{{ not again }}",
    },
    "requests": [{"value": 15.0}, {"value": 25.0}],
    "metadata": {"authorization": "Bearer tok", "x-user": "u1"},
    "index": 2,
}


def rendered(source: str) -> Any:
    made = translate(source, NAMES)
    return TEMPLATES.compile_value(made).render(CONTEXT, Random(1))  # noqa: S311


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{{.Request.id}}", "7"),
        ("User {{.Request.id}}!", "User 7!"),
        ("a {{- .Request.id -}} b", "a7b"),
        ("{{/* a comment */}}{{.Request.id}}", "7"),
        ("{{$.Request.id}}", "7"),
        ("[{{.Request.missing}}]", "[]"),
        ("{{.Request.text}}", "{{ not again }}"),
        ("{{.MessageIndex}}", "2"),
        ("{{index .Headers `x-user`}}", "u1"),
        ('{{.Headers.authorization | split " " | index 1 | upper}}', "TOK"),
        ('{{.Request.user | split "_" | index 1 | title}}', "9"),
        ("{{avg (extract .Requests `value`)}}", "20"),
        ("{{len .Requests}}", "2"),
        ("{{(index .Requests 0).value}}", "15"),
        ("{{div (index .Requests 0).value (index .Requests 1).value}}", "0.6"),
        ("{{div 1 0}}", "0"),
        ("{{mod 7 0}}", "0"),
        ("{{sum 1 2 3}}", "6"),
        ('{{add "1" 2.5}}', "3.5"),
        ("{{max (extract .Requests `value`)}}", "25"),
        ("{{.Request.items | len | mul 25.50}}", "51"),
        ("{{round 2.567 1}}", "2.6"),
        ("{{int 2.9}}", "2"),
        ("{{now | unix}}", "1580466030"),
        ('{{now | format "2006-01-02T15:04:05Z"}}', "2020-01-31T10:20:30Z"),
        ('{{format now "Jan 02, 2006"}}', "Jan 31, 2020"),
        ("{{if gt .Request.id 5}}big{{else}}small{{end}}", "big"),
        ("{{if eq .Request.id 5}}a{{else if eq .Request.id 7}}b{{end}}", "b"),
        ("{{if and (gt .Request.id 5) (not false)}}y{{end}}", "y"),
        ("{{range $i, $x := .Request.items}}{{$i}}={{$x.price}};{{end}}", "0=1;1=2.5;"),
        ("{{range .Request.items}}{{.kind}},{{end}}", "a,b,"),
        ("{{$x := 3}}{{add $x 1}}", "4"),
        ('{{printf "%v-%d" .Request.name 3}}', "ann b-3"),
        ('{{join .Request.items ","}}', "{'price': 1, 'kind': 'a'},{'price': 2.5, 'kind': 'b'}"),
        ("{{json .Request.items}}", '[{"price":1,"kind":"a"},{"price":2.5,"kind":"b"}]'),
        ('{{.Request.items | where "kind" "eq" "b" | len}}', "1"),
        ('{{string2base64 "rex"}}', "cmV4"),
        ("no template", "no template"),
    ],
)
def test_a_template_gives_the_text_that_go_gives(source: str, result: str) -> None:
    assert rendered(source) == result


@pytest.mark.parametrize("name", sorted(TEXTS) + sorted(NUMBERS))
def test_every_function_of_faker_gives_something(name: str) -> None:
    made = rendered(
        f"{{{{faker.{name} {'3' if name == 'Text.Sentence' else ''}{_numbers(name)}}}}}"
    )
    assert isinstance(made, str)
    assert made


def _numbers(name: str) -> str:
    form = NUMBERS.get(name, TEXTS.get(name, ""))
    return " ".join(str(10 * (place + 1)) for place in range(form.count("{")))


def test_chance_comes_from_the_seed() -> None:
    made = translate("{{faker.Identity.UUID}}", NAMES)
    template = TEMPLATES.compile_value(made)
    first, again, other = (template.render(CONTEXT, Random(seed)) for seed in (1, 1, 2))  # noqa: S311
    assert first == again != other


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{.StubID}}", r"`\.StubID` has no counterpart"),
        ("{{sha999 .Request.id}}", "the function `sha999` has no counterpart"),
        ("{{faker.Person.Shoe}}", "`faker.Person.Shoe` has no counterpart"),
        ("{{with .Request}}{{end}}", "`with` has no counterpart"),
        ("{{if .Request.id}}x", "`if` has no `end`"),
        ("{{end}}", "`end` has no counterpart"),
        ("{{.Request.id", "not closed"),
        ("{{(1}}", "ends too early"),
        ("{{}}", "empty"),
        ("{{upper}}", "takes 1 arguments"),
        ('{{"a" "b"}}', "called like functions"),
        ("{{printf .Request.name}}", "no constant"),
        ("{{.Request.id}} {% raw %}", "mean something else"),
        ("{{" + "(" * 60 + "1" + ")" * 60 + "}}", "nested too deeply"),
        ("{{sum " + "1 " * 3000 + "}}", "more than 2000 words"),
    ],
)
def test_what_cannot_be_said_is_an_error_that_says_why(source: str, says: str) -> None:
    with pytest.raises(GoTemplateError, match=says):
        translate(source, NAMES)


@settings(max_examples=200, deadline=None)
@given(st.text("{}.$|()`\"' abR/*-:=ifendrangelen0123456789", max_size=40))
def test_any_text_is_translated_or_refused(source: str) -> None:
    try:
        made = translate(source, NAMES)
    except GoTemplateError:
        return
    assert isinstance(made, str)
