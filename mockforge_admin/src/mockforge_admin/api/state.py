"""Scenarios, and what else is remembered between requests."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from mockforge.mocking.state import shared_state
from mockforge.mocking.state.scenarios import SPACE, STARTED
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint, Reply
from mockforge_admin.stubs import Stubs

_ABSENT: Final = object()

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Scenario(msgspec.Struct):
    """A state machine that stubs move."""

    name: str
    state: str
    states: list[str]
    """Those that stubs name."""
    stubs: list[str]


class ScenarioList(msgspec.Struct):
    """Scenarios that stubs name, and those that have moved."""

    scenarios: list[Scenario]


class NewState(msgspec.Struct, forbid_unknown_fields=True):
    """Where to put a scenario."""

    state: Name


class Space(msgspec.Struct):
    """Values of one kind: `values` of templates, `scenarios`, a collection of resources."""

    name: str
    entries: int


class StateReport(msgspec.Struct):
    """What is remembered."""

    entries: int
    bytes: int
    dropped: int
    spaces: list[Space]


class Entries(msgspec.Struct):
    """A page of the values of one space."""

    entries: dict[str, Any]
    total: int


class Part(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which part of a list."""

    limit: Annotated[int, Meta(ge=0, le=10_000, description="Most entries")] = 100
    offset: Annotated[int, Meta(ge=0, le=10_000_000, description="Entries to pass over")] = 0


def list_scenarios(call: Call) -> ScenarioList:
    """All scenarios and their states."""
    scenarios = shared_state(call.admin.kernel).scenarios
    named: dict[str, Scenario] = {}
    for stub in Stubs(call.admin.kernel.servers):
        step = stub.scenario
        if step is None:
            continue
        row = named.setdefault(
            step.name, Scenario(step.name, scenarios.state(step.name), [STARTED], [])
        )
        row.stubs.append(stub.id)
        row.states += [each for each in (step.when, step.then) if each and each not in row.states]
    for name, state in scenarios.list().items():
        named.setdefault(name, Scenario(name, state, [STARTED, state], []))
    return ScenarioList(sorted(named.values(), key=lambda row: row.name))


def set_scenario(call: Call) -> Reply:
    """Put a scenario into a state."""
    shared_state(call.admin.kernel).scenarios.set(call.path["name"], call.body.state)
    return Reply(None, 204)


def reset_scenario(call: Call) -> Reply:
    """Start one scenario over."""
    shared_state(call.admin.kernel).scenarios.reset(call.path["name"])
    return Reply(None, 204)


def reset_scenarios(call: Call) -> Reply:
    """Start all scenarios over."""
    shared_state(call.admin.kernel).scenarios.reset()
    return Reply(None, 204)


def get_state(call: Call) -> StateReport:
    """What is remembered between requests."""
    store = shared_state(call.admin.kernel).store
    spaces = [Space(name, store.count(name)) for name in store.spaces()]
    return StateReport(store.entries, store.bytes, store.dropped, spaces)


def list_state(call: Call) -> Entries:
    """The values of one space."""
    store = shared_state(call.admin.kernel).store
    space = call.path["space"]
    part: Part = call.query
    items = store.items(space, start=part.offset, most=part.limit)
    return Entries(dict(items), store.count(space))


def put_state(call: Call) -> Reply:
    """Keep a value."""
    space = _changeable(call.path["space"])
    shared_state(call.admin.kernel).store.put(space, call.path["key"], call.body)
    return Reply(None, 204)


def delete_state(call: Call) -> Reply:
    """Let a value go."""
    if not shared_state(call.admin.kernel).store.delete(call.path["space"], call.path["key"]):
        raise ApiError(404, "no-such-value", f"There is no {call.path['key']!r} there.")
    return Reply(None, 204)


def reset_state(call: Call) -> Reply:
    """Back to the start: values gone, scenarios started, resources as they were loaded."""
    shared_state(call.admin.kernel).reset()
    return Reply(None, 204)


def _changeable(space: str) -> str:
    if space == SPACE:
        raise ApiError(
            422, "wrong-space", "Scenarios are moved with /scenarios/{name}, not as values."
        )
    return space


ENDPOINTS = (
    Endpoint("GET", "/scenarios", list_scenarios, "All scenarios", "state", answer=ScenarioList),
    Endpoint("POST", "/scenarios/reset", reset_scenarios, "Start all over", "state", status=204),
    Endpoint(
        "PUT",
        "/scenarios/{name:path}",
        set_scenario,
        "Put a scenario into a state",
        "state",
        body=NewState,
        status=204,
    ),
    Endpoint(
        "DELETE", "/scenarios/{name:path}", reset_scenario, "Start one over", "state", status=204
    ),
    Endpoint("GET", "/state", get_state, "What is remembered", "state", answer=StateReport),
    Endpoint("POST", "/state/reset", reset_state, "Back to what was loaded", "state", status=204),
    Endpoint(
        "GET",
        "/state/{space}",
        list_state,
        "Values of a space",
        "state",
        query=Part,
        answer=Entries,
    ),
    Endpoint(
        "PUT",
        "/state/{space}/{key:path}",
        put_state,
        "Keep a value",
        "state",
        body=Any,
        status=204,
    ),
    Endpoint(
        "DELETE",
        "/state/{space}/{key:path}",
        delete_state,
        "Let a value go",
        "state",
        status=204,
        errors=(404,),
    ),
)
