"""Whether something was asked, and what would answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.making import Admin


def verdict(running: Admin, **wanted: Any) -> dict[str, Any]:
    answer = running.ask("POST", "/verify", json=wanted)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


@pytest.fixture
def asked(fresh: Admin) -> Admin:
    fresh.ask("DELETE", "/logs").raise_for_status()
    for method, target in (
        ("GET", "/pets"),
        ("GET", "/pets/1"),
        ("GET", "/pets"),
        ("POST", "/orders"),
    ):
        fresh.call(target, method)
    return fresh


@pytest.mark.parametrize(
    ("times", "ok"),
    [
        (None, True),
        ({"exactly": 2}, True),
        ({"exactly": 1}, False),
        ({"at_least": 3}, False),
        ({"at_least": 1, "at_most": 2}, True),
        ({"at_most": 1}, False),
    ],
)
def test_a_count_holds_or_does_not(asked: Admin, times: Any, ok: bool) -> None:
    wanted = {"request": {"method": "GET", "path": "/pets"}, **({"times": times} if times else {})}
    said = verdict(asked, **wanted)
    assert (said["ok"], said["count"]) == (ok, 2)
    assert [entry["target"] for entry in said["entries"]] == ["/pets", "/pets"]


def test_never_holds_where_nothing_came(asked: Admin) -> None:
    assert verdict(asked, request={"method": "DELETE"}, never=True)["ok"]
    came = verdict(asked, request={"path": "/pets/1"}, never=True)
    assert not came["ok"]
    assert [entry["target"] for entry in came["entries"]] == ["/pets/1"]


def test_what_came_nearest_is_shown_on_failure(asked: Admin) -> None:
    said = verdict(asked, request={"method": "DELETE", "path": "/pets/1"})
    assert (said["ok"], said["count"]) == (False, 0)
    assert [(each["method"], each["target"]) for each in said["nearest"]] == [("GET", "/pets/1")]


def test_a_sequence_holds_in_its_order_alone(asked: Admin) -> None:
    first, last = {"path": "/pets/1"}, {"method": "POST"}
    assert verdict(asked, sequence=[first, last])["ok"]
    said = verdict(asked, sequence=[last, first])
    assert not said["ok"]
    assert said["message"]
    assert [each["target"] for each in said["nearest"]] == ["/pets/1"]


def test_what_is_asked_wrongly_is_said(asked: Admin) -> None:
    for body, status in (
        ({}, 422),
        ({"request": {"stat": 1}}, 422),
        ({"request": {"status": "9xx"}}, 422),
    ):
        answer = asked.ask("POST", "/verify", json=body)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_would_answer_is_told_without_answering(fresh: Admin) -> None:
    fresh.ask("DELETE", "/logs").raise_for_status()
    stub = {
        "id": "s",
        "request": {"method": "POST", "path": "/x", "headers": {"X-Key": {"equals": "k"}}},
        "response": {"status": 204},
        "times": 1,
    }
    fresh.ask("POST", "/stubs", json=stub).raise_for_status()
    asked = {"method": "POST", "target": "/x", "headers": {"X-Key": "k"}}
    for _ in range(2):
        told = fresh.ask("POST", "/explain", json=asked).json()
        assert (told["source"], told["stub"]) == ("stub:s", "s")
    assert fresh.get("/logs").json()["held"] == 0
    assert fresh.get("/stubs/s").json()["times_left"] == 1
    missed = fresh.ask("POST", "/explain", json={**asked, "headers": {"X-Key": "other"}}).json()
    assert (missed["source"], missed["stub"]) == ("none", None)
    assert any("X-Key" in line for line in missed["lines"])
    operation = fresh.ask("POST", "/explain", json={"target": "/pets/7"}).json()
    assert (operation["source"], operation["template"]) == ("operation:getPet", "/pets/{petId}")
    assert (
        fresh.ask("POST", "/explain", json={"target": "/", "protocol": "grpc"}).status_code == 404
    )
