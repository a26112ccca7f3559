"""What was compiled is kept for who asks next, in bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockforge.mocking import compiled
from mockforge.mocking.matching.jsonpath import functions as jsonpath_functions
from mockforge.mocking.matching.jsonpath.path import compile_jsonpath
from mockforge.mocking.matching.xpath import expression
from mockforge.mocking.regex.engine import compile_regex
from mockforge.mocking.templating.helpers import compiled_pattern


@pytest.mark.parametrize(
    ("compile_one", "most"),
    [
        (lambda number: compile_jsonpath(f"$.a{number}"), compile_jsonpath),
        (lambda number: expression.compile_xpath(f"/a{number}"), expression._compiled),
        (
            lambda number: jsonpath_functions.FUNCTIONS["match"].call("a", f"a{number}"),
            jsonpath_functions._compiled,
        ),
        (lambda number: compiled_pattern(f"a{number}"), compiled_pattern),
        (lambda number: compile_regex(f"a{number}"), compile_regex),
    ],
    ids=["jsonPath", "xpath", "match", "templates", "regex"],
)
def test_what_is_kept_is_bounded_and_reported(compile_one: Callable[[int], Any], most: Any) -> None:
    most.cache_clear()
    before = compiled.held()
    limit = most.cache_info().maxsize
    assert 0 < limit <= 512
    for number in range(limit + 10):
        compile_one(number)
    assert most.cache_info().currsize == limit
    assert before + 500 * limit <= compiled.held() <= compiled.limit()
    misses = most.cache_info().misses
    compile_one(limit + 9)
    assert most.cache_info().misses == misses
