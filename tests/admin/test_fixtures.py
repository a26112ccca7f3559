"""Fixtures over the API: what is below the root, and nothing else."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.admin.making import Admin, admin
from tests.admin.raw import send

ESCAPES = [
    "../secret.json",
    "..%2fsecret.json",
    "..%2Fsecret.json",
    "%2e%2e/secret.json",
    "%2e%2e%2fsecret.json",
    "%2E%2E%2Fsecret.json",
    ".%2e/secret.json",
    "%2e./secret.json",
    "GET/../../secret.json",
    "GET/..%2f..%2fsecret.json",
    "GET/%2e%2e/%2e%2e/secret.json",
    "GET/./../../secret.json",
    "..\\secret.json",
    "..%5csecret.json",
    "%2e%2e%5csecret.json",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "....//secret.json",
    "..;/secret.json",
    "..%00/secret.json",
    "secret.json%00.png",
    "%252e%252e%252fsecret.json",
    "..%c0%afsecret.json",
    "%c0%ae%c0%ae/secret.json",
    "..%u2215secret.json",
    "file:///etc/passwd",
    "outside/secret.json",
    "link.json",
    ".hidden",
    "GET/.git/config",
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("top")
    root = top / "fixtures"
    (root / "GET/.git").mkdir(parents=True)
    (top / "secret.json").write_text('{"secret": 1}')
    (root / ".hidden").write_text("hidden")
    (root / "GET/.git/config").write_text("hidden")
    (root / "GET/seen.json").write_text('{"seen": true}')
    (root / "GET/page.html").write_text("<script>alert(1)</script>")
    (root / "outside").symlink_to(top)
    (root / "link.json").symlink_to(top / "secret.json")
    (root / "inside.json").symlink_to(root / "GET/seen.json")
    return root


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[Admin]:
    given: dict[str, Any] = {"http.fixtures": str(root), "http.fixture_max_size": 10_000}
    with admin(**given) as running:
        yield running


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nothing_outside_of_the_root_is_reached(
    site: Admin, root: Path, name: str, method: str
) -> None:
    status, body = send(site.address, f"{method} /__mockforge/fixtures/{name} HTTP/1.1")
    assert status in (400, 404, 422)
    assert b'secret": 1' not in body
    assert b"root:" not in body
    assert (root.parent / "secret.json").read_text() == '{"secret": 1}'
    assert (root / ".hidden").exists()
    assert (root / "link.json").is_symlink()


@pytest.mark.parametrize("name", ESCAPES)
def test_nothing_outside_of_the_root_is_written(site: Admin, root: Path, name: str) -> None:
    before = sorted(str(path) for path in root.parent.iterdir())
    hidden = (root / ".hidden").read_text(), (root / "GET/.git/config").read_text()
    head = f"PUT /__mockforge/fixtures/{name} HTTP/1.1\r\nContent-Length: 2"
    status, _ = send(site.address, head, b"{}")
    # What is a plain name to the API (`%252e`, `..;`) is a file below the root, if an odd one.
    assert status in (201, 400, 404, 409, 422)
    assert sorted(str(path) for path in root.parent.iterdir()) == before
    assert (root.parent / "secret.json").read_text() == '{"secret": 1}'
    assert ((root / ".hidden").read_text(), (root / "GET/.git/config").read_text()) == hidden
    assert (root / "outside").is_symlink()


@pytest.mark.parametrize("folder", ["..", "GET/..", "outside", ".git", "GET/.git", "/", "GET/"])
def test_no_other_folder_is_listed(site: Admin, folder: str) -> None:
    assert site.get("/fixtures", params={"folder": folder}).status_code in (404, 422)


def test_a_folder_is_listed_by_name_with_kinds_and_sizes(site: Admin, root: Path) -> None:
    shown = site.get("/fixtures").json()
    assert shown["root"] == str(root)
    by_name = {each["name"]: each for each in shown["files"]}
    assert by_name["GET"]["folder"]
    assert by_name["inside.json"]["size"] == len('{"seen": true}')
    assert not {"outside", "link.json", ".hidden"} & set(by_name)
    below = site.get("/fixtures", params={"folder": "GET"}).json()["files"]
    assert [(each["name"], each["media_type"]) for each in below] == [
        ("GET/page.html", "text/html; charset=utf-8"),
        ("GET/seen.json", "application/json"),
    ]


def test_a_folder_is_listed_page_by_page(site: Admin) -> None:
    for number in range(5):
        site.ask("PUT", f"/fixtures/many/{number}.txt", content=b"x").raise_for_status()
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = site.get("/fixtures", params={"folder": "many", "limit": 2, "after": after}).json()
        assert len(page["files"]) <= 2
        seen += [each["name"] for each in page["files"]]
        after = page["next"]
    assert seen == [f"many/{number}.txt" for number in range(5)]


def test_content_is_handed_out_so_that_no_browser_runs_it(site: Admin) -> None:
    answer = site.get("/fixtures/GET/page.html")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_written_answers_the_next_request_and_what_is_deleted_does_not(
    site: Admin, root: Path
) -> None:
    path = "/fixtures/GET/new/deep/thing.json"
    assert site.call("/new/deep/thing").status_code == 404
    made = site.ask("PUT", path, content=b'{"n": 1}')
    assert (made.status_code, made.json()) == (201, {"name": "GET/new/deep/thing.json", "size": 8})
    assert site.call("/new/deep/thing").json() == {"n": 1}
    assert site.ask("PUT", path, content=b'{"n": 2}').status_code == 200
    assert site.call("/new/deep/thing").json() == {"n": 2}
    assert stat.S_IMODE((root / "GET/new/deep/thing.json").stat().st_mode) == 0o644
    assert site.ask("DELETE", path).status_code == 204
    assert site.call("/new/deep/thing").status_code == 404
    assert problem(site.ask("DELETE", path)) == (404, "no-such-fixture")
    assert not (root / "GET/new").exists()
    assert (root / "GET/seen.json").exists()


def test_content_that_is_not_what_the_name_says_is_refused_and_nothing_changes(
    site: Admin, root: Path
) -> None:
    wrong = site.ask("PUT", "/fixtures/GET/seen.json", content=b'{"seen": ')
    assert wrong.status_code == 422
    assert (root / "GET/seen.json").read_text() == '{"seen": true}'
    assert [path.name for path in (root / "GET").iterdir() if path.is_file()].count(
        "seen.json"
    ) == 1
    assert not [
        path for path in (root / "GET").iterdir() if path.name.startswith(".") and path.is_file()
    ]


@pytest.mark.shows("http.fixture_max_size")
def test_fixtures_past_the_limit_are_neither_written_nor_read(site: Admin, root: Path) -> None:
    large = site.ask("PUT", "/fixtures/large.bin", content=b"x" * 10_001)
    assert problem(large) == (413, "fixture-too-large")
    assert not (root / "large.bin").exists()
    assert site.ask("PUT", "/fixtures/large.bin", content=b"x" * 10_000).status_code == 201
    (root / "large.bin").write_bytes(b"x" * 10_001)
    assert problem(site.get("/fixtures/large.bin")) == (413, "fixture-too-large")


@pytest.mark.parametrize("name", ["GET", "GET/seen.json/below.txt"])
def test_a_file_does_not_take_the_place_of_a_folder_or_go_below_a_file(
    site: Admin, name: str
) -> None:
    assert problem(site.ask("PUT", f"/fixtures/{name}", content=b"x")) == (409, "name-taken")


def test_nothing_is_written_through_a_link(site: Admin, root: Path) -> None:
    assert problem(site.ask("PUT", "/fixtures/inside.json", content=b"{}")) == (422, "wrong-name")
    assert (root / "GET/seen.json").read_text() == '{"seen": true}'
    assert site.get("/fixtures/inside.json").json() == {"seen": True}


def test_without_a_folder_in_the_settings_there_is_nothing(shared: Admin) -> None:
    assert shared.get("/fixtures").json() == {"root": None, "files": [], "next": None}
    assert problem(shared.get("/fixtures/a.json")) == (404, "no-fixture-folder")
    assert problem(shared.ask("PUT", "/fixtures/a.json", content=b"{}")) == (
        404,
        "no-fixture-folder",
    )
