"""Expressions, statements and white space."""

from __future__ import annotations

import pytest

from mockforge.mocking.templating import TemplateError
from tests.kernel.templating.kit import made, render


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 1 + 2 * 3 }}", "7"),
        ("{{ (1 + 2) * 3 }}", "9"),
        ("{{ 2 ** 3 ** 2 }}", "64"),  # from the left, as Jinja has it
        ("{{ -2 ** 2 }}", "4"),  # the sign belongs to the operand, as Jinja has it
        ("{{ 7 // 2 }} {{ 7 / 2 }} {{ 7 % 4 }} {{ -7 // 2 }}", "3 3.5 3 -4"),
        ("{{ 1 - 1 - 1 }}", "-1"),
        ("{{ 'a' ~ 1 ~ none ~ true }}", "a1true"),
        ("{{ 'ab' * 2 }} {{ 2 * 'ab' }} {{ [1] * 2 }}", "abab abab [1,1]"),
        ("{{ 'a' + 'b' }} {{ [1] + [2] }}", "ab [1,2]"),
        ("{{ 1 == 1.0 }} {{ 'a' != 'b' }} {{ 2 >= 3 }}", "true true false"),
        ("{{ not 1 == 2 }} {{ not true or true }}", "true true"),
        ("{{ false and 1 + 'a' }}", "false"),
        ("{{ 'a' in 'abc' }} {{ 4 not in [1, 2] }} {{ 'k' in {'k': 1} }}", "true true true"),
        ("{{ 'x' if 1 > 2 else 'y' if 1 > 3 else 'z' }}", "z"),
        ("{{ 'x' if false }}", ""),
        ("{{ [1, 2, 3][-1] }} {{ [1, 2, 3][:2] }} {{ 'abc'[::-1] }} {{ 'abc'[1] }}", "3 [1,2] cba b"),
        ("{{ {'a': {'b': [5]}}.a.b[0] }} {{ {'a': [6]}.a.0 }}", "5 6"),
        ("{{ (1, 2) }} {{ () }} {{ (1,) }}", "[1,2] [] [1]"),
        ("{{ 1_000 + 1 }} {{ 1e3 }} {{ 2.50 }}", "1001 1000 2.5"),
        ("{{ '\\u00e9\\n\\t\\x41\\'\\\\' }}", "é\n\tA'\\"),
        ("{{ '\\d+' }}", "\\d+"),
        ("{{ '\\ud83d\\ude00' }}", "😀"),
        ("{{ ' {{ }} ' }}", " {{ }} "),
        ("{{{'a': 1}}}", '{"a":1}'),
        ("{ {{ 1 }} }}", "{ 1 }}"),
        ("{{{ 'a': 1 }['a'] }}", "1"),
        ("{{ 3 is odd }} {{ 3 is not even }} {{ 9 is divisibleby 3 }}", "true true true"),
        ("{{ nothing is defined }} {{ x is defined }}{% set x = 1 %} {{ x is defined }}", "false false true"),
        ("{{ [3, 1] | sort | first + 1 }}", "2"),
        ("{{ [1, 2, 3] | select('odd') | map('string') | join('-') }}", "1-3"),
        ("{{ 'A b'.lower().split(' ') }} {{ 'x'.replace('x', 'yy') }}", '["a","b"] yy'),
        ("{{ ','.join(['a', 'b']) }} {{ 'x'.center(3, '-') }}", "a,b -x-"),
        ("{{ {'a': 1}.items() }} {{ {'a': 1}.get('b', 2) }} {{ [1, 1].count(1) }}", '[["a",1]] 2 2'),
    ],
)  # fmt: skip
def test_expressions(source: str, text: str) -> None:
    assert render(source, made(names=("request", "nothing", "x"))) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% if 0 %}a{% elif 1 %}b{% else %}c{% endif %}", "b"),
        ("{% for x in [1, 2] %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% endfor %}", "1/2:1 2/2:2 "),
        ("{% for k, v in {'a': 1, 'b': 2} | items %}{{ k }}{{ v }}{% endfor %}", "a1b2"),
        ("{% for k in {'a': 1} %}{{ k }}{% endfor %}{% for c in 'xy' %}{{ c }}.{% endfor %}", "ax.y."),
        ("{% for x in [] %}a{% else %}none{% endfor %}", "none"),
        ("{% for x in request.json.nope %}a{% else %}-{% endfor %}", "-"),
        ("{% for x in range(6) if x is odd %}{{ x }}{% endfor %}", "135"),
        ("{% for x in range(3) %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "02"),
        ("{% for x in range(9) %}{% if x > 2 %}{% break %}{% endif %}{{ x }}{% endfor %}", "012"),
        ("{% for x in [1, 2] %}{{ loop.cycle('a', 'b') }}{% endfor %}", "ab"),
        ("{% set a, b = [1, 2] %}{{ a + b }}", "3"),
        ("{% set text %}<{{ 1 }}>{% endset %}{{ text }}{{ text | length }}", "<1>3"),
        ("{% with a = 1, b = {'c': 2} %}{{ a }}{{ b.c }}{% endwith %}{{ a is defined }}", "12false"),
        ("{% macro m(a, b=[1, 2]) %}{{ a }}{{ b[0] }}{% endmacro %}{{ m(b=[7], a=5) }}{{ m(1) }}", "5711"),
        ("{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210"),
        ("{% do state.put('a', 5) %}{{ state.get('a') }}", "5"),
        ("a {%- if 1 -%} b {%- endif -%} c", "abc"),
        ("a {{- 1 -}} b {#- x -#} c", "a1bc"),
        ("a\n{# gone #}\nb\n", "a\n\nb\n"),
        ("{%- raw -%} {{ x }} {%- endraw -%} ", "{{ x }}"),
        ("{% set uuid = 'mine' %}{{ uuid }}", "mine"),
        ("{% for now in ['never'] %}{{ now }}{% endfor %}", "never"),
    ],
)  # fmt: skip
def test_statements(source: str, text: str) -> None:
    assert render(source, made(names=("request", "state", "a"))) == text


