"""``discriminator`` beside ``oneOf`` or ``anyOf``: the property decides which branch is meant.

The specification says that a discriminator does not change the outcome (OpenAPI 3.1.1 section 4.8.25).
Where the property's value names exactly one branch, the value is checked against that branch alone: a value
that fits two branches is not refused for it, and what is wrong is said of the branch that was meant. A value
that names no branch is checked as if there were no discriminator.
"""

from __future__ import annotations

from typing import Any

from mockforge.mocking.data.discriminator import branch_labels


def decided_by_property(plain: dict[str, Any], made: dict[str, Any]) -> None:
    """Rewrite the ``oneOf`` or ``anyOf`` in ``made``, the converted form of ``plain``."""
    discriminator = plain.get("discriminator")
    keyword = next((word for word in ("oneOf", "anyOf") if word in plain), None)
    if discriminator is None or keyword is None:
        return
    owners: dict[str, list[int]] = {}
    for position, label in enumerate(branch_labels(discriminator, plain[keyword])):
        for value in label[1] if label is not None else ():
            owners.setdefault(value, []).append(position)
    named = {value: places[0] for value, places in owners.items() if len(places) == 1}
    if not named:
        return
    name = discriminator["propertyName"]
    branches = made.pop(keyword)
    chosen = [
        {"if": _has(name, [value]), "then": branches[position]} for value, position in named.items()
    ]
    decided = {
        "if": _has(name, list(named)),
        "then": {"allOf": chosen},
        "else": {keyword: branches},
    }
    made["allOf"] = [*made.get("allOf", ()), decided]


def _has(name: str, values: list[str]) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"enum": values}}}
