"""Collections served: from the file to the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockforge.testing import MockServer
from mockforge_http.documents import Cache, open_document
from mockforge_http.documents.check import findings_of
from mockforge_http.postman.variables import DYNAMIC
from tests.corpus import corpus, corpus_root

from .making import collection, folder, item, saved

PETS = collection(
    folder(
        "Pets",
        item(
            "{{base}}/pets/:petId",
            "GET",
            saved(
                '{"id": 1, "name": "Rex"}', name="A dog", header=[{"key": "X-Rate", "value": "9"}]
            ),
            saved('{"id": 2, "name": "Tom"}', name="A cat"),
            saved('{"error": "gone"}', 404, name="Not found"),
            name="Get a pet",
        ),
        item("{{base}}/pets", "POST", saved('{"id": {{$randomInt}}}', 201), name="Add a pet"),
    ),
    item("{{base}}/text", "GET", saved("one", type="text/plain"), saved("two", type="text/plain")),
    item("{{base}}/broken", "GET", saved("{not json")),
    item("{{base}}/deep", "GET", saved("[" * 80 + "]" * 80, type="application/json")),
    item("{{base}}/things", "LINK", saved('"linked"')),
    item("{{base}}/nothing"),
    variable=[{"key": "base", "value": "https://pets.example/v2"}],
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    settings = {"http.source_header": True}
    with MockServer(PETS, settings=settings) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_the_saved_response_is_answered(client: httpx.Client) -> None:
    answer = client.get("/pets/7")
    assert answer.json() == {"id": 1, "name": "Rex"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-rate"] == "9"
    assert answer.headers["x-mockforge-source"] == "operation:getAPet"


def test_the_base_path_of_the_server_is_optional(client: httpx.Client) -> None:
    assert client.get("/v2/pets/7").json() == client.get("/pets/7").json()


def test_saved_responses_are_asked_for_by_name_and_code(client: httpx.Client) -> None:
    assert client.get("/pets/7", headers={"Prefer": 'example="A cat"'}).json()["name"] == "Tom"
    assert client.get("/pets/7?__example=A%20cat").json()["name"] == "Tom"
    answer = client.get("/pets/7", headers={"Prefer": "code=404"})
    assert (answer.status_code, answer.json()) == (404, {"error": "gone"})


def test_data_is_made_in_the_shape_of_the_saved_responses(client: httpx.Client) -> None:
    made = client.get("/pets/7", headers={"Prefer": "dynamic=true"}).json()
    assert made.keys() == {"id", "name"}
    assert made["id"] == 7
    assert isinstance(made["name"], str)
    assert client.get("/text", headers={"Prefer": "dynamic=true"}).text in ("one", "two")


def test_dynamic_variables_have_a_value(client: httpx.Client) -> None:
    answer = client.post("/pets", json={})
    assert (answer.status_code, answer.json()) == (201, {"id": int(DYNAMIC["$randomInt"])})


def test_bodies_that_are_no_json_are_sent_as_they_were_saved(client: httpx.Client) -> None:
    answer = client.get("/broken")
    assert answer.text == "{not json"
    assert answer.headers["content-type"] == "application/json"
    assert client.get("/deep").text == "[" * 80 + "]" * 80


def test_methods_of_every_kind(client: httpx.Client) -> None:
    assert client.request("LINK", "/things").json() == "linked"
    assert client.get("/things").status_code == 405


def test_without_a_saved_response_the_answer_is_empty(client: httpx.Client) -> None:
    answer = client.get("/nothing")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_collection_is_prepared_once_and_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "pets.json"
    cache = Cache(tmp_path / "cache")

    def titles() -> list[str]:
        with open_document(path, cache=cache) as document:
            assert document.files == (path,)
            return [document.title, *(ref.template for ref in document.operations())]

    path.write_text(json.dumps(collection(item("/a"))))
    assert titles() == titles() == ["Pets", "/a"]
    path.write_text(json.dumps(collection(item("/a"), item("/b"))))
    assert titles() == ["Pets", "/a", "/b"]


@pytest.mark.parametrize("name", sorted(p.name for p in (corpus_root() / "postman").glob("*.json")))
def test_published_collections(name: str) -> None:
    path = corpus("postman", name)
    with open_document(path) as document:
        refs = document.operations()
        assert refs
        assert list(findings_of(document)) == []
        assert {finding.severity for finding in document.findings} <= {"info"}
    with MockServer(path) as server, httpx.Client(base_url=server.url) as client:
        for ref in refs:
            url = ref.template.replace("{", "").replace("}", "")
            answer = client.request(ref.method, url)
            assert answer.status_code not in (404, 405, 500, 501), ref
