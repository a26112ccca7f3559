"""Path templates of google.api.http: what they are, and which paths they match."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_grpc.bridge.rules import Found, PathRule, RuleError, RuleIndex
from mockforge_grpc.bridge.rules.index import MAX_PATH_SEGMENTS
from mockforge_grpc.bridge.rules.path import MAX_SEGMENTS, Wildcard


def index_of(*templates: str, method: str = "GET") -> RuleIndex[str]:
    index: RuleIndex[str] = RuleIndex()
    for template in templates:
        assert index.add(method, PathRule.parse(template), template) is None
    return index


def values(found: Found[str] | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {each.name: each.value(found.raw) for each in found.rule.path.variables}


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/v1/shelves", "/v1/shelves", {}),
        ("/v1/shelves", "/v1/shelves/", {}),
        ("/v1/{name}", "/v1/a%2Fb%20c", {"name": "a/b c"}),
        ("/v1/{name=*}", "/v1/a", {"name": "a"}),
        ("/v1/{name=shelves/*}", "/v1/shelves/a%2Fb%20c", {"name": "shelves/a%2Fb c"}),
        ("/v1/{name=shelves/*}", "/v1/shelves/%e2%82%ac%2f", {"name": "shelves/€%2f"}),
        ("/v1/{name=**}", "/v1/a/b/c", {"name": "a/b/c"}),
        ("/v1/{name=**}", "/v1", {"name": ""}),
        ("/v1/{name=**}:go", "/v1/a/b:go", {"name": "a/b"}),
        ("/v1/{name=a/**}/", None, None),
        ("/v1/**", "/v1/a/b", {}),
        ("/v1/*/b", "/v1/a/b", {}),
        ("/v1/{a.b.c}/x/{d=y/*}", "/v1/1/x/y/2", {"a.b.c": "1", "d": "y/2"}),
        ("/v1/{name=shelves/*}:cancel", "/v1/shelves/1:cancel", {"name": "shelves/1"}),
        ("/v1/{name=shelves/*}", "/v1/shelves/1:cancel", {"name": "shelves/1:cancel"}),
        ("/v1/{name}", "/v1/a%3Acancel", {"name": "a:cancel"}),
        ("/v1:batch", "/v1:batch", {}),
        ("/caf%C3%A9/{x}", "/café/1", {"x": "1"}),
        ("/v1/{name}", "/v1/", None),
        ("/v1/{name}", "/v1/a/b", None),
        ("/v1/{name=shelves/*}:cancel", "/v1/shelves/1", None),
        ("/v1/{name=shelves/*}:cancel", "/v1/shelves/1:other", None),
        ("/v1/shelves", "/V1/shelves", None),
    ],
)
def test_a_path_matches_a_template(
    template: str, path: str | None, expected: dict[str, str] | None
) -> None:
    if path is None:
        with pytest.raises(RuleError):
            PathRule.parse(template)
        return
    assert values(index_of(template).find("GET", path)) == expected


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "start with `/`"),
        ("v1", "start with `/`"),
        ("/", "empty"),
        ("/v1//a", "empty"),
        ("/v1/{a", "`}` is missing"),
        ("/v1/{a=}", "empty"),
        ("/v1/{}", "name of a field"),
        ("/v1/{a.}", "name of a field"),
        ("/v1/{1a}", "name of a field"),
        ("/v1/{a={b}}", "another one"),
        ("/v1/{a}{b}", "not expected"),
        ("/v1/x{a}", "not expected"),
        ("/v1/**/a", "last segment"),
        ("/v1/{a=**}/b", "last segment"),
        ("/v1/{a}/{a}", "bound twice"),
        ("/v1/a:b:c", "not expected"),
        ("/v1:", "empty"),
        ("/v1/a?b", "not expected"),
        ("/a" * (MAX_SEGMENTS + 1), "more than"),
    ],
)
def test_a_template_that_is_wrong_is_refused_with_the_place(template: str, why: str) -> None:
    with pytest.raises(RuleError, match=re.escape(why)) as caught:
        PathRule.parse(template)
    assert "character" in str(caught.value)


def test_literals_go_before_wildcards_and_wildcards_before_the_rest() -> None:
    index = index_of("/v1/**", "/v1/*/b", "/v1/a/{x}", "/v1/a/b", "/v1/{y=a/*}:verb")
    chosen = {
        path: found.rule.target if (found := index.find("GET", path)) else None
        for path in (
            "/v1/a/b",
            "/v1/a/c",
            "/v1/z/b",
            "/v1/z/c",
            "/v1/a/b:verb",
            "/v1/a/b:no",
            "/v2",
        )
    }
    assert chosen == {
        "/v1/a/b": "/v1/a/b",
        "/v1/a/c": "/v1/a/{x}",
        "/v1/z/b": "/v1/*/b",
        "/v1/z/c": "/v1/**",
        "/v1/a/b:verb": "/v1/{y=a/*}:verb",
        "/v1/a/b:no": "/v1/a/{x}",
        "/v2": None,
    }


def test_a_choice_without_the_method_is_taken_back() -> None:
    index: RuleIndex[str] = RuleIndex()
    index.add("POST", PathRule.parse("/v1/a/b"), "literal")
    index.add("GET", PathRule.parse("/v1/*/b"), "wildcard")
    index.add("*", PathRule.parse("/v1/{x=**}"), "any")
    targets = [
        found.rule.target if (found := index.find(method, "/v1/a/b")) else None
        for method in ("POST", "GET", "HEAD", "PURGE")
    ]
    assert targets == ["literal", "wildcard", "any", "any"]
    assert index.allowed("/v1/a/b") == ("*", "GET", "HEAD", "POST")


def test_the_first_of_two_rules_at_one_place_stays() -> None:
    index: RuleIndex[str] = RuleIndex()
    assert index.add("GET", PathRule.parse("/v1/{a}"), "first") is None
    shadowed_by = index.add("GET", PathRule.parse("/v1/{b}"), "second")
    assert shadowed_by is not None
    assert shadowed_by.target == "first"
    assert len(index) == 1
    found = index.find("GET", "/v1/x")
    assert found is not None
    assert found.rule.target == "first"


def test_first_segments_are_known_unless_a_rule_leaves_them_open() -> None:
    assert index_of("/v1/a", "/v2/{b}").first_segments() == frozenset({"v1", "v2"})
    assert index_of("/v1/a", "/{b}/c").first_segments() is None
    assert index_of("/**").first_segments() is None


def test_a_path_of_very_many_segments_is_not_looked_at() -> None:
    index = index_of("/**")
    assert index.find("GET", "/a" * MAX_PATH_SEGMENTS) is not None
    assert index.find("GET", "/a" * (MAX_PATH_SEGMENTS + 1)) is None


_LITERALS = st.sampled_from(["a", "b", "v1", "é", "x y", "a:b".replace(":", "-")])
_FIELDS = st.sampled_from(["f", "g.h", "i"])


@st.composite
def templates(draw: st.DrawFn) -> str:
    def segments(most: int) -> list[str]:
        return draw(st.lists(st.one_of(st.just("*"), _LITERALS), min_size=1, max_size=most))

    parts: list[str] = []
    for name in draw(st.lists(_FIELDS, unique=True, max_size=2)):
        parts += [quote(part, safe="*") for part in segments(2)]
        inner = "/".join(quote(part, safe="*") for part in segments(2))
        parts.append(draw(st.sampled_from([f"{{{name}}}", f"{{{name}={inner}}}"])))
    if not parts or draw(st.booleans()):
        parts.append(draw(st.sampled_from(["**", "{r=**}", "{r=a/**}", "*"])))
    return "/" + "/".join(parts) + draw(st.sampled_from(["", ":do", ":undo"]))


def reference(template: str, path: str) -> dict[str, str] | None:
    """What ``template`` gives for ``path``, by a regular expression over encoded segments."""
    body, colon, verb = template.rpartition(":") if template[-1] not in "}*" else (template, "", "")
    if not colon:
        body = template
    pattern, names, at = "", [], 0

    def plain(text: str) -> str:
        made = []
        for part in text.split("/"):
            if part == "*":
                made.append("[^/]+")
            elif part == "**":
                made.append(".*")
            else:
                made.append(re.escape(unquote(part)))
        return "/".join(made)

    for found in re.finditer(r"\{([^=}]+)(?:=([^}]+))?\}", body):
        pattern += plain(body[at : found.start()])
        names.append((found[1], found[2]))
        pattern += f"({plain(found[2] or '*')})"
        at = found.end()
    pattern += plain(body[at:])
    if colon:
        pattern += ":" + verb
    pattern = pattern.replace("/.*", "(?:/.*)?").replace("/(.*)", "(?:/(.*))?")
    matched = re.fullmatch(pattern, path)
    if matched is None:
        return None
    return {name: matched[i + 1] or "" for i, (name, _) in enumerate(names)}


@settings(max_examples=300, deadline=None)
@given(
    templates(),
    st.lists(st.sampled_from(["a", "b", "v1", "é", "x y", "q"]), min_size=1, max_size=7),
    st.sampled_from(["", ":do", ":undo"]),
)
def test_matching_agrees_with_a_regular_expression(
    template: str, segments: list[str], verb: str
) -> None:
    decoded = "/" + "/".join(segments) + verb
    encoded = "/" + "/".join(quote(part) for part in segments) + verb
    expected = reference(template, decoded)
    assert values(index_of(template).find("GET", encoded)) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="/{}=*:.ab1%?", max_size=30))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        rule = PathRule.parse(text)
    except RuleError:
        return
    assert text.startswith("/")
    assert Wildcard.REST not in rule.segments[:-1]
    path = "/" + "/".join(
        quote(each, safe="") if isinstance(each, str) else "x" for each in rule.segments
    )
    verb = f":{quote(rule.verb, safe='')}" if rule.verb else ""
    assert index_of(text).find("GET", path + verb) is not None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_path_is_looked_up_without_failing(path: str) -> None:
    index = index_of("/{a}/b:c", "/x/{y=**}", "/**:z")
    found = index.find("GET", "/" + path)
    assert found is None or found.rule.target in {"/{a}/b:c", "/x/{y=**}", "/**:z"}
