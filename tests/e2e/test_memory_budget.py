"""``core.memory_budget`` on running servers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.kernel.observe.waiting import wait_until

SCRIPT = "- websocket: {path: /s, script: [{forever: [expect, echo]}]}"


@pytest.mark.shows(
    "core.memory_budget", "mockforge_memory_sheds_total", "mockforge_memory_over_budget"
)
def test_past_the_budget_new_connections_are_refused_and_open_ones_go_on(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text(SCRIPT)
    settings = {"websocket.scripts": [str(script)], "core.memory_budget": "1MiB"}
    with MockServer(only=("http", "ws"), settings=settings) as server:
        kernel = server.kernel
        with (
            httpx.Client(base_url=server.url, timeout=60) as early,
            connect(server.address("ws") + "/s") as socket,
        ):
            assert early.get("/").status_code == 404
            wait_until(lambda: kernel.budget.over)
            refused = httpx.get(server.url, timeout=60)
            assert refused.status_code == 503
            assert refused.headers["Retry-After"] == "1"
            assert "raise core.memory_budget" in refused.json()["detail"]
            with pytest.raises(InvalidStatus) as raised:
                connect(server.address("ws") + "/s")
            assert raised.value.response.status_code == 503
            assert early.get("/").status_code == 404, "who is there stays"
            socket.send("still here")
            assert socket.recv(60) == "still here"
            rendered = server.metrics.render()
            assert "mockforge_memory_over_budget 1" in rendered
            assert "mockforge_memory_sheds_total 1" in rendered
        kernel.budget.limit = 2**40
        wait_until(lambda: not kernel.budget.over)
        assert httpx.get(server.url, timeout=60).status_code == 404


def test_a_budget_may_come_and_go_with_changed_settings(tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("core: {}\n")
    with serving(tmp_path, "--config", "settings.yaml", "--only", "http") as running:
        assert running.fetch("/").status == 404
        for _ in range(2):
            settings.write_text("core: {memory_budget: 1MiB}\n")
            running.reload()
            wait_until(lambda: running.fetch("/").status == 503)
            settings.write_text("core: {}\n")
            running.reload()
            wait_until(lambda: running.fetch("/").status == 404)


def test_caches_are_made_again_when_they_were_given_back() -> None:
    document = Path(__file__).resolve().parents[2] / "examples/petstore/openapi.yaml"
    with MockServer(document) as server:
        before = httpx.get(server.url + "/pets/1", timeout=60).content
        (held,) = [
            each.bytes
            for each in server.kernel.memory.components()
            if each.name == "http.operations"
        ]
        assert held
        server._running.call(server.kernel.memory.shed)
        (left,) = [
            each.bytes
            for each in server.kernel.memory.components()
            if each.name == "http.operations"
        ]
        assert (left or 0) < held
        assert httpx.get(server.url + "/pets/1", timeout=60).content == before
