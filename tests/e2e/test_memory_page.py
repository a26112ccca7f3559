"""``docs/memory.md`` and what a server reports of its memory say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockforge.testing import MockServer
from tests.http.server.documents import content, document, get

PAGE = Path(__file__).resolve().parents[2] / "docs" / "memory.md"
NAME = re.compile(r"`([^`]+)`")


def rows() -> list[list[str]]:
    """The cells of the table of what is held."""
    table = PAGE.read_text().partition("## What is held")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int | None], set[str]]:
    """Limits by component, and the components that count what they let go, of a server with all there is."""
    folder = tmp_path_factory.mktemp("memory")
    pets = document({"/pets": get(("200", content(json={"example": [1]})))})
    settings = {
        "http.stateful": True,
        "http.fixtures": str(folder),
        "http.fixture_cache": "1MiB",
        "http.proxy.upstream": "http://127.0.0.1:1",
        "http.record.to": str(folder / "recorded"),
        "websocket.proxy.upstream": "ws://127.0.0.1:1",
        "websocket.record.to": str(folder / "conversations"),
        "grpc.protos": [str(PAGE.parents[1] / "examples" / "greeter" / "greeter.proto")],
        "grpc.proxy.upstream": "127.0.0.1:1",
        "grpc.record.to": str(folder / "calls"),
        "http.rate_limits": [{"requests": 1}],
        "http.callbacks": {"enabled": True, "allow": ["127.0.0.1"]},
    }
    (folder / "page.txt").write_text("{{ request.path }}")
    with MockServer(pets, settings=settings, only=("http", "ws", "grpc", "admin")) as server:
        server.stub({"request": {}, "response": {"text": "{{ uuid }}", "template": True}})
        server.stub("GET", "/file", file="page.txt", template=True)
        components = server.kernel.memory.components()
        assert [each.error for each in components if each.error is not None] == []
        text = server.metrics.render()
    dropped = set(re.findall(r'mockforge_dropped_total\{component="([^"]+)"\}', text))
    return {each.name: each.limit for each in components}, dropped


def test_every_component_is_on_the_page_and_all_on_the_page_are_components(
    reported: tuple[dict[str, int | None], set[str]],
) -> None:
    told = {name for row in rows() for name in NAME.findall(row[2])}
    assert told == set(reported[0])


def test_what_is_said_to_be_counted_is(
    reported: tuple[dict[str, int | None], set[str]],
) -> None:
    limits, dropped = reported
    told = {
        name
        for row in rows()
        for name in NAME.findall(row[3])
        if name in limits or name.startswith(("journal.", "metrics."))
    }
    assert told
    assert told == dropped


WITHOUT = {
    "grpc.connections",
    "grpc.http_bridge",
    "grpc.schema",
    "grpc.stubs",
    "grpc.upstream",
    "admin.connections",
    "admin.history",
    "http.connections",
    "http.documents",
    "http.stubs",
    "metrics",
    "modules",
    "ws.connections",
    "ws.stubs",
    "ws.upstream",
}
"""Components that are bounded in number or part by part."""


def test_every_other_component_says_how_much_it_may_hold(
    reported: tuple[dict[str, int | None], set[str]],
) -> None:
    assert {name for name, limit in reported[0].items() if not limit} == WITHOUT
