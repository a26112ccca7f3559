"""How bodies, messages and scripts stand in a recorded stub: such that the same comes out of it again."""

from __future__ import annotations

from typing import Any, Final

import msgspec

_TEMPLATE: Final = ("{{", "{%", "{#")


def looks_templated(text: str) -> bool:
    """Whether a stub would take ``text`` for a template."""
    return any(mark in text for mark in _TEMPLATE)


def is_written_the_same(body: bytes) -> bool:
    """Whether the value in ``body`` is written with the same bytes again, as stubs write it."""
    try:
        value = msgspec.json.decode(body)
        return msgspec.json.encode(value) == body and _is_plain(value)
    except (msgspec.DecodeError, RecursionError):
        return False


def _is_plain(value: Any) -> bool:
    """Whether YAML keeps ``value`` as it is: no number that is not whole, no text with control characters."""
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return value.isprintable()
    return not isinstance(value, float)


def without_waits(steps: list[Any]) -> list[Any]:
    """The steps of a script without their times: the same for recordings that differ in nothing else."""
    return [
        {key: value for key, value in step.items() if key != "after"}
        if isinstance(step, dict)
        else step
        for step in steps
    ]