@pytest.mark.parametrize("end", ["", "\n", "{ ", "}}", "%}"])
def test_what_surrounds_tags_stays_as_it_is(end: str) -> None:
    assert render(f"{{ {end}{{{{ 1 }}}}{end}") == f"{{ {end}1{end}"


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{{ requets.path }}", "there is no variable or function requets", "did you mean request?"),
        ("{{ 1 | uper }}", "there is no filter uper", "did you mean upper?"),
        ("{{ 1 is od }}", "there is no test od", "did you mean odd?"),
        ("{{ faker.emial }}", "there is no function faker.emial", "did you mean faker.email?"),
        ("{{ rand.int.x }}{{ rand }}", "there is no variable or function rand", "did you mean"),
        ("{% fro x in [] %}", "there is no statement fro", "did you mean for?"),
        ("{% include 'x' %}", "include is not available", "a template stands alone"),
        ("{% filter upper %}", "filter is not available", "| name_of_filter"),
        ("{{ 1 < 2 < 3 }}", "comparisons do not chain", "join them with `and`"),
        ("{{ request.__class__ }}", "names that begin with an underscore are not accessible", ""),
        ("{{ [].append }}{{ [](1) }}", "only functions, macros and methods can be called", ""),
        ("{% set x = 1 %}{{ x() }}", "x is a variable, not a function", ""),
        ("{% macro m() %}{% endmacro %}{{ m }}", "the macro m must be called", "write m()"),
        ("{{ env.HOME }}", "the environment variable HOME is not allowed", "core.templates.env"),
        ("{{ env }}", "env needs the name of a variable", "write env.HOME"),
        ("{% if 1 %}", "if is not closed", "add {% endif %}"),
        ("{% endfor %}", "endfor does not fit: no block is open", ""),
        ("{% if 1 %}{% endfor %}", "endfor does not fit: if is open", ""),
        ("{% else %}", "else stands in no if", ""),
        ("{% if 1 %}{% else %}{% elif 2 %}{% endif %}", "elif comes after else", ""),
        ("{% break %}", "break stands in no loop", ""),
        ("{% set loop = 1 %}", "loop cannot be set", "choose another name"),
        ("{% for x in [] recursive %}", "recursive loops are not available", "macro"),
        ("{% if 1 %}{% macro m() %}{% endmacro %}{% endif %}", "macros are defined outside of blocks", ""),
        ("{{ 1", "the tag is not closed", "add }}"),
        ("{% if 1", "the tag is not closed", "add %}"),
        ("{# x", "the comment is not closed", "add #}"),
        ("{% raw %}x", "{% raw %} is not closed", "add {% endraw %}"),
        ("{{ 'a }}", "the text is not closed", "add '"),
        ("{{ '\\ud800' }}", "half of a surrogate pair", ""),
        ("{{ 5q }}", "this is no number", "90s, 1h, 7d"),
        ("{{ 1234567890123456789012 }}", "the number is too large", ""),
        ("{{ 1e999 }}", "the number is too large", ""),
        ("{{ @ }}", "'@' has no meaning here", ""),
        ("{{ (1] }}", "] closes nothing", ""),
        ("{{ 1 2 }}", "'2' is not expected here", ""),
        ("{{ }}", "expected a value, the tag ends", ""),
        ("{{ [1, 2][] }}", "expected an index in the brackets", ""),
        ("{{ f(a=1, 2) }}", "there is no variable or function f", ""),
        ("{{ dict(a=1, 2) }}", "arguments with names come after those without", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_when_it_is_compiled(source: str, message: str, hint: str) -> None:
    with pytest.raises(TemplateError) as caught:
        made().compile(source)
    assert caught.value.message.startswith(message)
    assert hint in (caught.value.hint or "")
