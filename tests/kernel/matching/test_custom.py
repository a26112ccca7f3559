"""Predicates of plugins."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from mockforge import hookimpl
from mockforge.contracts import CustomPredicate
from mockforge.mocking.matching import (
    Content,
    PredicateError,
    compile_predicate,
    predicate_names,
)
from tests.kernel.plugins.test_facade import plugins_of, row_of


class Multiple(CustomPredicate):
    """Numbers that can be divided by another one."""

    name = "multipleOf"

    def compile(self, spec: Any) -> Callable[[str | Content | None], bool]:
        """A number."""
        divisor = int(spec)
        return lambda value: value is not None and int(str(value)) % divisor == 0


CUSTOM = {"multipleOf": Multiple()}


def test_they_stand_where_built_in_ones_stand() -> None:
    predicate = compile_predicate({"multipleOf": 3, "lt": 10}, custom=CUSTOM)
    assert [value for value in ("3", "4", "12", None) if predicate.matches(value)] == ["3"]
    assert compile_predicate({"not": {"multipleOf": 2}}, custom=CUSTOM).matches("3")
    assert "multipleOf 3" in str(predicate)


def test_one_that_raises_does_not_match_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    predicate = compile_predicate({"multipleOf": 3}, custom=CUSTOM)
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            assert not predicate.matches("x")
    assert len(caplog.records) == 1
    assert "multipleOf raised ValueError" in caplog.text


def test_a_definition_that_it_refuses_is_an_error_with_the_place() -> None:
    with pytest.raises(PredicateError, match="multipleOf does not accept 'x'") as caught:
        compile_predicate({"allOf": [{"multipleOf": "x"}]}, path=("request",), custom=CUSTOM)
    assert str(caught.value.place) == "request.allOf[0].multipleOf"


def test_misspelt_names_find_them() -> None:
    with pytest.raises(PredicateError) as caught:
        compile_predicate({"multipleof": 3}, custom=CUSTOM)
    assert caught.value.hint == "did you mean `multipleOf`?"


class Taken(Multiple):
    """The name of a built-in predicate."""

    name = "equals"


class Bringing:
    """A plugin."""

    @hookimpl
    def mockforge_register_predicates(self) -> list[CustomPredicate]:
        """Two, one of which has no name of its own."""
        return [Multiple(), Taken()]


def test_plugins_bring_them_and_names_that_are_taken_are_refused() -> None:
    plugins = plugins_of(a=Bringing(), b=Bringing())
    found = plugins.predicates(predicate_names())
    assert list(found) == ["multipleOf"]
    assert [problem.message for problem in row_of(plugins, "b").problems] != []
    assert "equals has no name or is taken" in row_of(plugins, "a").problems[0].message
