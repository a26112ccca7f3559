"""What goes wrong while a template is rendered: where, why, and what to do."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from mockforge.errors import DocumentError, Place
from mockforge.mocking.data import Dice
from mockforge.mocking.templating import TemplateError
from tests.kernel.templating.kit import PLACE, context, made


def failing(source: str, **options: Any) -> TemplateError:
    """The error of a template that compiles."""
    template = made(**options).compile(source, place=PLACE)
    with pytest.raises(TemplateError) as caught:
        template.render(context(), Dice(1))
    return caught.value


def test_an_error_names_the_file_the_line_the_tag_and_the_remedy() -> None:
    error = failing("first\n  second {{ request.json.name + 1 }}\n")
    assert str(error) == (
        "stubs.yaml:3:5 (response.text): template line 2, column 10: + does not go with a text and a number "
        "(in {{ request.json.name + 1 }})"
    )
    assert (error.line, error.column, error.place) == (2, 10, PLACE)
    assert error.hint == "turn texts into numbers with the filters int and float; join texts with ~"
    assert error.__cause__ is not None


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("{{ 1 }}{% if 1 + 'a' %}{% endif %}", 8),
        ("é😀{{ 1 }}{{ 1 + 'a' }}", 10),
        ("{% if 0 %}{% elif 1 + 'a' %}{% endif %}", 11),
        ("{% set a = 1 + 'a' %}", 1),
        ("{% for x in [1] %}{{ x }}{{ x + 'a' }}{% endfor %}", 26),
        ("{% for x in 5 %}{% endfor %}", 1),
        ("{% for x in [1] if x + 'a' %}{% endfor %}", 1),
        ("{% with a = 1, b = 'a' * 'b' %}{% endwith %}", 1),
        ("{{ now }}{{ 'x' | date }}", 10),
        ("{{ now }}{{ [1, 2] | sort(1, 2, 3, 4) }}", 10),
        ("{% macro m(a) %}{{ a + 'a' }}{% endmacro %} {{ m(1) }}", 17),
        ("{{ 1 }}{% set a, b = [1] %}", 8),
        ("{{ 1 }}{{ request.json.name[1 + 'a'] }}", 8),
        ("{{ 1 }}{{ [1, 2][::0] }}", 8),
        ("{{ 1 }}{{ {[1]: 2} }}", 8),
    ],
)
def test_the_place_is_that_of_the_tag(source: str, column: int) -> None:
    error = failing(source)
    assert (error.line, error.column) == (1, column)


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{{ 1 / 0 }}", "1 / 0 cannot be calculated: division by zero", ""),
        ("{{ 'a' < 1 }}", "< does not go with a text and a number", "int and float"),
        ("{{ 'a' % 1 }}", "% does not go with a text", "use the filter format"),
        ("{{ -'a' }}", "- does not go with a text", ""),
        ("{{ 1 in 5 }}", "in does not go with a number", ""),
        ("{{ 900000000000000000 * 40 }}", "the number is too large", "64 bits"),
        ("{{ 5[1:] }}", "a slice of a number cannot be taken", ""),
        ("{{ 'a'.uper() }}", "a text has no method uper", "did you mean upper?"),
        ("{{ 'a'.format(1) }}", "a text has no method format", ""),
        ("{{ request.json.tags.append(1) }}", "a list has no method append", ""),
        ("{{ request.json.pop('a') }}", "a mapping has no method pop", ""),
        ("{{ request.update({}) }}", "a mapping has no method update", ""),
        ("{{ state.clear() }}", "a State has no method clear", ""),
        (
            "{{ request.json.nope.get('a') }}",
            "there is nothing whose get could be called",
            "default",
        ),
        ("{{ 'a'.upper(1) }}", "upper: str.upper() takes no arguments", ""),
        ("{{ randInt('x') }}", "the lowest is 'x', not a whole number", ""),
        ("{{ randInt(1, 2, 3) }}", "wrong arguments: takes from 1 to 3 positional arguments", ""),
        ("{{ 'a' | replace }}", "wrong arguments: missing 2 required positional arguments", ""),
        ("{{ 'a' | regex_search('(') }}", "'(' is no regular expression", ""),
        ("{{ 'a' | regex_replace('a', '\\\\9') }}", "'\\\\9' is no replacement", ""),
        ("{{ 'a' | base64_decode }}", "this is no base64", ""),
        ("{{ 'x' | hash('crc') }}", "there is no digest crc", "md5, sha1"),
        ("{{ 'x' | hex_decode }}", "these are no hexadecimal digits", ""),
        ("{{ [1, 'a'] | sort }}", "a text and a number have no order", ""),
        ("{{ [1] | map('uper') }}", "there is no filter uper", "did you mean upper?"),
        ("{{ [1] | select('od') }}", "there is no test od", "did you mean odd?"),
        ("{{ jsonPath({}, '$[') }}", "'$[' is no JSONPath", ""),
        ("{{ fixture('a.json') }}", "there is no fixture folder", "http.fixtures"),
        ("{{ now + 'soon' }}", "'soon' is no time span", "+1h30m"),
        ("{{ now + 1d | date }}", "'1d' is no time", "filters bind tighter"),
        ("{{ 'x' | date }}", "'x' is no time", "2026-01-31T12:00:00Z"),
        (
            "{{ now | date('%Y', 'Mars/Base') }}",
            "there is no time zone 'Mars/Base'",
            "Europe/Berlin",
        ),
        ("{{ range(1, 5, 0) }}", "the step of range cannot be 0", ""),
        ("{{ rand.choice([]) }}", "there is nothing to choose from", ""),
        ("{{ rand.string(5, '') }}", "the alphabet is empty", ""),
        ("{{ '%d %d' | format(1) }}", "the format has more directives", ""),
        ("{{ '%q' | format(1) }}", "there is no directive %q", ""),
    ],
)
def test_messages_say_what_and_what_to_do(source: str, message: str, hint: str) -> None:
    error = failing(source)
    assert error.message.startswith(message)
    assert hint in (error.hint or "")
    assert (error.line, error.column) == (1, 1)


def test_errors_of_functions_keep_their_words() -> None:
    def load(path: str) -> Any:
        raise DocumentError(f"{path} is broken", hint="mend it", place=Place("x.json"))

    error = failing("{{ fixture('x.json') }}", fixture=load)
    assert (error.message, error.hint, error.place) == ("x.json is broken", "mend it", PLACE)


def test_what_else_functions_raise_is_an_error_too() -> None:
    def broken() -> Any:
        raise LookupError("no such order")

    error = failing("ab {{ broken() }}", functions={"broken": broken})
    assert (error.message, error.column) == ("LookupError: no such order", 4)


def test_after_an_error_the_next_rendering_is_fine() -> None:
    templates = made()
    template = templates.compile("{{ 1 + request.json.x | int(none) }}")
    for _ in range(3):
        with pytest.raises(TemplateError):
            template.render({"request": {"json": {"x": "a"}}}, Dice(1))
        assert template.render({"request": {"json": {"x": "4"}}}, Dice(1)) == "5"


def test_errors_survive_pickling() -> None:
    error = failing("{{ 1 + 'a' }}")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - of our own making
    assert (str(again), again.hint, again.line) == (str(error), error.hint, error.line)


def test_long_tags_are_cut_in_messages() -> None:
    error = failing("{{ 1 + '" + "a" * 500 + "' }}")
    assert len(str(error)) < 250
    assert error.expression.endswith("…")


def test_a_template_without_a_place_says_where_inside_it() -> None:
    with pytest.raises(
        TemplateError, match=r"^template line 1, column 1: \+ does not go"
    ) as caught:
        made().compile("{{ 1 + 'a' }}").render({}, Dice(1))
    assert caught.value.place is None


def test_what_only_the_engine_refuses_is_found_when_it_is_compiled() -> None:
    with pytest.raises(
        TemplateError, match="cannot assign to reserved variable name self"
    ) as caught:
        made().compile("{{ 1 }}\n{% set self = 1 %}", place=PLACE)
    assert (caught.value.line, caught.value.column, caught.value.place) == (2, 1, PLACE)


@pytest.mark.parametrize("source", ["{{ thing }}", "{{ [thing] }}", "{{ thing | json }}"])
def test_what_has_no_text_of_its_own_is_refused(source: str) -> None:
    # Its address in memory would be put out, and no two runs would be the same.
    template = made(names=("thing",)).compile(source)
    with pytest.raises(TemplateError, match="this is nothing that can be written"):
        template.render({"thing": object()}, Dice(1))


def test_a_key_that_is_missing_and_named_like_a_method_gives_nothing() -> None:
    values = {"a": "{{ thing.keys }}", "b": "[{{ thing.items }}]"}
    template = made(names=("thing",)).compile_value(values)
    assert template.render({"thing": {}}, Dice(1)) == {"a": None, "b": "[]"}
