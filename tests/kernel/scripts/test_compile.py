"""What is wrong with a script is said at its key path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.scripts import ScriptError, ScriptLimits, compile_script
from mockforge.structured import format_path
from tests.kernel.scripts.plain import OneWay, Plain

WRONG: list[tuple[Any, str, str]] = [
    ({"send": 1}, "script", "expected a list of steps"),
    ("end", "script", "expected a list of steps"),
    ([1], "script[0]", "expected a step such as"),
    ([{}], "script[0]", "expected a step such as"),
    ([{"sned": 1}], "script[0].sned", "'sned' is no step"),
    ([{"send": 1, "wait": 2}], "script[0]", "both 'send' and 'wait'"),
    ([{"send": None}], "script[0].send", "nothing to send"),
    (["send"], "script[0]", "nothing to send"),
    ([{"wait": "x"}], "script[0].wait", "expected seconds"),
    ([{"send": 1, "after": "x"}], "script[0].after", "expected seconds"),
    ([{"send": 1, "every": 1}], "script[0].every", "'every' does not go with 'send'"),
    ([{"set": {}}], "script[0].set", "names with values"),
    ([{"set": {"a b": 1}}], 'script[0].set["a b"]', "cannot be the name"),
    ([{"repeat": 2}], "script[0]", "goes into `do`"),
    ([{"repeat": -1, "do": []}], "script[0].repeat", "a number from 0"),
    ([{"repeat": True, "do": []}], "script[0].repeat", "how often"),
    ([{"repeat": 2, "do": [{"x": 1}]}], "script[0].do[0].x", "is no step"),
    ([{"forever": []}], "script[0].forever", "would spin"),
    ([{"forever": [{"set": {"a": 1}}]}], "script[0].forever", "would spin"),
    ([{"branch": []}], "script[0].branch", "a list of cases"),
    ([{"branch": [{"when": 1}]}], "script[0].branch[0]", "a case with `do`"),
    ([{"branch": [{"do": [], "then": 1}]}], "script[0].branch[0].then", "no part of a case"),
    ([{"branch": [{"do": []}, {"if": 1, "do": []}]}], "script[0].branch[0]", "never reached"),
    ([{"expect": 1, "else": []}], "script[0].else", "no `within`"),
]


@pytest.mark.parametrize(("script", "path", "message"), WRONG)
def test_a_mistake_has_a_place_and_a_reason(script: Any, path: str, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        compile_script(script, Plain(), path=("script",))
    assert format_path(caught.value.path) == path
    assert message in caught.value.message


def test_a_misspelt_verb_has_its_neighbour_named() -> None:
    with pytest.raises(ScriptError) as caught:
        compile_script([{"sned": 1}], Plain())
    assert caught.value.hint == "did you mean 'send'?"


def test_a_protocol_has_the_verbs_that_make_sense_for_it() -> None:
    with pytest.raises(ScriptError, match="a one-way stream has no 'expect'"):
        compile_script([{"expect": {}}], OneWay())


def test_scripts_are_bounded() -> None:
    limits = ScriptLimits(steps=10, depth=3)
    assert compile_script([{"send": 1}] * 10, Plain(), limits=limits)
    with pytest.raises(ScriptError, match="more than 10 steps"):
        compile_script([{"send": 1}] * 11, Plain(), limits=limits)
    script: Any = [{"send": 1}]
    for _ in range(3):
        script = [{"repeat": 2, "do": script}]
    assert compile_script(script, Plain(), limits=limits)
    with pytest.raises(ScriptError, match="deeper than 3"):
        compile_script([{"repeat": 2, "do": script}], Plain(), limits=limits)
    with pytest.raises(ScriptError, match="more than 64 variables"):
        compile_script([{"set": {f"v{n}": 1 for n in range(65)}}], Plain())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "end", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["send", "wait", "repeat", "do", "forever", "every", "branch", "when", "if", "set",
                 "expect", "within", "else", "end", "close", "error", "after", "odd"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_whatever_is_written_is_a_program_or_an_error_with_a_path(script: Any) -> None:
    path: tuple[Any, ...] = ("script",)
    try:
        compile_script(script, Plain(), path=path)
    except ScriptError as error:
        path = error.path
    assert path[0] == "script"
