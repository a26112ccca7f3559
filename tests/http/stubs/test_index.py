"""Many stubs on one path are told apart through dictionaries, and the one that is found is the one that a
scan over all of them finds."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.exchange import Exchange
from mockforge.mocking.stubs import Stub
from mockforge.mocking.stubs.index import order_of
from mockforge_http.stubs.facts import Facts
from tests.http.stubs.making import Serving, request

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
