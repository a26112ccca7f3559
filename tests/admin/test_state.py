"""Scenarios and state over the API."""

from __future__ import annotations

from tests.admin.making import Admin


def step(stub_id: str, when: str, then: str) -> dict[str, object]:
    return {
        "id": stub_id,
        "request": {"path": "/door"},
        "response": {"text": when},
        "scenario": {"name": "door", "when": when, "then": then},
    }


def test_a_scenario_is_seen_moving_and_can_be_put_and_reset(fresh: Admin) -> None:
    fresh.ask("POST", "/stubs", json=step("a", "started", "open")).raise_for_status()
    fresh.ask("POST", "/stubs", json=step("b", "open", "started")).raise_for_status()
    (door,) = fresh.get("/scenarios").json()["scenarios"]
    assert door == {
        "name": "door",
        "state": "started",
        "states": ["started", "open"],
        "stubs": ["a", "b"],
    }
    assert fresh.call("/door").text == "started"
    assert fresh.get("/scenarios").json()["scenarios"][0]["state"] == "open"
    assert fresh.ask("DELETE", "/scenarios/door").status_code == 204
    assert fresh.call("/door").text == "started"
    assert fresh.ask("PUT", "/scenarios/door", json={"state": "open"}).status_code == 204
    assert fresh.call("/door").text == "open"
    fresh.ask("PUT", "/scenarios/door", json={"state": "open"}).raise_for_status()
    assert fresh.ask("POST", "/scenarios/reset").status_code == 204
    assert fresh.call("/door").text == "started"
    for wrong in ({}, {"state": ""}, {"state": "x" * 201}, {"state": "x", "more": 1}):
        assert fresh.ask("PUT", "/scenarios/door", json=wrong).status_code == 422


def test_values_are_put_read_page_by_page_and_let_go(fresh: Admin) -> None:
    for number in range(3):
        put = fresh.ask("PUT", f"/state/values/k/{number}", json={"n": number})
        assert put.status_code == 204
    page = fresh.get("/state/values", params={"limit": 2}).json()
    assert page["total"] == 3
    assert len(page["entries"]) == 2
    assert page["entries"]["k/0"] == {"n": 0}
    shown = fresh.get("/state").json()
    assert {"name": "values", "entries": 3} in shown["spaces"]
    assert shown["bytes"] > 0
    assert fresh.ask("DELETE", "/state/values/k/0").status_code == 204
    assert fresh.ask("DELETE", "/state/values/k/0").status_code == 404
    assert fresh.ask("POST", "/state/reset").status_code == 204
    assert fresh.get("/state/values").json() == {"entries": {}, "total": 0}


def test_a_value_that_was_put_is_what_templates_see(fresh: Admin) -> None:
    template = {
        "id": "t",
        "request": {"path": "/greeting"},
        "response": {"text": "{{ state.get('word') }}", "template": True},
    }
    fresh.ask("POST", "/stubs", json=template).raise_for_status()
    fresh.ask("PUT", "/state/values/word", json="hello").raise_for_status()
    assert fresh.call("/greeting").text == "hello"


def test_scenarios_are_not_moved_as_values(fresh: Admin) -> None:
    assert fresh.ask("PUT", "/state/scenarios/door", json="open").status_code == 422
