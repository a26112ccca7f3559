"""Which stub answers, and that the index finds the same one that asking all of them would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.routing import PathTemplate
from mockforge.mocking.stubs import PathPattern, Stub, StubSet, plain_path
from mockforge.mocking.stubs.index import order_of
from mockforge.mocking.stubs.paths import segments_of
from tests.kernel.stubs.kit import Facts, FakeStates, chosen, ids, stub_set


def request(path: Any = None, **more: Any) -> dict[str, Any]:
    return {"request": more if path is None else {"path": path, **more}}


# ------------------------------------------------------------------ order


def test_a_lower_priority_comes_first() -> None:
    stubs = stub_set(
        {"id": "low", "priority": 1, **request("/{any}")},
        {"id": "high", "priority": 9, **request("/pets")},
        {"id": "usual", **request("/pets")},
    )
    assert chosen(stubs, "/pets") == "low"
    stubs.remove("low")
    assert chosen(stubs, "/pets") == "usual"
    stubs.remove("usual")
    assert chosen(stubs, "/pets") == "high"


def test_of_equal_priority_the_more_specific_path_comes_first() -> None:
    order = [
        ("literal", "/pets/a.json"),
        ("mixed", "/pets/{name}.json"),
        ("whole", "/pets/{name}"),
        ("long pattern", {"startsWith": "/pets/"}),
        ("short pattern", {"matches": "/.*"}),
    ]
    stubs = stub_set(*({"id": name, **request(path)} for name, path in order))
    stubs.put({"id": "any", **request()})
    for name, _ in order:
        assert chosen(stubs, "/pets/a.json") == name
        stubs.remove(name)
    assert chosen(stubs, "/pets/a.json") == "any"


def test_a_stub_that_names_the_method_comes_before_one_for_any() -> None:
    stubs = stub_set(
        {"id": "get", **request("/pets", method="GET")}, {"id": "any", **request("/pets")}
    )
    assert chosen(stubs, "/pets") == "get"
    assert chosen(stubs, "/pets", "POST") == "any"


def test_more_criteria_come_before_fewer() -> None:
    stubs = stub_set(
        {"id": "two", **request("/pets", headers={"a": "1", "b": "2"})},
        {"id": "one", **request("/pets", headers={"a": "1"})},
        {"id": "none", **request("/pets")},
    )
    assert chosen(stubs, "/pets", headers={"a": "1", "b": "2"}) == "two"
    assert chosen(stubs, "/pets", headers={"a": "1"}) == "one"
    assert chosen(stubs, "/pets") == "none"


def test_of_equals_the_newer_comes_first() -> None:
    stubs = stub_set({"id": "older", **request("/pets")}, {"id": "newer", **request("/pets")})
    assert chosen(stubs, "/pets") == "newer"
    stubs.put({"id": "older", **request("/pets")})
    assert chosen(stubs, "/pets") == "older"


def test_of_equally_specific_patterns_the_newer_comes_first() -> None:
    stubs = stub_set(
        {"id": "digits", **request({"matches": r"/pets/\d+"})},
        {"id": "words", **request({"matches": r"/pets/\w+"})},
    )
    assert chosen(stubs, "/pets/1") == "words"
    stubs.put({"id": "digits", **request({"matches": r"/pets/\d+"})})
    assert chosen(stubs, "/pets/1") == "digits"
    assert chosen(stubs, "/pets/a") == "words"


# ------------------------------------------------------------------ paths


def test_a_path_is_compared_decoded_but_for_a_slash() -> None:
    stubs = stub_set({"id": "cafe", **request("/café/a b")}, {"id": "slash", **request("/a%2Fb")})
    assert chosen(stubs, "/caf%C3%A9/a%20b") == "cafe"
    assert chosen(stubs, "/a%2fb") == "slash"
    assert chosen(stubs, "/a/b") is None
    assert chosen(stubs, "/a%252Fb") is None


def test_a_trailing_slash_is_another_path() -> None:
    stubs = stub_set({"id": "pets", **request("/pets")})
    assert chosen(stubs, "/pets/") is None


def test_parameters_come_by_the_stubs_own_names() -> None:
    stubs = stub_set(
        {"id": "by-id", **request("/pets/{id}", method="GET")},
        {"id": "by-pet", **request("/pets/{pet}/toys/{toy}.json")},
    )
    found = stubs.select("plain", "GET", "/pets/a%20b", Facts())
    assert found is not None
    assert found[0].parameters(found[1]) == {"id": "a b"}
    found = stubs.select("plain", "GET", "/pets/1/toys/ball.json", Facts())
    assert found is not None
    assert found[0].parameters(found[1]) == {"pet": "1", "toy": "ball"}


def test_a_criterion_that_fails_lets_a_less_specific_path_answer() -> None:
    stubs = stub_set(
        {"id": "literal", **request("/pets/1", headers={"a": "1"})},
        {"id": "template", **request("/pets/{id}")},
    )
    assert chosen(stubs, "/pets/1", headers={"a": "1"}) == "literal"
    assert chosen(stubs, "/pets/1") == "template"


# ------------------------------------------------------------------ times, scenarios, switching off


def test_a_stub_answers_as_often_as_it_says() -> None:
    stubs = stub_set(
        {"id": "rest", **request("/pets")}, {"id": "twice", "times": 2, **request("/pets")}
    )
    answers = [stubs.select("plain", "GET", "/pets", Facts()) for _ in range(3)]
    assert [found and found[0].id for found in answers] == ["twice", "twice", "rest"]
    twice = stubs.get("twice")
    assert twice is not None
    assert (twice.matched, twice.times_left) == (2, 0)
    stubs.renew()
    assert (twice.matched, twice.times_left) == (0, 2)
    assert chosen(stubs, "/pets") == "twice"


def test_looking_does_not_count() -> None:
    stubs = stub_set({"id": "once", "times": 1, **request("/pets")})
    assert [chosen(stubs, "/pets") for _ in range(3)] == ["once"] * 3


def test_a_scenario_moves_from_stub_to_stub() -> None:
    states = FakeStates()
    stubs = stub_set(
        {
            "id": "pay",
            **request("/pay"),
            "scenario": {"name": "o", "when": "started", "then": "paid"},
        },
        {"id": "open", **request("/order"), "scenario": {"name": "o", "when": "started"}},
        {"id": "paid", **request("/order"), "scenario": {"name": "o", "when": "paid"}},
        {"id": "back", **request("/back"), "scenario": {"name": "o", "then": "started"}},
        states=states,
    )
    assert chosen(stubs, "/order") == "open"
    assert stubs.select("plain", "GET", "/pay", Facts()) is not None
    assert states.known == {"o": "paid"}
    assert chosen(stubs, "/order") == "paid"
    assert chosen(stubs, "/pay") is None
    assert stubs.select("plain", "GET", "/back", Facts()) is not None
    assert chosen(stubs, "/order") == "open"


def test_a_stub_that_is_not_enabled_is_kept_and_does_not_answer() -> None:
    stubs = stub_set({"id": "off", "enabled": False, **request("/pets")})
    assert chosen(stubs, "/pets") is None
    assert ids(stubs) == ["off"]


def test_protocols_have_an_index_each() -> None:
    stubs = stub_set({"id": "plain", **request("/a")}, {"id": "other", "websocket": {"path": "/a"}})
    assert chosen(stubs, "/a") == "plain"
    found = stubs.select("other", "GET", "/a", Facts())
    assert found is not None
    assert found[0].id == "other"


# ------------------------------------------------------------------ against the naive scan

PATHS = (
    None,
    "/",
    "/a",
    "/a/b",
    "/a/{x}",
    "/{x}/b",
    "/{x}",
    "/a/{x}.j",
    "/a/b{x}",
    "/{x}/{y}",
    "/a/{x}/c",
    "/a b",
    {"matches": "/a/.*"},
    {"matches": "/a.*"},
    {"startsWith": "/a/"},
    {"matches": ".*b"},
    {"equals": "/a/b"},
    {"contains": "b"},
)
REQUESTED = (
    "/",
    "/a",
    "/a/b",
    "/a/b.j",
    "/a/bb.j",
    "/b/b",
    "/a/b/c",
    "/a%2Fb",
    "/a%20b",
    "/%61/b",
    "/b",
)
HEADERS = st.dictionaries(st.sampled_from("xyz"), st.sampled_from(("1", "2", "")), max_size=2)
BODIES = st.dictionaries(st.sampled_from("mn"), st.sampled_from((1, "1", True, None)), max_size=2)


@st.composite
def definitions(draw: st.DrawFn, paths: Sequence[Any] = PATHS) -> dict[str, Any]:
    asked: dict[str, Any] = {"headers": draw(HEADERS), "slow": draw(HEADERS), "body": draw(BODIES)}
    path = draw(st.sampled_from(paths))
    if path is not None:
        asked["path"] = path
    methods = draw(st.sampled_from(("", "GET", "POST", ["GET", "PUT"])))
    if methods:
        asked["method"] = methods
    made: dict[str, Any] = {"request": asked, "priority": draw(st.sampled_from((5, 5, 5, 1, 7)))}
    if draw(st.booleans()):
        made["times"] = draw(st.integers(1, 2))
    made["enabled"] = draw(st.sampled_from((True, True, True, False)))
    return made


REQUESTS = st.tuples(
    st.sampled_from(("GET", "POST", "PUT", "DELETE")),
    st.sampled_from(REQUESTED),
    st.builds(Facts, HEADERS, st.one_of(st.none(), BODIES)),
)


def path_fits(stub: Stub[Any], path: str) -> bool:
    plain = plain_path(path)
    if stub.path is None or isinstance(stub.path, str):
        return stub.path in (None, plain)
    if isinstance(stub.path, PathPattern):
        return stub.path.predicate.matches(plain)
    assert isinstance(stub.path, PathTemplate)
    given = segments_of(plain)
    return len(given) == len(stub.path.segments) and all(
        segment.literal == text if segment.literal is not None else segment.match(text)
        for segment, text in zip(stub.path.segments, given, strict=True)
    )


def naive(stubs: StubSet, method: str, path: str, facts: Facts) -> str | None:
    """The first of all stubs, in order, that fits."""
    for stub in sorted(stubs, key=order_of):
        if (
            stub.enabled
            and (not stub.methods or method in stub.methods)
            and path_fits(stub, path)
            and all(criterion.matches(facts) for criterion in stub.criteria)
            and stub.times_left != 0
        ):
            return stub.id
    return None


@settings(max_examples=80, deadline=None)
@given(
    first=st.lists(definitions(), max_size=40),
    requests=st.lists(REQUESTS, min_size=1, max_size=12),
    changes=st.lists(st.tuples(st.integers(0, 50), definitions()), max_size=8),
)
def test_the_index_selects_what_a_scan_of_all_stubs_selects(
    first: list[dict[str, Any]],
    requests: list[tuple[str, str, Facts]],
    changes: list[tuple[int, dict[str, Any]]],
) -> None:
    stubs = stub_set(*({"id": f"s{number}", **made} for number, made in enumerate(first)))

    def ask() -> None:
        for method, path, facts in requests:
            expected = naive(stubs, method, path, facts)
            found = stubs.select("plain", method, path, facts)
            assert (None if found is None else found[0].id) == expected

    ask()
    for number, made in changes:
        if not stubs.remove(f"s{number}"):
            stubs.put({"id": f"s{number}", **made})
        ask()
    stubs.reset()
    assert len(stubs) == 0
    assert len(stubs.index("plain")) == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(definitions(("/a", "/{x}")), min_size=20, max_size=40),
    st.lists(REQUESTS, min_size=1, max_size=12),
)
def test_it_does_so_where_many_stubs_share_a_path(
    made: list[dict[str, Any]], requests: list[tuple[str, str, Facts]]
) -> None:
    stubs = stub_set(*({"id": f"s{number}", **each} for number, each in enumerate(made)))
    for method, _, facts in requests:
        expected = naive(stubs, method, "/a", facts)
        found = stubs.select("plain", method, "/a", facts)
        assert (None if found is None else found[0].id) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(definitions(), max_size=30), REQUESTS)
def test_candidates_come_in_the_order_of_all_stubs(
    made: list[dict[str, Any]], asked: tuple[str, str, Facts]
) -> None:
    stubs = stub_set(*({"id": f"s{number}", **each} for number, each in enumerate(made)))
    method, path, _ = asked
    expected = [
        stub.id
        for stub in sorted(stubs, key=order_of)
        if stub.enabled and path_fits(stub, path) and (not stub.methods or method in stub.methods)
    ]
    assert [stub.id for stub, _ in stubs.index("plain").candidates(method, path)] == expected


# ------------------------------------------------------------------ bounds


def test_of_many_stubs_on_one_path_few_are_asked() -> None:
    stubs = stub_set(*({"id": f"h{n}", **request("/p", headers={"x": f"{n}"})} for n in range(500)))
    asked: list[str] = []

    class Watching(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)
            return super().get(name, default)

    facts = Facts(Watching(x="321"))
    found = stubs.index("plain").find("GET", "/p", facts)
    assert found is not None
    assert found[0].id == "h321"
    assert len(asked) < 10


def test_paths_that_come_and_go_leave_nothing_behind() -> None:
    stubs = stub_set()
    index = stubs.index("plain")
    for number in range(300):
        for path in (f"/a{number}", f"/b{number}/{{x}}/c", {"startsWith": f"/c{number}"}):
            stubs.put({"id": "s", **request(path)})
            assert chosen(stubs, f"/a{number}") in ("s", None)
    stubs.remove("s")
    assert not index.literal
    assert not index.patterns
    assert not list(index.templates.children())
    assert len(index.neighbours) == 0
    assert list(index) == []


def test_remembered_paths_are_bounded_and_forgotten_on_a_change() -> None:
    stubs = stub_set({"id": "t", **request("/p/{x}")})
    index = stubs.index("plain")
    for _ in range(2):
        for number in range(5000):
            assert chosen(stubs, f"/p/{number}") == "t"
    assert len(index._plans.known) <= 1024
    stubs.put({"id": "l", **request("/p/4999")})
    assert chosen(stubs, "/p/4999") == "l"
