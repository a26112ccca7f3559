"""Chance in templates: within its bounds, and the same for the same seed."""

from __future__ import annotations

import re
import subprocess
import sys
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.templating.kit import SHARED, made, render

ALL = "|".join(
    f"{{{{ {name}({arguments}) }}}}"
    for name, arguments in {
        **{name: "" for name in SHARED.vocabulary.functions if name.startswith(("faker.", "rand."))},
        "uuid": "", "randInt": "1, 1000000", "rand.choice": "range(1000)", "rand.shuffle": "range(50)",
    }.items()
) + "{{ range(1000) | random }}{{ range(50) | shuffle }}"  # fmt: skip


def test_the_same_seed_gives_the_same_text_and_another_another() -> None:
    assert render(ALL, seed=1) == render(ALL, made(), seed=1)
    assert render(ALL, seed=1) != render(ALL, seed=2)


def test_the_same_seed_gives_the_same_text_in_another_process() -> None:
    script = (
        "from tests.kernel.templating.kit import render\n"
        "from tests.kernel.templating.test_chance import ALL\n"
        "print(render(ALL, seed=1))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.rstrip("\n") == render(ALL, seed=1)


@given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62), st.integers())
@settings(max_examples=60, deadline=None)
def test_numbers_are_within_their_bounds(one: int, other: int, seed: int) -> None:
    low, high = sorted((one, other))
    for form in (f"{{{{ randInt({one}, {other}) }}}}", f"{{{{randInt {one} {other}}}}}"):
        if abs(one) < 10**18 > abs(other):
            assert low <= int(render(form, seed=seed)) <= high


def many(expression: str, count: int = 300) -> list[str]:
    """What an expression gives, again and again."""
    text = render(f"{{% for i in range({count}) %}}{{{{ {expression} }}}},{{% endfor %}}")
    return text.split(",")[:-1]


def test_dice_show_every_side_and_no_other() -> None:
    assert set(many("randInt(1, 6)")) == set("123456")
    assert set(many("randInt(6, 1)")) == set("123456")
    assert set(many("rand.int(2)")) == set("012")
    assert set(many("rand.choice('ab')")) == set("ab")
    assert set(many("rand.choice({'x': 1, 'y': 2})")) == {"x", "y"}
    assert set(many("rand.bool(0)")) == {"false"}
    assert set(many("rand.bool(1)")) == {"true"}
    assert set(many("[1, 2] | random")) == {"1", "2"}


def test_lengths_and_alphabets_are_kept() -> None:
    for alphabet, pattern in {
        "alphanumeric": "[a-zA-Z0-9]",
        "letters": "[a-zA-Z]",
        "lower": "[a-z]",
        "upper": "[A-Z]",
        "digits": "[0-9]",
        "hex": "[0-9a-f]",
        "é-": "[é-]",
    }.items():
        text = render(f"{{{{ rand.string(20, '{alphabet}') }}}}")
        assert re.fullmatch(f"{pattern}{{20}}", text)
    assert all(0.5 <= float(text) <= 0.6 for text in many("rand.float(0.5, 0.6, 5)"))
    days = many("rand.date('2026-01-01', '2026-01-03')")
    assert all("2026-01-01T" <= day < "2026-01-03T" for day in days)


def test_uuids_are_of_version_4_and_different() -> None:
    found = [UUID(text) for text in many("uuid")]
    assert len(set(found)) == len(found)
    assert {(each.version, each.variant) for each in found} == {(4, found[0].variant)}


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("{{uuid}}", "[0-9a-f-]{36}"),
        ("{{ uuid() }}", "[0-9a-f-]{36}"),
        ("{{randInt 1 1}}", "1"),
        ("{{ randInt -3 -3 }}", "-3"),
        ("{{randInt 1 request.query.limit}}", "[123]"),
        ("{{rand.int}}", "[0-9]+"),
        ("{{rand.int 5 5}}", "5"),
        ("{{rand.float}}", r"0\.[0-9]+"),
        ("{{faker.name}}", "[A-Za-z' -]+"),
        ("{{faker.words 2}}", "[a-z]+ [a-z]+"),
    ],
)
def test_calls_may_be_written_in_the_short_forms(form: str, pattern: str) -> None:
    assert re.fullmatch(pattern, render(form))


def test_functions_of_plugins_draw_from_the_same_chance() -> None:
    templates = made(
        functions={"pick": lambda chance, *of: of[int(chance.random() * len(of))], "plain": lambda: "p"},
        filters={"shake": lambda chance, text: "".join(chance.sample(text, len(text)))},
        drawing=("pick", "| shake"),
    )  # fmt: skip
    source = "{{ pick(1, 2, 3, 4, 5, 6, 7, 8) }}{{ 'abcdefgh' | shake }}{{ plain() }}"
    assert render(source, templates, seed=3) == render(source, templates, seed=3)
    assert len({render(source, templates, seed=seed) for seed in range(5)}) == 5
