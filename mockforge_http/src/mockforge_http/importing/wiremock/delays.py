"""Delays: fixed, by a distribution, dribbled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..notes import At, Notes

LONGEST: Final = 86_400_000
"""Milliseconds; longer delays are cut to it."""
MOST_CHUNKS: Final = 10_000


def milliseconds(value: Any, at: At, notes: Notes) -> str | None:
    """A duration in the native spelling, ``None`` where ``value`` is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        notes.add("delay", f"{value!r} is no number of milliseconds; there is no delay", at)
        return None
    return (
        f"{min(value, LONGEST):g}ms"
        if value < 1_000_000
        else f"{min(int(value), LONGEST) // 1000}s"
    )


def translate_delay(given: Mapping[str, Any], at: At, notes: Notes) -> Any:
    """The native delay of a response, ``None`` if there is none. Both kinds add up in WireMock; here the
    fixed one counts where they are given together."""
    fixed = given.get("fixedDelayMilliseconds")
    drawn = given.get("delayDistribution")
    if fixed is not None:
        if drawn is not None:
            notes.add(
                "delay", "the fixed delay counts, the other is left out", (*at, "delayDistribution")
            )
        return milliseconds(fixed, (*at, "fixedDelayMilliseconds"), notes)
    return None if drawn is None else distribution(drawn, (*at, "delayDistribution"), notes)


def distribution(given: Any, at: At, notes: Notes) -> Any:
    """The native delay for ``{type: uniform, lower, upper}``, ``{type: lognormal, median, sigma, maxValue}``
    and ``{type: fixed, milliseconds}``."""
    kind = given.get("type") if isinstance(given, Mapping) else None
    if kind == "fixed":
        return milliseconds(given.get("milliseconds"), (*at, "milliseconds"), notes)
    if kind == "uniform":
        lower = milliseconds(given.get("lower"), (*at, "lower"), notes)
        upper = milliseconds(given.get("upper"), (*at, "upper"), notes)
        if lower and upper and given["lower"] <= given["upper"]:
            return {"uniform": {"min": lower, "max": upper}}
    if kind == "lognormal":
        median = milliseconds(given.get("median"), (*at, "median"), notes)
        sigma = given.get("sigma")
        if median and isinstance(sigma, int | float) and not isinstance(sigma, bool):
            made: dict[str, Any] = {"median": median, "sigma": max(0, min(sigma, 10))}
            if given.get("maxValue") is not None:
                most = milliseconds(given["maxValue"], (*at, "maxValue"), notes)
                if most:
                    made["max"] = most
            return {"lognormal": made}
    notes.add("delay", "this is no delay that is known; there is none", at)
    return None


def dribble(given: Any, at: At, notes: Notes) -> Any:
    """The native fault that sends a body in pieces."""
    if given is None:
        return None
    chunks = given.get("numberOfChunks") if isinstance(given, Mapping) else None
    total = given.get("totalDuration") if isinstance(given, Mapping) else None
    over = milliseconds(total, (*at, "totalDuration"), notes)
    if not isinstance(chunks, int) or isinstance(chunks, bool) or chunks < 1 or over is None:
        notes.add("dribble", "this says nothing of chunks; the body comes at once", at)
        return None
    return {"dribble": {"chunks": min(chunks, MOST_CHUNKS), "over": over}}
