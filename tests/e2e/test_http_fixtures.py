"""Fixtures as clients see them: kept or not, whole or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockforge.testing import MockServer
from tests.e2e.raw import connected, get


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "GET").mkdir()
    return tmp_path


def serving(folder: Path, **settings: object) -> MockServer:
    own = {f"http.{key}": value for key, value in settings.items()}
    return MockServer(settings={"http.fixtures": str(folder), **own})


def sample(server: MockServer, name: str) -> int:
    """The value of one line of the metrics."""
    for line in server.metrics.render().splitlines():
        if line.startswith(name + " "):
            return int(float(line.rpartition(" ")[2]))
    raise AssertionError(f"no {name}")


def test_an_edit_counts_at_once_with_and_without_a_cache(folder: Path) -> None:
    for size in (0, "1MiB"):
        with serving(folder, fixture_cache=size) as server:
            for text in ("one", "two", "three"):
                (folder / "GET/x.txt").write_text(text)
                assert httpx.get(server.url + "/x").text == text
                assert httpx.get(server.url + "/x").text == text
            (folder / "GET/x.txt").unlink()
            assert httpx.get(server.url + "/x").status_code == 404


@pytest.mark.shows("http.fixture_cache")
def test_the_cache_is_bounded_and_seen(folder: Path) -> None:
    for number in range(20):
        (folder / f"GET/{number}.txt").write_bytes(b"x" * 10_000)
    held = 'mockforge_memory_bytes{component="http.fixture_cache"}'
    limit = 'mockforge_limit_bytes{component="http.fixture_cache"}'
    dropped = 'mockforge_dropped_total{component="http.fixture_cache"}'
    with serving(folder, fixture_cache="64KiB") as server:
        for _ in range(2):
            for number in range(20):
                assert len(httpx.get(f"{server.url}/{number}").content) == 10_000
        # Three fit: a text is held as bytes and decoded.
        assert 60_000 < sample(server, held) <= 65_536 == sample(server, limit)
        gone = sample(server, dropped)
        assert gone == 40 - 3
        server.reload()
        assert sample(server, dropped) == gone
    with serving(folder) as server:
        assert httpx.get(f"{server.url}/1").status_code == 200
        assert sample(server, held) == 0


@pytest.mark.shows("http.fixture_stream")
def test_from_a_size_on_files_are_sent_piece_by_piece(folder: Path) -> None:
    content = b'"' + b"x" * 5_000_000 + b'"'
    (folder / "GET/large.json").write_bytes(content)
    (folder / "GET/small.json").write_bytes(b"[1]")
    with serving(folder, fixture_stream="1MiB") as server:
        answer = httpx.get(server.url + "/large")
        assert answer.content == content
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-length"] == str(len(content))
        head = httpx.head(server.url + "/large")
        assert (head.headers["content-length"], head.content) == (str(len(content)), b"")
        assert httpx.get(server.url + "/small").content == b"[1]"
        kept = {entry.path: entry.response_body_truncated for entry in server.requests("GET")}
        assert kept == {
            "/large": True,
            "/small": False,
        }  # what is streamed is never whole in memory


@pytest.mark.shows("http.fixture_max_size")
def test_what_has_to_be_read_whole_is_bounded(folder: Path) -> None:
    (folder / "GET/rows.csv").write_text("a\n" + "1\n" * 1000)
    (folder / "GET/plain.txt").write_text("1\n" * 1000)
    with serving(folder, fixture_max_size=1000, fixture_stream=1500) as server:
        answer = httpx.get(server.url + "/rows")
        assert answer.status_code == 500
        assert "larger than 1000 bytes" in answer.json()["detail"]
        assert httpx.get(server.url + "/plain").status_code == 200
    with serving(folder, fixture_max_size=2002) as server:
        assert len(httpx.get(server.url + "/rows").json()) == 1000


def test_files_of_stubs_are_bounded_like_fixtures(folder: Path) -> None:
    (folder / "page.txt").write_text("{{ request.method }}" + "1" * 1000)
    with serving(folder, fixture_max_size=2000) as server:
        spec = {"file": "page.txt", "template": True}
        server.stub({"request": {"path": "/page"}, "response": spec})
        assert httpx.get(server.url + "/page").text == "GET" + "1" * 1000
        (folder / "page.txt").write_text("1" * 2001)
        answer = httpx.get(server.url + "/page")
        assert answer.status_code == 500
        assert "larger than 2000 bytes" in answer.json()["detail"]


ESCAPES = ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/%2e%2e%2fsecret", "/..%5csecret", "//secret",
           "/%252e%252e/secret", "/out", "/outdir/secret", "/up/up/secret", "/%00secret"]  # fmt: skip


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[MockServer]:
    """A folder with a secret beside it, and links that lead there."""
    (tmp_path / "secret.json").write_text('"s3cret"')
    root = tmp_path / "root" / "GET"
    root.mkdir(parents=True)
    (root / "out.json").symlink_to(tmp_path / "secret.json")
    (root / "outdir").symlink_to(tmp_path)
    (root / "up").symlink_to("..")
    with serving(tmp_path / "root", fixture_cache="1MiB", fixture_stream=1) as server:
        yield server


@pytest.mark.parametrize("target", ESCAPES)
def test_no_request_gets_out_of_the_folder(guarded: MockServer, target: str) -> None:
    with connected(guarded.url) as client:
        answer = client.ask(get(target))
    assert answer.status in (400, 404)
    assert b"s3cret" not in answer.body
