"""Effects as scenarios: what a stub puts in place or takes away when it answers.

``upsert`` becomes a stub that waits for the scenario to be ``there``; ``delete`` of another stub a scenario
that takes it out. A stub that deletes itself answers once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..notes import At
from .stub import GripStub
from .templates import is_template

THERE, GONE = "there", "gone"
STARTED = "started"
MOST_NESTED = 10

Make = Callable[[dict[str, Any], At, GripStub], GripStub]


def take_effects(stubs: list[GripStub], make: Make) -> list[GripStub]:
    """``stubs``, with scenarios, and those that are put in place by effects."""
    by_id = {stub.id: stub for stub in stubs if stub.id}
    found = list(stubs)
    waiting = [(stub, 0) for stub in stubs]
    while waiting:
        stub, depth = waiting.pop(0)
        given = stub.notes.listed(stub.given.get("effects"), (*stub.at, "effects"), "`effects`")
        for number, effect in enumerate(given):
            at = (*stub.at, "effects", number)
            added = _effect(stub, effect, at, by_id, make)
            if added is not None:
                found.append(added)
                if depth < MOST_NESTED:
                    waiting.append((added, depth + 1))
    return found


def _effect(
    stub: GripStub, effect: Any, at: At, by_id: dict[str, GripStub], make: Make
) -> GripStub | None:
    action = effect.get("action") if isinstance(effect, dict) else None
    if action == "upsert" and isinstance(effect.get("stub"), dict):
        return _upsert(stub, effect["stub"], (*at, "stub"), by_id, make)
    if action == "delete" and isinstance(effect.get("id"), str):
        _delete(stub, effect["id"], at, by_id)
    else:
        stub.notes.add("effects", "an effect is an upsert or a delete", at, severity="error")
    return None


def _upsert(
    stub: GripStub, given: dict[str, Any], at: At, by_id: dict[str, GripStub], make: Make
) -> GripStub | None:
    matchers = [given.get("headers"), given.get("input"), given.get("inputs")]
    if any(_has_template(matcher) for matcher in matchers):
        stub.notes.add(
            "effects",
            "a stub whose matchers depend on the request is not put in place",
            at,
            severity="error",
            hint="keep values with `state.put` in a template, and compare them there",
        )
        return None
    added = make(given, at, stub)
    old = by_id.get(added.id) if added.id else None
    name = f"effect {added.id or f'of {stub.method} {len(by_id)}'}"
    if not _advance(stub, name, THERE, at):
        return None
    if old is not None:
        # It takes the place of one that is there from the start.
        _require(old, name, STARTED, at)
        added.id = f"{added.id}-updated"
    _require(added, name, THERE, at)
    by_id.setdefault(added.id, added)
    return added


def _delete(stub: GripStub, target: str, at: At, by_id: dict[str, GripStub]) -> None:
    if target == stub.id:
        stub.times = 1
        return
    other = by_id.get(target)
    if other is None:
        stub.notes.add("effects", f"there is no stub {target!r} to delete", at)
        return
    if "name" in other.scenario:
        _advance(stub, other.scenario["name"], GONE, at)
    elif _advance(stub, f"effect {target}", GONE, at):
        _require(other, f"effect {target}", STARTED, at)


def _advance(stub: GripStub, name: str, state: str, at: At) -> bool:
    """Have ``stub`` put a scenario into ``state``; it can do so for one only."""
    if stub.scenario and (stub.scenario["name"] != name or "then" in stub.scenario):
        stub.notes.add(
            "effects",
            "a stub can move one scenario on; this effect is left out",
            at,
            severity="error",
            hint="split the stub",
        )
        return False
    stub.scenario = {**stub.scenario, "name": name, "then": state}
    return True


def _require(stub: GripStub, name: str, state: str, at: At) -> None:
    if stub.scenario and stub.scenario["name"] != name:
        stub.notes.add(
            "effects",
            "a stub is part of one scenario; this effect is left out",
            at,
            severity="error",
        )
        return
    stub.scenario = {**stub.scenario, "name": name, "when": state}


def _has_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_template, value.values()))
    if isinstance(value, list):
        return any(map(_has_template, value))
    return is_template(value)
