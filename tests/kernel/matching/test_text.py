"""Texts, numbers, dates, several values, and predicates made of predicates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockforge.mocking.matching import (
    Content,
    Mismatch,
    Predicate,
    PredicateError,
    Subject,
    compile_predicate,
    dates,
    key_of,
)
from tests.kernel.matching.checks import body, holds


@pytest.mark.parametrize(
    ("spec", "yes", "no"),
    [
        ("rex", ["rex"], ["Rex", "rex ", "", None]),
        ("", [""], [" ", None]),
        (3, ["3", Content.of_json(3), Content.of_json(3.0), Content.of_json("3")], ["3.0", None]),
        (1.5, ["1.5", Content.of_json(1.5)], ["1.50", "1"]),
        (True, ["true", Content.of_json(True)], ["True", "1", Content.of_json(1)]),
        (None, [None, Content.of_json(None), body("null")], ["", "null", body("0")]),
        ({"equals": [1, {"a": 2}]}, [body('[1, {"a": 2.0}]'), '[1,{"a":2}]'], ["[1]", body("x")]),
        ({"equalsIgnoreCase": "Straße"}, ["STRASSE", "straße"], ["strase", None]),
        ({"contains": "b"}, ["abc", "b"], ["", "B", None]),
        ({"notContains": "b"}, ["", "B", None], ["abc"]),
        ({"startsWith": "a"}, ["a", "ab"], ["ba", None]),
        ({"endsWith": "a"}, ["a", "ba"], ["ab", None]),
        ({"present": True}, ["", "a"], [None]),
        ({"present": False}, [None], [""]),
        ({"absent": True}, [None], [""]),
        ({"absent": False}, [""], [None]),
        ({"in": ["a", 2, None, [1]]}, ["a", "2", body("[1]"), None], ["b", body("[2]")]),
        ({"lt": 5}, ["4.9", "-1", Content.of_json(4)], ["5", "x", "", None, "NaN", "1_0"]),
        ({"lte": 5}, ["5", "5.0"], ["5.1"]),
        ({"gt": "5"}, ["5.1", "1e3", str(10**50)], ["5", "5 6", Content.of_json(True)]),
        ({"gte": 9007199254740993}, ["9007199254740993"], ["9007199254740992"]),
        ({"gte": 0, "lt": 10}, ["0", "9"], ["10", "-1"]),
        ({"not": {"equals": "a"}}, ["b", None], ["a"]),
        ({"anyOf": ["a", {"startsWith": "b"}]}, ["a", "bc"], ["c", None]),
        ({"allOf": [{"contains": "a"}, {"contains": "b"}]}, ["ab"], ["a", "b"]),
        ({"base64": "aGVsbG8="}, ["hello", body(b"hello", "image/png")], ["Hello", None]),
        ({"base64": {"startsWith": "user:"}}, ["dXNlcjpwdw==", "dXNlcjpwdw"], ["user:", "x", None]),
    ],
)
def test_what_each_predicate_matches(spec: Any, yes: list[Subject], no: list[Subject]) -> None:
    assert [value for value in yes if not holds(spec, value)] == []
    assert [value for value in no if holds(spec, value)] == []


def test_of_several_values_one_is_enough_but_negations_hold_for_all() -> None:
    def among(spec: Any, *values: Subject) -> bool:
        predicate = compile_predicate(spec)
        verdict = predicate.among(values)
        assert (predicate.mismatch_among(values) is None) == verdict
        return verdict

    assert among("a", "b", "a")
    assert not among("a", "b", "c")
    assert not among("a")
    assert among({"notContains": "a"}, "b", "c")
    assert not among({"notContains": "a"}, "b", "a")
    assert among({"absent": True})
    assert not among({"absent": True}, "a", "b")
    assert not among({"not": "a"}, "b", "a")
    # Each part of a conjunction may be met by another value.
    assert among({"allOf": ["a", "b"]}, "b", "a")
    assert among({"contains": "a", "notContains": "c"}, "a", "b")
    assert not among({"contains": "a", "notContains": "c"}, "a", "c")


def test_plain_equality_tells_its_text_to_indexes() -> None:
    assert compile_predicate("rex").exact == "rex"
    assert compile_predicate({"equals": 3}).exact == "3"
    assert compile_predicate({"equals": True}).exact == "true"
    assert key_of(Content.of_json(3.0)) == "3"
    for spec in ({"equalsIgnoreCase": "a"}, {"not": "a"}, {"equals": "a", "present": True}, None):
        assert compile_predicate(spec).exact is None


def test_cheap_predicates_say_that_they_are_cheap() -> None:
    def cost(spec: Any) -> int:
        return compile_predicate(spec).cost

    costs = [cost("a"), cost({"contains": "a"}), cost({"matches": "a"}), cost({"json": {}})]
    assert costs == sorted(set(costs))
    assert cost({"equals": "a", "jsonPath": "$.a"}) == cost({"jsonPath": "$.a"})


NOW = datetime(2026, 3, 31, 12, 30, 15, 500, UTC)


@pytest.mark.parametrize(
    ("spec", "yes", "no"),
    [
        (
            {"before": "2026-01-01T00:00:00Z"},
            ["2025-12-31", "2026-01-01T00:30:00+01:00", "Wed, 31 Dec 2025 23:59:59 GMT"],
            ["2026-01-01T00:00:00Z", "2026-01-02", "soon", "", None],
        ),
        ({"after": "now"}, ["2026-03-31T12:30:16Z"], ["2026-03-31T12:30:15Z"]),
        ({"before": "now +3 days"}, ["2026-04-03T12:30:14Z"], ["2026-04-03T12:30:16Z"]),
        ({"after": "now -1 months"}, ["2026-02-28T12:30:16Z"], ["2026-02-28T12:30:15Z"]),
        ({"after": "now -1h -30m"}, ["2026-03-31T11:00:16Z"], ["2026-03-31T11:00:15Z"]),
        ({"before": "2026-01-01", "format": "dd/MM/yyyy"}, ["31/12/2025"], ["01/01/2026", "2025-12-31"]),
        ({"before": "2026-01-01", "format": "yyyy-MM-dd'T'HH:mm"}, ["2025-12-31T10:00"], ["2025-12-31"]),
        ({"before": "2026-01-01", "format": "%d.%m.%Y"}, ["31.12.2025"], ["x"]),
        ({"before": "2026-01-01", "format": "unix"}, ["1767225599"], ["1767225600", "1e400"]),
        ({"before": "2026-01-01", "format": "epoch"}, ["1767225599999"], ["1767225600000"]),
        (
            {"sameTime": "now", "truncateExpected": "first day of month"},
            ["2026-03-01T00:00:00Z"],
            ["2026-03-31T12:30:15Z"],
        ),
        (
            {"sameTime": "2026-02-28", "truncate": "last day of month"},
            ["2026-02-03T10:00:00Z"],
            ["2026-03-03T10:00:00Z"],
        ),
        (
            {"sameTime": "2027-01-01", "truncate": "first day of next year"},
            ["2026-02-03T10:00:00Z"],
            ["9999-03-03T10:00:00Z"],
        ),
    ],
)  # fmt: skip
def test_points_in_time(
    spec: Any, yes: list[str], no: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "now", lambda: NOW)
    assert [value for value in yes if not holds(spec, value)] == []
    assert [value for value in no if holds(spec, value)] == []


@pytest.mark.parametrize(
    ("spec", "place", "says", "hint"),
    [
        ({"equal": 1}, "equal", "no predicate `equal`", "did you mean `equals`?"),
        ({"jsonExct": {}}, "jsonExct", "no predicate", "did you mean `jsonExact`?"),
        ({"name": "rex"}, "name", "no predicate `name`", "did you mean `in`?|{equals: {...}}"),
        ({True: 1}, "", "name of a predicate", "quotes"),
        ({}, "", "says nothing", "{equals: {}}"),
        ({"contains": ["a"]}, "contains", "expected a text", ""),
        ({"in": "a"}, "in", "list of values", ""),
        ({"lt": "x"}, "lt", "expected a number", "before"),
        ({"lt": float("inf")}, "lt", "expected a number", ""),
        ({"present": "yes"}, "present", "true or false", ""),
        ({"matches": "("}, "matches", "no regular expression", ""),
        ({"matches": 3}, "matches", "expected a regular expression", ""),
        ({"allOf": []}, "allOf", "list of predicates", ""),
        ({"anyOf": ["a", {"matches": "["}]}, "anyOf[1].matches", "no regular expression", ""),
        ({"not": {"not": {"lt": []}}}, "not.not.lt", "expected a number", ""),
        ({"ignoreArrayOrder": True}, "ignoreArrayOrder", "belongs beside", ""),
        ({"json": {}, "ignoreArrayOrder": 1}, "ignoreArrayOrder", "true or false", ""),
        ({"before": "tomorrow"}, "before", "no date", "now +3 days"),
        ({"before": datetime(2026, 1, 1, tzinfo=UTC)}, "before", "expected a date", "quotes"),
        ({"after": "now +3 moons"}, "after", "no unit of time", "seconds"),
        ({"after": "now", "format": "QQQ"}, "format", "QQQ", ""),
        ({"after": "now", "truncate": "sometimes"}, "truncate", "truncations", "first hour of day"),
        ({"base64": "***"}, "base64", "Base64", ""),
    ],
)
def test_errors_name_the_place_and_the_remedy(spec: Any, place: str, says: str, hint: str) -> None:
    with pytest.raises(PredicateError, match=r".") as caught:
        compile_predicate(spec, path=("request", "body"))
    error = caught.value
    assert str(error.place) == f"request.body.{place}".removesuffix(".")
    assert says in error.message
    assert any(each in (error.hint or "") for each in hint.split("|"))


def test_nesting_is_bounded() -> None:
    spec: Any = "a"
    for _ in range(1000):
        spec = {"not": spec}
    with pytest.raises(PredicateError, match="nest more than"):
        compile_predicate(spec)
    wide: Any = "a"
    for _ in range(30):
        wide = {"not": wide}
    assert holds(wide, "a")


def test_of_very_many_values_the_first_that_miss_are_explained() -> None:
    class Watching(Predicate):
        explained = 0

        def matches(self, value: Subject) -> bool:
            return False

        def distance(self, value: Subject) -> float:
            Watching.explained += 1
            return 0.5

        def __str__(self) -> str:
            return "nothing"

    assert Watching().mismatch_among(["a"] * 10_000) == Mismatch("nothing", "a", 0.5)
    assert Watching.explained < 100
