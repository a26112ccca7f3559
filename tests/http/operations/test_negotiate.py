"""Which declared answer is given: status, media type, and the client's wishes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.mocking.exchange import Request
from mockforge_http.operations.negotiate import (
    choose_media_type,
    choose_status,
    concrete,
    parse_accept,
)
from mockforge_http.operations.prefer import preference


@pytest.mark.parametrize(
    ("declared", "wanted", "chosen"),
    [
        (["404", "201", "200"], None, ("200", 200)),
        (["default", "404"], None, ("default", 200)),
        (["2XX", "400"], None, ("2XX", 200)),
        (["2xx", "400"], None, ("2xx", 200)),
        (["2XX", "204"], None, ("204", 204)),
        (["302", "404"], None, ("302", 302)),
        (["4XX"], None, ("4XX", 400)),
        (["101"], None, None),
        ([], None, None),
        (["x-note"], None, None),
        (["200", "404"], "404", ("404", 404)),
        (["200", "4XX"], "418", ("4XX", 418)),
        (["200", "default"], "503", ("default", 503)),
        (["200"], "404", None),
        (["200"], "nonsense", None),
    ],
)
def test_the_status_is_the_wanted_one_or_the_lowest_success(
    declared: list[str], wanted: str | None, chosen: tuple[str, int] | None
) -> None:
    assert choose_status(declared, wanted) == chosen


@pytest.mark.parametrize(
    ("offered", "accept", "chosen"),
    [
        (["application/xml", "application/json"], "", "application/json"),
        (["application/xml", "application/json"], "*/*", "application/json"),
        (["application/xml", "application/json"], "application/xml", "application/xml"),
        (["application/json", "application/xml"], "application/xml, application/json",
         "application/xml"),
        (["application/xml", "application/json"], "text/*, application/*", "application/json"),
        (["application/json"], "application/xml", None),
        (["application/json", "text/plain"], "text/*;q=0.5, */*;q=0.1", "text/plain"),
        (["application/json"], "application/json;q=0", None),
        (["application/json", "text/html"], "*/*, application/json;q=0", "text/html"),
        (["application/json; charset=utf-8"], "application/json", "application/json; charset=utf-8"),
        (["application/json"], "application/json; charset=utf-8", "application/json"),
        (["application/vnd.a+json; version=1", "application/vnd.a+json; version=2"],
         "application/vnd.a+json; version=2", "application/vnd.a+json; version=2"),
        (["image/*"], "image/webp", "image/*"),
        (["text/a", "text/b"], "text/b;q=0.9, text/a;q=0.8", "text/b"),
        (["text/a"], "garbage;;;=,", None),
    ],
)  # fmt: skip
def test_the_media_type_is_the_one_the_client_likes_best(
    offered: list[str], accept: str, chosen: str | None
) -> None:
    assert choose_media_type(offered, accept) == chosen


@pytest.mark.parametrize(
    ("declared", "accept", "sent"),
    [
        ("*/*", "", "application/json"),
        ("*/*", "text/csv", "text/csv"),
        ("image/*", "", "image/png"),
        ("image/*", "image/webp;q=0.9, */*;q=0.1", "image/webp"),
        ("text/*", "", "text/plain"),
        ("text/html", "", "text/html"),
    ],
)
def test_a_declared_range_becomes_a_type_on_the_wire(declared: str, accept: str, sent: str) -> None:
    assert concrete(declared, accept) == sent


@given(st.text(max_size=60))
def test_any_accept_header_is_read_without_an_error(text: str) -> None:
    ranges = parse_accept(text)
    assert ranges
    assert all(0 <= wanted.q <= 1 for wanted in ranges)


def wish(prefer: str = "", query: str = "") -> tuple[str | None, str | None, bool | None]:
    headers = [(b"Prefer", prefer.encode("latin-1"))] if prefer else []
    return preference(Request("GET", f"/x?{query}", headers))


def test_wishes_are_read_from_the_prefer_header() -> None:
    assert wish() == (None, None, None)
    assert wish("code=404") == ("404", None, None)
    assert wish('code=200, example="a \\"b\\"", dynamic=true') == ("200", 'a "b"', True)
    assert wish("dynamic=false; respond-async") == (None, None, False)


def test_wishes_in_the_query_win_over_the_header() -> None:
    assert wish("code=404", "__code=201&__example=cat&__dynamic=1") == ("201", "cat", True)
    assert wish("", "a__b=1") == (None, None, None)


@given(st.text(st.characters(max_codepoint=255), max_size=40), st.text(max_size=40))
def test_any_wish_is_read_without_an_error(prefer: str, query: str) -> None:
    assert len(wish(prefer, "__" + query)) == 3
