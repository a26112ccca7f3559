"""What a rendering may use, each limit filled past its end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from itertools import count

import pytest

from mockforge.mocking.data import Dice
from mockforge.mocking.templating import TemplateError, TemplateLimits
from mockforge.mocking.templating.limits import MAX_ITEMS, MAX_SOURCE
from mockforge.mocking.templating.operators import Operators
from mockforge.mocking.templating.runtime import RefusedError, Run
from tests.kernel.templating.kit import limited, made, render


@pytest.mark.parametrize(
    "expression",
    [
        "'x' * 10000000000", "10000000000 * 'x'", "[1] * 10000000000", "'x' | repeat(10000000000)",
        "'x' | center(10000000000)", "'x' | ljust(10000000000)", "'x' | zfill(10000000000)",
        "'x'.rjust(10000000000)", "'x'.zfill(10000000000)", "'%10000000000d' | format(1)",
        "'%.10000000000f' | format(1)", "'a\\nb' | indent(10000000000)", "rand.string(10000000000)",
        "rand.hex(10000000000)", "range(10000000000)", "range(0, 10000000000, 1)", "faker.words(10000000000)",
        "[1] | batch(10000000000, 'x')", "1 | json(10000000000)", "'x' | round(10000000000)",
        "2 ** 10000000000", "9 ** 64 * 9 ** 64 * 9 ** 64", "1.5 ** 100000", "now + '999999999y'",
        "now('9999999999d')", "now | date('%9999999999d')",
    ],
)  # fmt: skip
def test_nothing_of_any_size_is_made(expression: str) -> None:
    with pytest.raises(TemplateError):
        render(f"{{{{ {expression} }}}}")


def doubled(start: str, step: str) -> str:
    """A template that makes something forty times twice as large, at little cost in steps."""
    return (
        f"{{% set ns = namespace(x={start}) %}}"
        f"{{% for i in range(40) %}}{{% set ns.x = {step} %}}{{% endfor %}}{{{{ ns.x | length }}}}"
    )


@pytest.mark.parametrize(
    "source",
    [
        doubled("'ab'", "ns.x ~ ns.x"),
        doubled("'ab'", "ns.x + ns.x"),
        doubled("'ab'", "ns.x * 2"),
        doubled("'ab'", "ns.x.replace('a', 'aa') ~ ns.x.replace('b', 'bb')"),
        doubled("'ab'", "ns.x | replace('a', 'aa') | replace('b', 'bb')"),
        doubled("'a\"'", "ns.x | tojson"),
        doubled("'a\"'", "[ns.x, ns.x] | join"),
        doubled("'ab'", "ns.x | hex"),
        doubled("'ab'", "'%s%s' | format(ns.x, ns.x)"),
        doubled("[1]", "ns.x + ns.x"),
        doubled("[1]", "[ns.x, ns.x]"),
        doubled("[1]", "(ns.x, ns.x)"),
        doubled("{'a': 1}", "{'a': ns.x, 'b': ns.x}"),
        doubled("[1]", "dict(a=ns.x, b=ns.x)"),
        doubled("[1]", "[ns.x, ns.x] | list"),
        "{% macro m(a) %}{{ m(a ~ a) }}{% endmacro %}{{ m('ab') }}",
        "{% for a in ['x' * 9999] %}" + "{% for a in [a ~ a] %}" * 28 + "{% endfor %}" * 29,
    ],
)  # fmt: skip
def test_what_doubles_ends_at_the_limit(source: str) -> None:
    small = limited(max_output=100_000)
    with pytest.raises(TemplateError, match="more than 100000 characters"):
        small(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 600 }}{{ 'x' * 600 }}",
        "{% for i in range(100) %}0123456789x{% endfor %}",
        "{% for i in range(500) %}{{ i }}{% endfor %}",
        "{% macro m() %}" + "x" * 300 + "{% endmacro %}{{ m() }}{{ m() }}",
        "{% set a %}{% for i in range(110) %}0123456789{% endfor %}{% endset %}",
        "x" * 1001 + "{{ 1 }}",
        "{{ range(600) }}",
    ],
)
def test_output_past_its_end_fails_and_up_to_it_does_not(source: str) -> None:
    with pytest.raises(TemplateError, match="more than 1000 characters") as caught:
        limited(max_output=1000)(source)
    assert caught.value.hint == "make it do less, or raise core.templates.max_output"
    assert len(limited(max_output=100_000)(source)) <= 100_000


def test_output_of_just_the_limit_is_fine() -> None:
    assert limited(max_output=1000)("{{ 'x' * 999 }}y") == "x" * 999 + "y"
    with pytest.raises(TemplateError):
        limited(max_output=1000)("{{ 'x' * 1000 }}y")


def test_values_are_bounded_like_texts() -> None:
    templates = made(limits=TemplateLimits(max_output=1000))
    value = templates.compile_value(["{{ 'x' * 500 }}", "a{{ 'x' * 600 }}"])
    with pytest.raises(TemplateError, match="more than 1000 characters"):
        value.render({}, Dice(1))


def test_only_texts_that_can_be_wrapped_in_time_are() -> None:
    assert render("{{ ('a' * 65536) | wordwrap(1) | length }}") == "131071"
    for text in ("'a' * 65537", "' ' * 65537"):
        with pytest.raises(TemplateError, match="up to 65536 characters can be wrapped"):
            render("{{ (" + text + ") | wordwrap }}")


def test_many_replacements_are_held_against_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr(
        "mockforge.mocking.templating.runtime.perf_counter", lambda: next(ticks) / 1000
    )
    source = "{{ ('a' * 5000) | regex_replace('a', 'b') }}"
    assert limited(max_time=10)(source) == "b" * 5000
    with pytest.raises(TemplateError, match="the template takes too long"):
        limited(max_time=1)(source)


def test_steps_are_bounded() -> None:
    loop = "{% for i in range(1000) %}{% endfor %}"
    assert limited(fuel=10_000)(loop) == ""
    with pytest.raises(TemplateError, match="takes more than 5000 steps") as caught:
        limited(fuel=5000)("\n " + loop)
    assert (caught.value.line, caught.value.column) == (2, 2)
    assert caught.value.hint == "make it do less, or raise core.templates.fuel"


def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr(
        "mockforge.mocking.templating.runtime.perf_counter", lambda: next(ticks) / 10
    )
    within, beyond = "{{ 'a' | upper }}" * 9, "{{ 'a' | upper }}" * 20
    render_ = limited(max_time=1)
    assert render_(within) == "A" * 9
    with pytest.raises(TemplateError, match="the template takes too long"):
        render_(beyond)
    with pytest.raises(TemplateError, match="the template takes too long"):
        render_("{% for i in range(50) %}{% endfor %}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "-" * 50_001 + "'x' }}",
        "{{ " + "not " * 50_000 + "1 }}",
        "{{ " + "[" * 5000 + "]" * 5000 + " }}",
        "{{ 1" + "[0]" * 20_000 + " }}",
        "{{ request" + ".a" * 20_000 + " }}",
        "{{ 1" + " + 1" * 20_000 + " }}",
        "{{ 1" + " ~ 1" * 20_000 + " }}",
        "{{ 1" + " and 1" * 20_000 + " }}",
        "{{ 1" + " | string" * 20_000 + " }}",
        "{{ 1" + " if 1 else 1" * 10_000 + " }}",
        "{{ 1" + " ** 1" * 20_000 + " }}",
        "{% if 1 %}" * 5000,
        "{% for x in [1] %}" * 5000,
        "{% if 0 %}" + "{% elif 1 %}" * 5000 + "{% endif %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
    ids=lambda source: source[:30],
)
def test_nesting_is_bounded_even_where_the_stack_is_small(source: str) -> None:
    raised: list[BaseException] = []

    def work() -> None:
        try:
            render(source)
        except BaseException as error:
            raised.append(error)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    (error,) = raised
    assert isinstance(error, TemplateError)


def test_a_template_has_a_longest() -> None:
    with pytest.raises(TemplateError, match=f"more than {MAX_SOURCE}"):
        made().compile("{{ 1 }}" + "x" * MAX_SOURCE)


def test_a_value_has_a_deepest() -> None:
    value: object = "{{ 1 }}"
    for _ in range(70):
        value = [value]
    with pytest.raises(TemplateError, match="nested deeper"):
        made().compile_value(value)


def test_the_engine_holds_a_bounded_number_of_programs() -> None:
    went: list[None] = []
    limits = TemplateLimits(max_time=60, cache=55_000)
    templates = made(limits=limits, evicted=lambda: went.append(None))
    compiled = [templates.compile(f"{{{{ {number} }}}}") for number in range(20)]
    for _ in range(3):
        assert [each.render({}, Dice(1)) for each in compiled] == [str(n) for n in range(20)]
    assert templates._engine is not None
    assert len(templates._engine) == 5
    assert 0 < templates.bytes <= limits.cache
    assert len(went) == 3 * 20 - 5


def test_long_programs_count_for_more_and_one_is_always_held() -> None:
    templates = made(limits=TemplateLimits(max_time=60, cache=100_000))
    for length, held in ((2000, 2), (10_000, 1)):
        for number in range(10):
            compiled = templates.compile(f"{{{{ {number} }}}}" + "x" * length)
            assert compiled.render({}, Dice(1)) == str(number) + "x" * length
        assert templates._engine is not None
        assert len(templates._engine) == held


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(.*a){12}", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_regular_expressions_take_bounded_time(pattern: str) -> None:
    source = f"{{{{ ('a' * 5000 ~ '!') | regex_match('{pattern}') }}}}"
    with pytest.raises(TemplateError, match="could take too long"):
        render(source)


@pytest.mark.parametrize("operation", ["add", "concatenate", "multiply"])
def test_operands_are_measured_before_they_are_put_together(operation: str) -> None:
    run = Run()
    run.begin(TemplateLimits(max_output=10), Dice(1))
    operate: Callable[..., object] = getattr(Operators(run), operation)
    with pytest.raises(RefusedError):
        operate("x" * 9, 9 if operation == "multiply" else "y" * 9)


def test_large_requests_are_only_referred_to() -> None:
    body = "x" * 3_000_000
    assert render("{{ request.body | length }}", within={"request": {"body": body}}) == "3000000"
    with pytest.raises(TemplateError):
        render("{{ request.body }}{{ request.body }}", within={"request": {"body": body}})


@pytest.mark.parametrize(
    "source", ["{{ request.json }}", "{{ request.json | tojson }}", "{{ request.json ~ 1 }}"]
)
def test_deep_json_of_a_request_is_no_danger(source: str) -> None:
    nested: list[object] = []
    for _ in range(sys.getrecursionlimit() * 2):
        nested = [nested]
    with pytest.raises(TemplateError) as caught:
        render(source, within={"request": {"json": nested}})
    assert caught.value.line == 1


@pytest.mark.parametrize(
    "filters",
    ["sort", "groupby('a')", "batch(2)", "min", "max", "unique", "list", "sum", "shuffle", "join",
     "map('upper')", "map(attribute='a')", "select", "reject('eq', 1)", "selectattr('a')",
     "rejectattr('a')"],
)  # fmt: skip
def test_filters_go_through_so_many_items_and_no_more(filters: str) -> None:
    few = "'ab'" if filters != "sum" else "[1, 2]"
    assert render(f"{{{{ {few} | {filters} }}}}")
    with pytest.raises(TemplateError, match=f"more than {MAX_ITEMS} items") as caught:
        render(f"{{{{ ('a' * {MAX_ITEMS + 1}) | {filters} }}}}")
    assert caught.value.hint == "take a slice: [:1000]"


def test_single_characters_of_long_texts_are_at_hand() -> None:
    for name in ("first", "last", "random"):
        assert render(f"{{{{ ('a' * 1000000) | {name} }}}}") == "a"
    assert render("{{ ('a' * 1000000 ~ 'b') | reverse | first }}") == "b"


@pytest.mark.parametrize(
    "filters",
    ["sort", "groupby('a')", "min", "max", "unique", "sum", "map('abs')", "map(attribute='a')",
     "select('in', range(9))", "reject('odd')", "selectattr('a')", "rejectattr('a')"],
)  # fmt: skip
def test_filters_of_lists_are_held_against_the_time(
    filters: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count()
    monkeypatch.setattr(
        "mockforge.mocking.templating.runtime.perf_counter", lambda: next(ticks) / 1000
    )
    source = (
        f"{{{{ range(5000) | {filters} | length }}}}"
        if filters != "sum"
        else "{{ range(5000) | sum }}"
    )
    source = source if filters not in ("min", "max") else source.replace(" | length", "")
    assert limited(max_time=1000)(source)
    with pytest.raises(TemplateError, match="the template takes too long"):
        limited(max_time=1)(source)


def test_paths_of_attributes_have_a_longest() -> None:
    assert render("{{ [{'a': 1}] | map(attribute='a' ~ '.a' * 400) }}") == "[null]"
    with pytest.raises(TemplateError, match="at most 1000 characters"):
        render("{{ [{'a': 1}] | map(attribute='a' ~ '.a' * 500) }}")
