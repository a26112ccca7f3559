"""``json``, ``jsonExact``, ``jsonSchema``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.matching import Content, PredicateError, compile_predicate
from mockforge.mocking.matching.jsoncompare import MOST_COMPARED, Comparison
from tests.kernel.matching.checks import body, holds

PET = '{"name": "rex", "age": 3, "tags": ["a", "b", "c"], "owner": {"id": 1, "zip": null}}'


@pytest.mark.parametrize(
    ("spec", "verdict"),
    [
        ({"json": {"name": "rex"}}, True),
        ({"json": '{"name": "rex"}'}, True),
        ({"json": {"tags": ["c", "a"]}}, True),
        ({"json": {"tags": ["a", "a"]}}, False),
        ({"json": {"owner": {}}}, True),
        ({"json": {"owner": {"zip": None}}}, True),
        ({"json": {"zip": None}}, False),
        ({"json": {"age": 3.0}}, True),
        ({"json": {"age": "3"}}, False),
        ({"json": {"age": True}}, False),
        ({"json": {"tags": ["a", "c"]}, "ignoreArrayOrder": False}, False),
        ({"json": {"tags": ["a", "b"]}, "ignoreArrayOrder": False}, True),
        ({"json": {"tags": ["b", "a", "c"]}, "ignoreExtraElements": False}, False),
        ({"jsonExact": {"name": "rex"}}, False),
        ({"jsonExact": {"name": "rex"}, "ignoreExtraElements": True}, True),
        ({"json": {"name": "${json-unit.any-string}"}}, True),
        ({"json": {"age": "${json-unit.any-string}"}}, False),
        ({"json": {"age": "#{json-unit.any-number}"}}, True),
        ({"json": {"age": "${json-unit.any-boolean}"}}, False),
        ({"json": {"owner": "${json-unit.ignore}"}}, True),
        ({"json": {"more": "${json-unit.ignore}"}}, False),
        ({"json": {"more": "${json-unit.ignore-element}"}}, True),
        ({"json": {"name": "${json-unit.regex}r.x"}}, True),
        ({"json": {"tags": ["${json-unit.any-string}", "a", "b"]}}, True),
    ],
)
def test_comparison_of_json(spec: Any, verdict: bool) -> None:
    assert holds(spec, body(PET)) is verdict
    assert holds(spec, PET) is verdict


def test_exact_comparison_minds_order_and_everything_that_is_there() -> None:
    exact = {"jsonExact": {"a": [1, 2], "b": {"c": 1}}}
    assert holds(exact, body('{"b": {"c": 1.0}, "a": [1, 2]}'))
    assert not holds(exact, body('{"b": {"c": 1}, "a": [2, 1]}'))
    assert holds(exact | {"ignoreArrayOrder": True}, body('{"b": {"c": 1}, "a": [2, 1]}'))
    assert not holds(exact, body('{"b": {"c": 1, "d": 2}, "a": [1, 2]}'))
    assert not holds(exact, body("no json"))
    assert not holds(exact, None)


def test_items_in_any_order_are_assigned_even_where_the_first_choice_is_wrong() -> None:
    # The first expected item fits every actual one; only one assignment satisfies all.
    expected = [{}, {"a": 1}, {"a": 1, "b": 2}]
    for items in permutations([{"a": 1, "b": 2}, {"a": 1}, {"z": 0}]):
        assert Comparison(any_order=True, extra=True).same(expected, list(items))
    assert not Comparison(any_order=True, extra=True).same(expected, [{"z": 0}, {"a": 1}, {"y": 0}])


def test_comparisons_that_would_take_long_are_given_up() -> None:
    many = [{"a": i} for i in range(int(MOST_COMPARED**0.5) + 10)]
    assert not compile_predicate({"json": many}).matches(body(str(many[::-1]).replace("'", '"')))
    few = many[:100]
    assert compile_predicate({"json": few}).matches(body(str(few[::-1]).replace("'", '"')))


def test_the_first_difference_is_named_with_its_path() -> None:
    def miss(spec: Any) -> tuple[str, str, str]:
        found = compile_predicate(spec).mismatch(body(PET))
        assert found is not None
        return found.path, found.expected, found.actual

    assert miss({"json": {"owner": {"id": 2}}}) == ("owner.id", "2", "1")
    assert miss({"json": {"owner": {"nick": "x"}}}) == ("owner.nick", '"x"', "(absent)")
    assert miss({"json": {"tags": ["z"]}}) == ("tags", '"z"', '["a","b","c"]')
    exact = {"name": "rex", "age": 3, "tags": ["a", "b", "c"], "owner": {"id": 1}}
    assert miss({"jsonExact": exact}) == ("owner.zip", "nothing there", "null")


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"json": "{"}, "json"),
        ({"json": {"a": {1: 2}}}, "json.a"),
        ({"json": {"a": [object()]}}, "json.a[0]"),
        ({"json": {"a": "${json-unit.any-strin}"}}, "json.a"),
        ({"json": {"a": "${json-unit.regex}("}}, "json.a"),
        ({"jsonSchema": {"type": "foo"}}, "jsonSchema"),
        ({"jsonSchema": {"$ref": "http://127.0.0.1:9/x"}}, "jsonSchema"),
        ({"jsonSchema": {"pattern": "("}}, "jsonSchema"),
        ({"jsonSchema": "{"}, "jsonSchema"),
        ({"jsonSchema": 3}, "jsonSchema"),
    ],
)
def test_errors_in_json(spec: Any, place: str) -> None:
    with pytest.raises(PredicateError) as caught:
        compile_predicate(spec)
    assert str(caught.value.place) == place


def test_expected_values_may_not_nest_without_end() -> None:
    value: Any = 1
    for _ in range(500):
        value = [value]
    with pytest.raises(PredicateError, match="levels deep"):
        compile_predicate({"json": value})


def test_schemas() -> None:
    schema = {"type": "object", "required": ["name"], "properties": {"age": {"maximum": 5}}}
    assert holds({"jsonSchema": schema}, body(PET))
    assert not holds({"jsonSchema": schema}, body('{"name": 1, "age": 6}'))
    assert not holds({"jsonSchema": schema}, None)
    assert holds({"jsonSchema": {"type": "string", "pattern": "^r"}}, "rex")
    assert holds({"jsonSchema": '{"type": "integer"}'}, "3")
    draft4 = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "maximum": 3,
        "exclusiveMaximum": True,
    }
    assert not holds({"jsonSchema": draft4}, "3")
    found = compile_predicate({"jsonSchema": schema}).mismatch(body('{"name": 1, "age": 6}'))
    assert found is not None
    assert (found.path, "maximum" in found.actual) == ("/age", True)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def _less(value: Any, draw: st.DrawFn) -> Any:
    """``value`` with members and items left out and items in another order."""
    if isinstance(value, dict):
        kept = [key for key in value if draw(st.booleans())]
        return {key: _less(value[key], draw) for key in kept}
    if isinstance(value, list):
        kept_items = [item for item in draw(st.permutations(value)) if draw(st.booleans())]
        return [_less(item, draw) for item in kept_items]
    return value


@given(VALUES, st.data())
@settings(max_examples=150)
def test_whatever_is_left_out_of_a_value_is_found_in_it(value: Any, data: st.DataObject) -> None:
    assert Comparison(any_order=False, extra=False).same(value, value)
    less = data.draw(st.composite(lambda draw: _less(value, draw))())
    assert Comparison(any_order=True, extra=True).same(less, value)


def test_of_a_large_value_an_explanation_reads_the_beginning() -> None:
    class Watched(list[Any]):
        read = 0

        def __iter__(self) -> Iterator[Any]:
            for item in super().__iter__():
                self.read += 1
                yield item

    large = Watched(range(100_000))
    miss = compile_predicate({"json": {"a": 1}}).mismatch(Content.of_json(large))
    assert miss is not None
    assert (miss.expected, miss.actual[:9]) == ('{"a":1}', "[0,1,2,3,")
    assert len(miss.actual) <= 200
    assert large.read < 1000
    deep = body("[" * 900 + "]" * 900)
    found = compile_predicate({"json": {"a": 1}}).mismatch(deep)
    assert found is not None
    assert found.actual.startswith("[[[[")
