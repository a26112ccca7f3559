"""Lists: pages, filters, sorting, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.resources.client import Client, stateful
from tests.http.resources.documents import users

NAMES = ["Eve", "Bob", "Ann", "Dan", "Cem"]


@pytest.fixture
def client() -> Iterator[Client]:
    with stateful(users()) as client:
        for number, name in enumerate(NAMES):
            client.post("/users", {"name": name, "role": "admin" if number % 2 else "guest"})
        yield client


def names(client: Client, query: str) -> list[str]:
    status, found = client.get(f"/users?{query}")
    assert status == 200
    return [each["name"] for each in found]


def test_pages_follow_each_other(client: Client) -> None:
    assert names(client, "") == NAMES[:2]
    assert names(client, "page=2") == NAMES[2:4]
    assert names(client, "page=3") == NAMES[4:]
    assert names(client, "page=4") == []
    assert names(client, "per_page=4&page=2") == NAMES[4:]


def test_headers_say_how_many_there_are_and_where_the_others_are(client: Client) -> None:
    client.get("/users?page=2&role=guest&per_page=1")
    assert client.last.headers["x-total-count"] == "3"
    links = client.last.links
    assert links["next"]["url"] == f"{client.server.url}/users?role=guest&per_page=1&page=3"
    assert links["prev"]["url"].endswith("page=1")
    assert links["last"]["url"].endswith("page=3")
    client.get("/users?page=3&role=guest&per_page=1")
    assert "next" not in client.last.links


def test_properties_filter(client: Client) -> None:
    assert names(client, "role=admin&per_page=9") == ["Bob", "Dan"]
    assert names(client, "name=Ann&name=Eve") == ["Eve", "Ann"]
    assert names(client, "name=Nobody") == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Ann", "Bob", "Cem", "Dan", "Eve"]),
        ("-name", ["Eve", "Dan", "Cem", "Bob", "Ann"]),
        ("name:desc", ["Eve", "Dan", "Cem", "Bob", "Ann"]),
        ("role,name", ["Bob", "Dan", "Ann", "Cem", "Eve"]),
        ("nothing", NAMES),
    ],
)
def test_a_list_is_sorted_by_any_property(client: Client, sort: str, expected: list[str]) -> None:
    assert names(client, f"per_page=9&sort={sort}") == expected


def test_a_cursor_leads_through_the_whole_list(client: Client) -> None:
    for number in range(5):
        client.post("/users/1/posts", {"post": {"title": str(number)}})
    seen: list[str] = []
    query = "limit=2"
    for _ in range(3):
        _, page = client.get(f"/users/1/posts?{query}")
        assert page["meta"]["total"] == 5
        seen += [each["title"] for each in page["data"]]
        query = f"limit=2&cursor={page['meta']['next_cursor']}"
    assert seen == ["0", "1", "2", "3", "4"]
    assert page["meta"] == {"total": 5, "next_cursor": None, "has_more": False}


def test_a_cursor_of_an_item_that_is_gone_ends_the_list(client: Client) -> None:
    client.post("/users/1/posts", {"post": {"title": "a"}})
    assert client.get("/users/1/posts?cursor=gone")[1]["data"] == []


def test_a_page_has_a_largest_whatever_is_asked_for() -> None:
    with stateful(users()) as client:
        for number in range(1001):
            assert client.post("/users", {"name": str(number)})[0] == 201
        status, page = client.get("/users?per_page=1001")
        assert (status, len(page)) == (200, 1000)


def test_a_list_that_declares_no_limit_is_shown_whole(client: Client) -> None:
    for number in range(30):
        client.post("/users/2/posts", {"post": {"title": str(number)}})
    _, page = client.get("/users/2/posts?limit=1000")
    assert len(page["data"]) == 30
