"""Did these things happen in this order?"""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.observe.journal import Criteria, Journal, Query
from tests.kernel.observe.exchanges import exchange


def journal_of(paths: str) -> Journal:
    journal = Journal()
    for path in paths:
        journal.record(exchange(target=f"/{path}"))
    return journal


def steps(paths: str) -> list[Criteria]:
    return [Criteria(path=f"/{path}") for path in paths]


def test_steps_in_order_are_found_with_others_between() -> None:
    result = journal_of("axbxc").sequence(steps("abc"))
    assert result
    assert result.matched == (1, 3, 5)
    assert result.failed_at is None


def test_the_step_that_failed_is_named_with_where_it_would_have_matched() -> None:
    result = journal_of("cabx").sequence(steps("abc"))
    assert not result
    assert result.matched == (2, 3)
    assert result.failed_at == 2
    assert result.earlier == (1,)
    assert result.reason == "step 3: nothing matches after entry 3; only before it: 1"


def test_a_step_that_never_happened_says_so() -> None:
    result = journal_of("a").sequence(steps("b"))
    assert (result.failed_at, result.earlier) == (0, ())
    assert result.reason == "step 1: nothing matches"


def test_one_entry_does_for_one_step_only() -> None:
    assert not journal_of("a").sequence(steps("aa"))
    assert journal_of("aa").sequence(steps("aa")).matched == (1, 2)


def test_no_steps_are_always_there() -> None:
    assert journal_of("").sequence([])


def test_steps_may_be_functions_or_search_text() -> None:
    journal = journal_of("ab")
    journal.record(exchange(body=b"hello"))
    queries: list[Query] = [lambda entry: entry.path == "/b", Criteria(text="HELLO")]
    assert journal.sequence(queries).matched == (2, 3)


def test_after_eviction_ids_are_still_those_of_the_entries() -> None:
    journal = Journal(max_entries=3)
    for path in "abcde":
        journal.record(exchange(target=f"/{path}"))
    assert journal.sequence(steps("ce")).matched == (3, 5)
    assert not journal.sequence(steps("ac"))


@settings(max_examples=80)
@given(st.text("abc", max_size=8), st.text("abc", max_size=4))
def test_a_sequence_is_found_whenever_there_is_one(happened: str, wanted: str) -> None:
    exists = any("".join(chosen) == wanted for chosen in combinations(happened, len(wanted)))
    assert bool(journal_of(happened).sequence(steps(wanted))) == exists
