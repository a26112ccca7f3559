"""JSONPath: RFC 9535, the forms of Jayway's library, bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockforge.mocking.matching import PredicateError, compile_predicate
from mockforge.mocking.matching.jsonpath import JsonPathError, compile_jsonpath
from tests.kernel.matching.checks import body, holds
from tests.traced import tracing

STORE: Any = {
    "store": {
        "book": [
            {"category": "reference", "author": "Nigel", "price": 8.95, "isbn": "0-5", "tags": ["a", "b"]},
            {"category": "fiction", "author": "Evelyn", "price": 12.99},
            {"category": "fiction", "author": "Herman", "price": 22.99, "isbn": "x"},
        ],
        "bicycle": {"color": "red", "price": 19.95},
    },
    "expensive": 10,
    "a-b": 1,
    "@id": 7,
    "n": None,
}  # fmt: skip

ALL = ["Nigel", "Evelyn", "Herman"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.store.book[*].author", ALL),
        ("$..author", ALL),
        ("$.store..price", [8.95, 12.99, 22.99, 19.95]),
        ("$..book[2].author", ["Herman"]),
        ("$..book[-1:].author", ["Herman"]),
        ("$..book[-1].author", ["Herman"]),
        ("$..book[0,1].author", ["Nigel", "Evelyn"]),
        ("$..book[::-1].author", ALL[::-1]),
        ("$..book[:2]['author']", ["Nigel", "Evelyn"]),
        ("$['store']['bicycle']['color','price']", ["red", 19.95]),
        ('$["store"].bicycle["color"]', ["red"]),
        ("$..book[?@.isbn].author", ["Nigel", "Herman"]),
        ("$..book[?!@.isbn].author", ["Evelyn"]),
        ("$..book[?@.price < $.expensive].author", ["Nigel"]),
        ("$..book[?@.price > 10 && @.category == 'fiction' || @.author == 'Nigel'].author", ALL),
        ("$..book[?match(@.author, 'N.*')].author", ["Nigel"]),
        ("$..book[?search(@.author, 'v')].author", ["Evelyn"]),
        ("$..book[?length(@.author) == 5].author", ["Nigel"]),
        ("$..book[?count(@.*) > 3].author", ["Nigel", "Herman"]),
        ("$..book[?value(@..tags) == ['a', 'b']].author", ["Nigel"]),
        ("$..book[?@.isbn == @.missing].author", ["Evelyn"]),
        ("$.n", [None]),
        ("$.nope", []),
        ("$", [STORE]),
        (r"$['\u0061-b']", [1]),
        # Jayway's forms
        ("$..book[(@.length-1)].author", ["Herman"]),
        ("$..book[?(@.isbn)].author", ["Nigel", "Herman"]),
        ("$..book[?(@.author =~ /.*EL/i)].author", ["Nigel"]),
        ("$..book[?(@.category in ['reference', 'x'])].author", ["Nigel"]),
        ("$..book[?(@.category nin ['reference'])].author", ["Evelyn", "Herman"]),
        ("$..book[?(@.tags contains 'a')].author", ["Nigel"]),
        ("$..book[?(@.tags size 2)].author", ["Nigel"]),
        ("$..book[?(@.tags empty false)].author", ["Nigel"]),
        ("$..book[?(@.tags anyof ['b', 'z'])].author", ["Nigel"]),
        ("$..book[?(@.tags noneof ['z'])].author", ["Nigel"]),
        ("$..book[?(@.tags subsetof ['a', 'b', 'c'])].author", ["Nigel"]),
        ("$..book[?(@.tags.length() == 2)].author", ["Nigel"]),
        ("$.store.book.length()", [3]),
        ("$.store.book.size()", [3]),
        ("$..book[*].price.max()", [22.99]),
        ("$.store.bicycle.keys()", [["color", "price"]]),
        ("$.store.book.first().author", "error"),
        ("$.missing.length()", []),
        ("$.['a-b']", [1]),
        ("$.a-b", [1]),
        ("$.@id", [7]),
        ("a-b", [1]),
        ("store.bicycle.color", ["red"]),
        ("$.store.bicycle[?(@.color == 'red')].price", [19.95]),
        ("$[?(@.expensive == 10)].n", [None]),
        ("$[?@.expensive == 10].n", []),
    ],
)
def test_paths(path: str, found: Any) -> None:
    if found == "error":
        with pytest.raises(JsonPathError):
            compile_jsonpath(path)
    else:
        assert compile_jsonpath(path).find(STORE) == found


@pytest.mark.parametrize(
    ("condition", "selected"),
    [
        ("@ == 1", [1, 1.0]),
        ("@ == true", [True]),
        ("@ == null", [None]),
        ("@ == '1'", ["1"]),
        ("@ == [1]", [[1]]),
        ("@ != 1", [True, None, "1", [1], {}, 2, -1]),
        ("@ > 1", [2]),
        ("@ >= 1", [1, 1.0, 2]),
        ("@ < '2'", ["1"]),
        ("@ <= null", [None]),
        ("@", [1, 1.0, True, None, "1", [1], {}, 2, -1]),
        ("length(@) == 1", ["1", [1]]),
        ("@[0] == 1", [[1]]),
        ("!(@ == 1)", [True, None, "1", [1], {}, 2, -1]),
    ],
)
def test_comparisons_know_types(condition: str, selected: list[Any]) -> None:
    items: list[Any] = [1, 1.0, True, None, "1", [1], {}, 2, -1]
    found = compile_jsonpath(f"$[?{condition}]").find(items)
    assert list(map(repr, found)) == list(map(repr, selected))


@pytest.mark.parametrize(
    "path",
    [
        "", "$.", "$[", "$..", "$.a b", "$[?(@.a", "$.a[?(@.b==)]", "$[?length(@.*)>1]", "$[01]", "$[-0]",
        "$['a", "$[?1]", "$[?@.a = 1]", "$[?match(@.a)]", "$[?match(@.a,'b')==true]", "$[?nope(@)]",
        "$.a.nope()", "$[9007199254740993]", r"$['\x']", r"$['\ud800']", "$[?@ =~ /(/]", "$[?@ =~ /a/q]",
        "$[a]", "$x", "$[?count(1)>0]", "$" + "[?@" * 100,
        "$[?" + "(" * 100, "$[?" + "!" * 100 + "@]", "$." + "a" * 5000, "$[?'a']",
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused_with_the_place(path: str) -> None:
    with pytest.raises(JsonPathError, match="at character"):
        compile_jsonpath(path)
    with pytest.raises(PredicateError, match="no JSONPath"):
        compile_predicate({"jsonPath": path})


def test_searches_are_bounded() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    assert compile_jsonpath("$..*..*..*..*").find(deep) == []
    assert compile_jsonpath("$..[?@..[?@..[?@..*]]]").find(deep) == []
    assert len(compile_jsonpath("$..*").find(deep)) == 900


def test_patterns_inside_of_the_value_are_bounded_too() -> None:
    value = {"a": "a" * 3000 + "!", "p": "(a*)*b", "q": "x" * 5000, "r": "("}
    for name in "pqr":
        assert compile_jsonpath(f"$[?match($.a, $.{name})]").find(value) == []


def test_predicates_at_paths() -> None:
    pet = body(
        '{"name": "rex", "n": 3.0, "tags": ["a", "b"], "deep": [{"k": "x"}, {"k": "y"}], "no": null}'
    )
    for spec, verdict in [
        ("$.name", True),
        ("$.no", True),
        ("$.none", False),
        (["$.name", "$.tags"], True),
        (["$.name", "$.none"], False),
        ({"$.name": "rex", "$.n": 3}, True),
        ({"$.name": {"matches": "x.*"}}, False),
        ({"$.none": {"absent": True}}, True),
        ({"$.no": {"absent": True}}, False),
        ({"$.no": None}, True),
        ({"$.tags": "a"}, True),
        ({"$.tags": ["a", "b"]}, True),
        ({"$.tags": {"json": ["b"]}}, True),
        ({"$.tags": {"notContains": "a"}}, False),
        ({"$.tags.length()": {"gt": 1}}, True),
        ({"$..k": "y"}, True),
        ({"$..k": {"not": "y"}}, False),
        ({"$[?(@.name == 'rex')]": {"present": True}}, True),
    ]:
        assert holds({"jsonPath": spec}, pet) is verdict, spec
    assert not holds({"jsonPath": "$"}, body("no json"))
    assert not holds({"jsonPath": "$"}, None)


def test_misses_name_the_path() -> None:
    miss = compile_predicate({"jsonPath": {"$.a.b": {"equals": "x"}}}).mismatch(
        body('{"a": {"b": "y"}}')
    )
    assert miss is not None
    assert (miss.path, miss.expected, miss.actual) == ("$.a.b", "equals x", "y")


@pytest.mark.parametrize("spec", [3, [], {}, [3], {3: "a"}])
def test_shapes_that_make_no_sense_are_refused(spec: Any) -> None:
    with pytest.raises(PredicateError):
        compile_predicate({"jsonPath": spec})


@pytest.mark.parametrize(
    "path",
    ["$[" + ",".join("*" * 2000) + "]", "$[" + ",".join([":"] * 1000) + "]",
     "$[0][" + ",".join("0" * 2000) + "][*]", "$..[" + ",".join("*" * 2000) + "]",
     "$..[" + ",".join(["'a'"] * 800) + "]"],
    ids=["stars", "slices", "stars-after-indices", "stars-below", "names-below"],
)  # fmt: skip
def test_what_many_selectors_select_is_bounded_before_it_is_gathered(path: str) -> None:
    large = [[[*range(120_000)], *({"a": 1} for _ in range(60_000))]]
    peak = traced_peak(lambda: compile_jsonpath(path).find(large if "[0]" in path else large[0]))
    assert peak < 40 * 1024**2


def traced_peak(work: Callable[[], object]) -> int:
    """The most bytes that ``work`` holds at once."""
    with tracing() as traced:
        assert work() == []
        return traced.peak
