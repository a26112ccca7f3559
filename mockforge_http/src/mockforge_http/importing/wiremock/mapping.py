"""One mapping as a native stub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..notes import At, Notes
from .files import Bodies
from .requests import translate_request
from .responses import translate_response
from .webhooks import translate_actions

KEYS: Final = (
    "id", "uuid", "name", "request", "response", "newScenarioState", "requiredScenarioState", "scenarioName",
    "priority", "persistent", "postServeActions", "serveEventListeners", "metadata", "insertionIndex",
    "$schema",
)  # fmt: skip
DEFAULT_PRIORITY: Final = 5
_STARTED: Final = "Started"


def translate_mapping(
    mapping: Mapping[str, Any], at: At, notes: Notes, bodies: Bodies, *, everywhere: bool = False
) -> dict[str, Any]:
    """The native definition; what it cannot say goes to ``notes``. ``everywhere`` if every stub has
    templates."""
    notes.unknown(dict(mapping), KEYS, at, "a mapping")
    made: dict[str, Any] = {}
    stub_id = mapping.get("id") or mapping.get("uuid") or mapping.get("name")
    if isinstance(stub_id, str) and stub_id.strip():
        made["id"] = "".join(char if char.isprintable() else " " for char in stub_id.strip())[:200]
    priority = mapping.get("priority")
    if (
        isinstance(priority, int)
        and not isinstance(priority, bool)
        and priority != DEFAULT_PRIORITY
    ):
        made["priority"] = priority
    request, complete = translate_request(mapping.get("request", {}), (*at, "request"), notes)
    if not complete:
        made["enabled"] = False
    made["request"] = request
    scenario = _scenario(mapping, at, notes)
    if scenario:
        made["scenario"] = scenario
    made["response"] = translate_response(
        mapping.get("response"), (*at, "response"), notes, bodies, everywhere=everywhere
    )
    webhooks = translate_actions(mapping, made["response"], at, notes)
    if len(webhooks) == 1:
        made["webhook"] = webhooks[0]
    elif webhooks:
        made["webhooks"] = webhooks[:10]
    return made


def _scenario(mapping: Mapping[str, Any], at: At, notes: Notes) -> dict[str, str]:
    name = mapping.get("scenarioName")
    when, then = mapping.get("requiredScenarioState"), mapping.get("newScenarioState")
    if not isinstance(name, str) or not name:
        if when or then:
            notes.add("scenario", "states without `scenarioName` mean nothing", at)
        return {}
    made = {"name": name[:200]}
    for key, state in (("when", when), ("then", then)):
        if isinstance(state, str) and state:
            made[key] = "started" if state == _STARTED else state[:200]
    return made
