"""What runs: health, routes, plugins, connections, settings, reload, memory, the document."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from mockforge import hookimpl
from tests.admin.making import Admin, admin
from tests.kernel.observe.waiting import wait_until


def test_health_says_what_runs(shared: Admin) -> None:
    health = shared.get("/health").json()
    assert health["status"] == "ok"
    assert health["servers"] == {"http": shared.server.url, "admin": shared.address}
    assert health["plugins_failed"] == []
    assert shared.get("/health/live").json() == {"status": "ok"}
    assert shared.get("/health/ready").status_code == 200


def test_routes_tell_what_was_called(fresh: Admin) -> None:
    def calls(**query: str) -> dict[str, int]:
        rows = fresh.get("/routes", params=query).json()["routes"]
        return {f"{row['method']} {row['path']}": row["calls"] for row in rows}

    before = calls()
    fresh.call("/pets/1")
    assert calls()["GET /pets/{petId}"] == before["GET /pets/{petId}"] + 1
    assert "GET /pets/{petId}" in calls(called="true")
    assert "GET /pets/{petId}" not in calls(called="false")
    assert set(calls(text="ORDERID")) == {key for key in before if "orderId" in key}
    page = fresh.get("/routes", params={"limit": 1, "offset": 1}).json()
    assert (len(page["routes"]), page["total"]) == (1, len(before))


class Odd:
    @hookimpl
    def mockforge_report_memory(self) -> dict[str, int]:
        return {"odd.cache": 4321}

    @hookimpl
    def mockforge_log_request(self, entry: Any) -> None:
        raise ValueError("<b>no</b>")


def test_plugins_are_shown_with_hooks_and_what_they_did_wrong() -> None:
    with admin(plugins={"odd": Odd()}) as running:
        running.call("/pets/1")
        listed = {row["name"]: row for row in running.get("/plugins").json()["plugins"]}
        assert listed["http"]["state"] == "loaded"
        assert "mockforge_register_protocols" in listed["http"]["hooks"]
        wait_until(lambda: running.get("/plugins/odd").json().get("failures"))
        odd = running.get("/plugins/odd").json()
        assert set(odd["hooks"]) == {"mockforge_report_memory", "mockforge_log_request"}
        assert odd["problems"][0]["hook"] == "mockforge_log_request"
        assert running.get("/plugins/none").status_code == 404
        held = {row["name"]: row["bytes"] for row in running.get("/memory").json()["components"]}
        assert held["odd.cache"] == 4321


def test_connections_of_all_servers_are_one_list_and_can_be_closed() -> None:
    script = {"id": "s", "websocket": {"path": "/s", "script": [{"forever": ["expect", "echo"]}]}}
    with admin(only=("http", "ws", "admin")) as running:
        running.ask("POST", "/stubs", json=script).raise_for_status()
        with connect(running.server.address("ws") + "/s") as client:
            client.send("hello")
            assert client.recv(timeout=20) == "hello"
            found = running.get("/connections").json()
            assert found["counts"]["ws"] == 1
            (mine,) = [each for each in found["connections"] if each["protocol"] == "websocket"]
            assert (mine["path"], mine["source"]) == ("/s", "stub:s")
            page = running.get("/connections", params={"limit": 1}).json()
            assert len(page["connections"]) == 1
            message = {"send": {"json": {"n": 1}}, "to": "path", "name": "/s"}
            assert running.ask("POST", "/connections/push", json=message).json() == {
                "connections": 1
            }
            assert json.loads(client.recv(timeout=20)) == {"n": 1}
            for wrong, status in (
                ({**message, "protocol": "grpc"}, 404),
                ({**message, "protocol": "http"}, 404),
                ({**message, "send": None}, 422),
                ({**message, "to": "all"}, 422),
            ):
                answer = running.ask("POST", "/connections/push", json=wrong)
                assert answer.status_code == status, answer.text
            nobody = {**message, "to": "connection", "name": "x"}
            assert running.ask("POST", "/connections/push", json=nobody).json() == {
                "connections": 0
            }
            assert running.ask("DELETE", f"/connections/{mine['id']}?code=999").status_code == 422
            closed = running.ask("DELETE", f"/connections/{mine['id']}?code=4001&reason=enough")
            assert closed.status_code == 204
            with pytest.raises(Exception, match="4001"):
                client.recv(timeout=20)
        wait_until(lambda: running.get("/connections").json()["counts"]["ws"] == 0)
        assert running.ask("DELETE", f"/connections/{mine['id']}").status_code == 404


def test_settings_tell_where_they_come_from(shared: Admin) -> None:
    shown = shared.get("/config").json()["settings"]
    assert shown["admin.port"]["value"] == 0
    assert shown["admin.port"]["origin"] == "flag"
    assert shown["admin.max_tails"] == {
        "value": 16,
        "origin": "default",
        "where": None,
        "description": shown["admin.max_tails"]["description"],
        "default": 16,
    }


def test_a_reload_reads_documents_again_and_lists_what_it_cannot(tmp_path: Path) -> None:
    document = tmp_path / "api.json"
    answer = {"200": {"description": "", "content": {"text/plain": {"example": "one"}}}}
    value: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": answer}}},
    }
    document.write_text(json.dumps(value))
    with admin(document) as running:
        value["paths"]["/b"] = value["paths"]["/a"]
        document.write_text(json.dumps(value))
        assert running.ask("POST", "/reload").json() == {"ok": True, "problems": []}
        assert running.call("/b").text == "one"
        document.write_text("{")
        failed = running.ask("POST", "/reload").json()
        assert not failed["ok"]
        assert failed["problems"][0]["place"]["file"].endswith("api.json")
        assert running.call("/b").text == "one"


@pytest.mark.shows("admin.history", "admin.history_interval")
def test_the_dashboard_keeps_the_last_moments_and_no_more() -> None:
    with admin(history=3, history_interval=0.1) as running:
        running.call("/pets/1")
        (server,) = (each for each in running.server.kernel.servers if each.name == "admin")
        wait_until(lambda: len(running.get("/dashboard").json()["stretches"]) == 2)
        first = running.get("/dashboard").json()
        assert first["interval"] == 0.1
        before = first["stretches"][-1]["time"]
        wait_until(lambda: running.get("/dashboard").json()["stretches"][0]["time"] > before)
        assert len(running.get("/dashboard").json()["stretches"]) == 2
        assert len(server.history) == 3  # type: ignore[attr-defined]
        stretch = running.get("/dashboard?last=1").json()["stretches"][0]
        assert stretch["rss"] > 0
        assert set(stretch["connections"]) == {"http", "admin"}


def test_memory_is_reported_by_component_beside_the_process(shared: Admin) -> None:
    report = shared.get("/memory?pss=true").json()
    names = {row["name"] for row in report["components"]}
    assert {"journal", "admin.history", "admin.connections"} <= names
    assert report["rss"] > 1024**2
    assert report["pss"] > 0


def test_allocations_are_traced_on_request_and_compared(shared: Admin) -> None:
    assert shared.get("/memory/trace").status_code == 422
    assert shared.ask("POST", "/memory/trace/mark").status_code == 422
    assert shared.ask("POST", "/memory/trace").status_code == 204
    try:
        assert shared.ask("POST", "/memory/trace/mark").status_code == 204
        kept = [bytes(1000) for _ in range(3000)]
        grown = shared.get("/memory/trace?top=5").json()
        assert grown["marked_at"] is not None
        assert len(grown["sites"]) == 5
        mine = next(site for site in grown["sites"] if site["file"].endswith("test_running.py"))
        assert mine["bytes_more"] >= 3_000_000
        assert "bytes(1000)" in mine["code"]
        assert len(kept) == 3000
    finally:
        assert shared.ask("DELETE", "/memory/trace").status_code == 204
    assert shared.get("/memory/trace").status_code == 422
    assert shared.ask("POST", "/memory/trace", json={"frames": 26}).status_code == 422


def test_the_document_names_every_route_and_answers_are_problems(shared: Admin) -> None:
    document = shared.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert "/__mockforge/fixtures/{name}" in document["paths"]
    operations = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(operations) == len(set(operations)) > 45
    missing = shared.get("/nothing")
    assert missing.status_code == 404
    assert missing.headers["Content-Type"] == "application/problem+json"
    wrong = shared.ask("PATCH", "/stubs/check")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert shared.ask("DELETE", "/stubs").headers["Allow"] == "GET, HEAD, POST"
    assert httpx.head(shared.address + "/__mockforge/health", timeout=60).status_code == 200


@pytest.mark.shows("admin.port", "--admin-port", "MOCKFORGE_ADMIN_PORT")
def test_it_listens_where_it_is_told(tmp_path: Path) -> None:
    from tests.e2e.processes import serving

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(tmp_path, env={"MOCKFORGE_ADMIN_PORT": str(port)}) as server:
        assert server.ready["admin"] == f"http://127.0.0.1:{port}"
        assert httpx.get(f"{server.ready['admin']}/__mockforge/health/live", timeout=60).is_success
    with serving(tmp_path, "--admin-port", str(port), "--admin-host", "localhost") as server:
        assert server.ready["admin"].endswith(f":{port}")


@pytest.mark.shows("admin.enabled", "MOCKFORGE_ADMIN_ENABLED")
def test_it_can_be_turned_off(tmp_path: Path) -> None:
    from tests.e2e.processes import serving

    with serving(tmp_path, env={"MOCKFORGE_ADMIN_ENABLED": "false"}) as server:
        assert "admin" not in server.ready
