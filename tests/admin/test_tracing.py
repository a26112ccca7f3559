"""Allocations by line: asked for by hand, compared with a mark, bounded."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from mockforge.errors import MockForgeError
from mockforge_admin import tracing
from mockforge_admin.tracing import Tracing
from tests.admin.making import Admin

HERE = "tests/admin/test_tracing.py"


@pytest.fixture
def traced() -> Iterator[Tracing]:
    found = Tracing()
    found.start(1)
    yield found
    found.stop()
    assert not tracemalloc.is_tracing()


def test_nothing_is_told_before_it_is_started() -> None:
    with pytest.raises(MockForgeError, match="not traced"):
        Tracing().snapshot(5)


def test_lines_that_allocate_are_found_with_their_code(traced: Tracing) -> None:
    block = bytearray(3_000_000)
    found = traced.snapshot(3)
    mine = next(site for site in found.sites if site.file == HERE)
    assert mine.bytes >= len(block)
    assert mine.code == "block = bytearray(3_000_000)"
    assert found.marked_at is None
    assert found.traced_bytes >= len(block)
    assert found.own_bytes > 0
    assert len(found.sites) == 3


def test_since_a_mark_growth_and_shrinking_come_first(traced: Tracing) -> None:
    old = bytearray(2_000_000)
    stays = bytearray(9_000_000)
    traced.mark()
    new = bytearray(1_000_000)
    size = len(old)
    del old
    found = traced.snapshot(10)
    assert found.marked_at is not None
    changes = {site.code: site.bytes_more for site in found.sites if site.file == HERE}
    assert changes["old = bytearray(2_000_000)"] <= -size
    assert changes["new = bytearray(1_000_000)"] >= len(new)
    assert abs(changes.get("stays = bytearray(9_000_000)", 0)) < len(stays) // 100
    assert found.sites[0].bytes_more == changes["old = bytearray(2_000_000)"]


def test_only_the_largest_lines_are_kept(traced: Tracing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MAX_SITES", 2)
    blocks = [bytearray(4_000_000)]
    blocks.append(bytearray(3_000_000))
    blocks.append(bytearray(10_000))
    found = traced.snapshot(100)
    assert [site.bytes // 1_000_000 for site in found.sites] == [4, 3]


def test_it_is_driven_over_the_api(shared: Admin) -> None:
    assert shared.get("/memory/trace").status_code == 422
    assert shared.ask("POST", "/memory/trace").status_code == 204
    try:
        assert shared.ask("POST", "/memory/trace/mark").status_code == 204
        found = shared.get("/memory/trace", params={"top": 2}).json()
        assert len(found["sites"]) <= 2
        assert found["marked_at"] is not None
    finally:
        assert shared.ask("DELETE", "/memory/trace").status_code == 204
    assert not tracemalloc.is_tracing()
