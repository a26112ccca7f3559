"""Many stubs on one path are told apart through dictionaries, and the one that is found is the one that a
scan over all of them finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.exchange import Exchange
from mockforge.mocking.stubs import Stub
from mockforge.mocking.stubs.index import order_of
from mockforge_http.stubs.facts import Facts
from tests.http.stubs.making import Serving, body_of, request

VALUES = st.sampled_from(["a", "b", "1", "1.0", "true", "null", ""])
SCALARS = st.sampled_from(["a", "1", 1, 1.0, True, False, None, 10**30, 1.5])
BODIES = st.fixed_dictionaries(
    {}, optional={"n": SCALARS, "o": st.fixed_dictionaries({"n": SCALARS}), "l": st.lists(SCALARS)}
)
PREDICATES = st.one_of(
    st.builds(lambda body: {"json": body}, BODIES),
    st.builds(lambda body: {"jsonExact": body}, BODIES),
    st.builds(lambda value: {"jsonPath": {"$.n": value}}, VALUES),
    st.builds(lambda v: {"jsonPath": {"$.o.n": {"equals": v}}}, SCALARS.filter(lambda v: v is not None)),
    st.sampled_from([{"jsonPath": {"$.o": '{"n":"a"}'}}, {"jsonPath": {"$.l": "[]"}}]),
    st.sampled_from(["any-string", "ignore-element"]).map(lambda p: {"json": {"n": f"${{json-unit.{p}}}"}}),
)  # fmt: skip
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST", "ANY"]),
        "path": st.sampled_from(["/a", "/{x}", "/b"]),
        "headers": st.builds(lambda value: {"X": value}, VALUES),
        "query": st.builds(lambda value: {"q": value}, VALUES),
        "body": PREDICATES,
    },
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(REQUESTS, st.integers(4, 6)), min_size=1, max_size=40),
    st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST"]), st.sampled_from(["/a", "/b", "/c"]), VALUES, BODIES
        ),
        max_size=6,
    ),
)
def test_the_index_finds_what_a_scan_finds(
    stubs: list[tuple[dict[str, Any], int]], asked: list[tuple[str, str, str, Any]]
) -> None:
    serving = Serving(
        *({"request": each, "priority": priority, "response": {}} for each, priority in stubs)
    )
    in_order: list[Stub[Facts]] = sorted(serving.stubs, key=order_of)
    for method, path, value, body in asked:
        exchange = Exchange(request(method, f"{path}?q={value}", {"X": value}, json=body))
        facts = Facts(exchange)
        index = serving.stubs.index("http")
        reachable = {id(stub) for stub, _ in index.candidates(method, path)}
        expected = next(
            (
                stub
                for stub in in_order
                if id(stub) in reachable and stub.pick(method, facts, None) is not None
            ),
            None,
        )
        found = index.find(method, path, facts, None)
        assert (found and found[0]) is expected


@pytest.mark.parametrize(
    "body",
    [
        lambda number: {"json": {"tags": ["x", f"t{number}"]}},
        lambda number: {"jsonExact": {"tags": ["x", f"t{number}"]}},
        lambda number: {"jsonPath": {"$.tags": f"t{number}"}},
        lambda number: {"jsonPath": {"$.tags[1]": f"t{number}"}},
    ],
    ids=["json", "jsonExact", "jsonPath", "item"],
)
def test_many_stubs_on_a_path_are_told_apart_by_the_items_of_an_array(
    body: Callable[[int], dict[str, Any]],
) -> None:
    serving = Serving(
        *(
            {
                "request": {"method": "POST", "path": "/tags", "body": body(number)},
                "response": {"text": str(number)},
            }
            for number in range(50)
        )
    )
    for number in (0, 7, 49):
        asked = request("POST", "/tags", json={"tags": ["x", f"t{number}"]})
        assert body_of(serving.ask(asked)) == str(number).encode()
    assert serving.ask(request("POST", "/tags", json={"tags": ["x", "t50"]})) is None


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"json": {"n": "${json-unit.any-string}"}}, {"n": "rex"}),
        ({"jsonExact": {"n": "${json-unit.ignore-element}"}}, {}),
        ({"jsonPath": {"$.n": '{"a":1}'}}, {"n": {"a": 1}}),
        ({"jsonPath": {"$.n": "[1,2]"}}, {"n": [1, 2]}),
    ],
    ids=["any text", "anything or nothing", "an object as text", "an array as text"],
)
def test_one_among_many_that_takes_more_than_a_plain_value_is_found(
    body: dict[str, Any], asked: dict[str, Any]
) -> None:
    path = {"method": "POST", "path": "/a"}
    serving = Serving(
        {"request": {**path, "body": body}, "response": {"text": "found"}},
        *(
            {"request": {**path, "body": {"json": {"n": f"n{number}"}}}, "response": {}}
            for number in range(20)
        ),
    )
    assert body_of(serving.ask(request("POST", "/a", json=asked))) == b"found"
