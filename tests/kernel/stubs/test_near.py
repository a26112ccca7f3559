"""The stubs that came nearest, with what was expected and what came."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.explanations import MAX_NEAR, MAX_TEXT, CriterionResult, NearMiss
from mockforge.mocking.stubs import StubSet, nearest
from mockforge.mocking.stubs.near import COMPARED, READ_BYTES, SCANNED
from tests.kernel.stubs.kit import Facts, FakeStates, stub_set


def near(
    stubs: StubSet, path: str, method: str = "GET", json: Any = None, **headers: str
) -> tuple[NearMiss, ...]:
    return nearest(stubs.index("plain"), method, path, Facts(headers, json), states=stubs.states)


def names(misses: tuple[NearMiss, ...]) -> list[str]:
    return [miss.stub for miss in misses]


def request(path: Any, **more: Any) -> dict[str, Any]:
    return {"request": {"path": path, **more}}


def test_each_criterion_says_what_was_expected_and_what_came() -> None:
    stubs = stub_set(
        {"id": "s", **request("/pets/{id}", method=["GET", "PUT"], headers={"x": "1", "y": "2"})}
    )
    (miss,) = near(stubs, "/pets/7", "POST", x="0", y="2")
    assert miss.criteria == (
        CriterionResult("method", "GET or PUT", "POST", False, 1.0),
        CriterionResult("headers.x", "1", "0", False, 1.0),
        CriterionResult("path", "/pets/{id}", "/pets/7", True, 0.0),
        CriterionResult("headers.y", "2", "2", True, 0.0),
    )
    assert 0 < miss.score < 1


def test_a_stub_on_the_path_is_nearer_than_one_beside_it() -> None:
    stubs = stub_set(
        {"id": "beside", **request("/pets/8")},
        {"id": "below", **request("/pets/{id}/toys")},
        {"id": "there", **request("/pets/{id}", headers={"x": "1"})},
    )
    assert names(near(stubs, "/pets/7"))[0] == "there"


def test_a_misspelt_path_is_found_wherever_the_slip_is() -> None:
    stubs = stub_set(
        *({"id": f"other{n}", **request(f"/{letter}{n}/x")} for n in range(50) for letter in "az"),
        {"id": "literal", **request("/customers/orders")},
        {"id": "template", **request("/customers/{id}/address")},
    )
    assert names(near(stubs, "/custmers/orders"))[0] == "literal"
    assert names(near(stubs, "/customers/ordrs"))[0] == "literal"
    assert names(near(stubs, "/customers/7/adress"))[0] == "template"


def test_stubs_that_agree_in_what_tells_a_crowd_apart_come_first() -> None:
    stubs = stub_set(
        *(
            {"id": f"s{n}", **request("/p", headers={"x": f"{n}"}, body={"a": 1})}
            for n in range(1000)
        )
    )
    (first, *_) = near(stubs, "/p", json={"a": 2}, x="3")
    assert first.stub == "s3"
    assert stubs.select("plain", "GET", "/p", Facts({"x": "3"}, {"a": 1})) is not None
    assert names(near(stubs, "/p", json={"a": 2}, x="777"))[0] == "s777"


def test_a_stub_used_up_or_in_another_state_says_so() -> None:
    states = FakeStates()
    stubs = stub_set(
        {"id": "once", "times": 1, **request("/once")},
        {"id": "paid", "scenario": {"name": "order", "when": "paid"}, **request("/paid")},
        states=states,
    )
    assert stubs.select("plain", "GET", "/once", Facts()) is not None
    (first, *_) = near(stubs, "/once")
    assert (first.stub, first.score, first.note) == ("once", 1.0, "its 1 times are used up")
    (first, *_) = near(stubs, "/paid")
    assert first.note == "scenario order is in state started, not paid"


def test_patterns_and_stubs_for_any_path_are_looked_at() -> None:
    stubs = stub_set(
        {"id": "pattern", **request({"matches": r"/api/v1/\d+"})},
        {"id": "any", "request": {"headers": {"x": "1"}}},
    )
    assert set(names(near(stubs, "/api/v1/x"))) == {"pattern", "any"}


def test_what_has_next_to_nothing_in_common_is_left_out_unless_there_is_nothing_else() -> None:
    far = {"id": "far", **request("/zzzz/qqqq", method="POST", headers={"x": "1"})}
    stubs = stub_set({"id": "close", **request("/pets/{id}", headers={"x": "1"})}, far)
    assert names(near(stubs, "/pets/7")) == ["close"]
    (miss,) = near(stub_set(far), "/pets/7")
    assert (miss.stub, miss.score < 0.4) == ("far", True)


def test_a_large_body_is_read_by_few_stubs() -> None:
    class Counting(dict[str, Any]):
        read = 0

        def get(self, name: str, default: Any = None) -> Any:
            self.read += 1
            return super().get(name, default)

    stubs = stub_set(*({"id": f"s{n}", **request(f"/p/{n}", body={"a": n})} for n in range(100)))
    for size, most in ((1000, 100 + COMPARED), (READ_BYTES // 5, 10), (10 * READ_BYTES, MAX_NEAR)):
        body = Counting(a=-1)
        misses = nearest(stubs.index("plain"), "GET", "/p/x", Facts({}, body), body=size)
        assert len(misses) == MAX_NEAR
        assert 0 < body.read <= most


def test_nothing_is_near_where_there_is_nothing() -> None:
    assert near(stub_set(), "/pets") == ()


def test_it_counts_nothing() -> None:
    stubs = stub_set({"id": "s", "times": 2, **request("/pets")})
    near(stubs, "/pet")
    stub = stubs.get("s")
    assert stub is not None
    assert (stub.matched, stub.times_left) == (0, 2)


def test_texts_and_their_number_are_bounded() -> None:
    long = "x" * 5000
    stubs = stub_set(
        *(
            {"id": f"s{n}", **request(f"/{long}", headers={f"h{i}": long for i in range(40)})}
            for n in range(10)
        )
    )
    misses = near(stubs, f"/{long}y", h0=long)
    assert len(misses) == MAX_NEAR
    for miss in misses:
        assert len(miss.criteria) <= 20
        for result in miss.criteria:
            assert max(len(result.name), len(result.expected), len(result.actual)) <= MAX_TEXT


def test_the_work_does_not_grow_with_the_number_of_stubs() -> None:
    asked: list[str] = []

    class Watching(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)
            return super().get(name, default)

    every: list[dict[str, Any]] = [
        request(path, headers={"x": "1"})
        for n in range(1000)
        for path in ("/one", f"/many/{n}", f"/t{n}/{{x}}/y", {"startsWith": f"/p{n}"})
    ]
    stubs = stub_set(*every)
    assert len(stubs) == 4000
    for path in ("/one", "/many/x", "/t1/1/z", "/q", "/t7/8"):
        asked.clear()
        misses = nearest(stubs.index("plain"), "GET", path, Facts(Watching(x="0")))
        assert len(misses) == MAX_NEAR
        # Each kind of neighbourhood is scanned once, and the best are explained.
        assert len(asked) <= 5 * SCANNED + 2 * COMPARED


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("/ab{}x%2", max_size=10), max_size=12),
    st.text("/abx%2", max_size=10),
    st.sampled_from(("GET", "POST")),
)
def test_any_request_is_explained(paths: list[str], path: str, method: str) -> None:
    stubs = stub_set(*({"request": {"path": each, "method": "GET"}} for each in paths))
    misses = near(stubs, "/" + path, method)
    scores = [miss.score for miss in misses]
    assert bool(misses) == bool(paths)
    assert len(misses) <= MAX_NEAR
    if any(score < 0.4 for score in scores):  # only where there is nothing better
        assert all(score < 0.4 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
