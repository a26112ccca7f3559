"""Routing: from a method and a path to the operation, and the reason when there is none."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.pairs import MOST_FIELDS
from mockforge.mocking.routing import PathTemplate, RouteIndex, Segment


def index_of(*routes: str) -> RouteIndex[str]:
    index: RouteIndex[str] = RouteIndex()
    for route in routes:
        method, _, template = route.partition(" ")
        index.add(method, PathTemplate(template), route)
    return index


def found(index: RouteIndex[str], method: str, path: str) -> tuple[str, tuple[str, ...]] | None:
    match = index.find(method, path)
    return None if match is None else (match.route.target, match.values)


def test_a_literal_path_wins_over_a_template() -> None:
    index = index_of("GET /users/{id}", "GET /users/me")
    assert found(index, "GET", "/users/me") == ("GET /users/me", ())
    assert found(index, "GET", "/users/7") == ("GET /users/{id}", ("7",))


def test_a_literal_that_leads_nowhere_is_taken_back() -> None:
    index = index_of("GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e")
    assert found(index, "GET", "/a/b/d") == ("GET /a/{x}/d", ("b",))
    assert found(index, "GET", "/a/b/e") == ("GET /{y}/b/e", ("a",))
    assert found(index, "GET", "/a/b/f") is None


def test_the_method_takes_part_in_the_choice() -> None:
    index = index_of("POST /users/me", "GET /users/{id}")
    assert found(index, "GET", "/users/me") == ("GET /users/{id}", ("me",))


def test_methods_of_the_templates_that_go_before_are_known() -> None:
    index = index_of("GET /a/{x}", "POST /a/{x}.json", "GET /a/b.json", "PUT /a/{x}", "GET /c/{x}")

    def before(method: str, path: str) -> tuple[str, ...]:
        match = index.find(method, path)
        assert match is not None
        return index.preferred(path, match.route)

    assert before("PUT", "/a/b.json") == ("GET", "HEAD", "OPTIONS", "POST")
    assert before("POST", "/a/b.json") == ("GET", "HEAD", "OPTIONS")
    assert before("PUT", "/a/c.json") == ("OPTIONS", "POST")
    assert before("GET", "/a/b.json") == ()
    assert before("PUT", "/a/b") == ()
    assert before("GET", "/c/b/") == ()


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/a/{id}.json", "/a/7.json", ("7",)),
        ("/a/{id}.json", "/a/7.tar.json", ("7.tar",)),
        ("/{owner}/{repo}:sync", "/me/it:sync", ("me", "it")),
        ("/{a}-{b}", "/x-y-z", ("x", "y-z")),
        ("/{a}{b}", "/xyz", ("x", "yz")),
        ("/f({x},{y})", "/f(1,2)", ("1", "2")),
        ("/a/{id}.json", "/a/.json", None),
        ("/{a}-{b}", "/x-", None),
        ("/{a}-{b}", "/-y", None),
    ],
)
def test_mixed_segments_give_their_parts(
    template: str, path: str, values: tuple[str, ...] | None
) -> None:
    match = index_of(f"GET {template}").find("GET", path)
    assert (match.values if match else None) == values


def test_among_mixed_segments_the_one_with_more_literal_text_wins() -> None:
    index = index_of("GET /{id}", "GET /{name}.json", "GET /{name}.min.json")
    assert found(index, "GET", "/a.min.json") == ("GET /{name}.min.json", ("a",))
    assert found(index, "GET", "/a.json") == ("GET /{name}.json", ("a",))
    assert found(index, "GET", "/a") == ("GET /{id}", ("a",))


def test_segments_are_compared_after_percent_decoding() -> None:
    index = index_of("GET /café/{x}", "GET /a%20b")
    assert found(index, "GET", "/caf%C3%A9/1%2F2") == ("GET /café/{x}", ("1/2",))
    assert found(index, "GET", "/a%20b") == ("GET /a%20b", ())
    assert found(index, "GET", "/%61%20b") == ("GET /a%20b", ())


def test_a_trailing_slash_too_many_or_too_few_is_forgiven_but_exact_goes_first() -> None:
    index = index_of("GET /a", "GET /b/", "GET /c", "GET /c/", "GET /d/{x}")
    assert found(index, "GET", "/a/") == ("GET /a", ())
    assert found(index, "GET", "/b") == ("GET /b/", ())
    assert found(index, "GET", "/c/") == ("GET /c/", ())
    assert found(index, "GET", "/d/") is None


def test_head_is_answered_by_get_unless_declared() -> None:
    index = index_of("GET /a", "GET /b", "HEAD /b")
    assert found(index, "HEAD", "/a") == ("GET /a", ())
    assert found(index, "HEAD", "/b") == ("HEAD /b", ())


def test_a_miss_names_the_methods_allowed_or_the_nearest_templates() -> None:
    index = index_of("GET /pets/{id}", "DELETE /pets/{id}", "POST /pets", "GET /stores")
    assert index.miss("/pets/1").allowed == ("DELETE", "GET", "HEAD", "OPTIONS")
    assert index.miss("/pet").allowed == ()
    assert index.miss("/pet").near[0] == "/pets"
    assert index.miss("/pets/1/2").near == ("/pets/{id}",)
    assert index_of().miss("/x").near == ()


def test_the_first_of_two_equal_routes_stays() -> None:
    index: RouteIndex[int] = RouteIndex()
    first = index.add("GET", PathTemplate("/a/{x}"), 1)
    assert index.add("GET", PathTemplate("/a/{y}"), 2) is first
    assert len(index) == 1


def test_operations_at_one_path_are_told_apart_by_query_and_headers() -> None:
    index = index_of(
        "GET /b",
        "GET /b#acl",
        "GET /b#list-type=2",
        "GET /b?beta=true",
        "GET /b#acl&id",
        "POST /t/#X-Target=One",
        "POST /t/#X-Target=Two&deprecated!",
    )

    def chosen(method: str, path: str, query: str = "", **headers: str) -> str:
        match = index.find(method, path)
        assert match is not None
        fields = {
            name.replace("_", "-").encode(): value.encode() for name, value in headers.items()
        }
        return match.route.choose(query, fields).target

    assert chosen("GET", "/b") == "GET /b"
    assert chosen("GET", "/b", "acl") == "GET /b#acl"
    assert chosen("GET", "/b", "id=1&acl=true") == "GET /b#acl&id"
    assert chosen("GET", "/b", "list-type=2") == "GET /b#list-type=2"
    assert chosen("GET", "/b", "list-type=1") == "GET /b"
    assert chosen("GET", "/b", "beta=true") == "GET /b?beta=true"
    assert chosen("POST", "/t/", x_target="Two") == "POST /t/#X-Target=Two&deprecated!"
    assert chosen("POST", "/t/") == "POST /t/#X-Target=One"
    assert len(index) == 7


def test_they_are_told_apart_where_a_query_has_very_many_parameters() -> None:
    index = index_of("GET /b", "GET /b#acl")
    match = index.find("GET", "/b")
    assert match is not None
    for before, target in ((MOST_FIELDS - 1, "GET /b#acl"), (MOST_FIELDS, "GET /b")):
        assert match.route.choose("x=1&" * before + "acl", {}).target == target


def test_base_paths_are_put_before_templates() -> None:
    assert str(PathTemplate("/a").under("/v1/")) == "/v1/a"
    assert str(PathTemplate("/a").under("/")) == "/a"


def test_a_hostile_segment_is_matched_in_linear_time() -> None:
    segment = Segment("{a}-{b}-{c}-{d}-{e}-{f}x")
    assert segment.match("-" * 20_000) is None


@given(
    template=st.lists(st.sampled_from(["a", "b", "-", ".", "{a}", "{b}"]), max_size=6).map(
        lambda parts: "".join([*parts, "{x}"])
    ),
    text=st.text("ab-.", max_size=10),
)
@settings(max_examples=300)
def test_a_mixed_segment_matches_what_its_regular_expression_would(
    template: str, text: str
) -> None:
    pattern = "".join(
        "(.+?)" if part.startswith("{") else re.escape(part)
        for part in re.findall(r"\{[^{}]+\}|[^{}]+", template)
    )
    expected = re.fullmatch(pattern, text)
    assert Segment(template).match(text) == (None if expected is None else list(expected.groups()))


SEGMENT = st.one_of(
    st.sampled_from(["a", "b", "é", "{x}", "{x}.json", "{x}-{y}", ""]),
)


@given(
    templates=st.lists(st.lists(SEGMENT, min_size=1, max_size=4), max_size=12),
    path=st.lists(st.sampled_from(["a", "b", "é", "a.json", "a-b", ""]), min_size=1, max_size=4),
)
@settings(max_examples=300)
def test_the_index_finds_a_route_exactly_when_a_scan_does(
    templates: list[list[str]], path: list[str]
) -> None:
    texts = ["/" + "/".join(parts) for parts in templates]
    index = index_of(*(f"GET {text}" for text in texts))

    def fits(parts: list[str], segments: list[str]) -> bool:
        if len(parts) != len(segments):
            return False
        for part, text in zip(parts, segments, strict=True):
            segment = Segment(part)
            if segment.literal is not None:
                if segment.literal != text:
                    return False
            elif not (text if segment.whole else segment.match(text)):
                return False
        return True

    match = index.find("GET", "/" + "/".join(quote(part) for part in path))
    toggled = path[:-1] if path[-1] == "" and len(path) > 1 else [*path, ""]
    scan = [parts for parts in templates if fits(parts, path)] or [
        parts for parts in templates if fits(parts, toggled)
    ]
    assert (match is not None) == bool(scan)
    if match is not None:
        assert match.route.template in {"/" + "/".join(parts) for parts in scan}
        assert all(unquote(value) == value for value in match.values)


def test_a_path_that_led_nowhere_leads_to_a_route_that_is_added_later() -> None:
    index = index_of("GET /a")
    for _ in range(3):  # what comes again is remembered
        assert found(index, "GET", "/b") is None
    assert "/b" in {path for _, path in index._found}
    index.add("GET", PathTemplate("/b"), "GET /b")
    assert found(index, "GET", "/b") == ("GET /b", ())
