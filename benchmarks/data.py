"""What a generated value costs: ``python -m benchmarks.data``.

An object of ten usual fields, made again and again in this process; without JSON encoding. The
threshold is in calls of a fixed piece of Python, so that it holds on slow and busy machines alike.
"""

from __future__ import annotations

import timeit
from collections.abc import Sequence
from random import Random
from typing import Any

from mockforge.mocking.data import SchemaStore, compile_generator

from .command import conclude, options
from .verdicts import Report

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 18, "maximum": 99},
        "status": {"enum": ["available", "pending", "sold"]},
        "createdAt": {"type": "string", "format": "date-time"},
        "address": {
            "type": "object",
            "properties": {
                "street": {"type": "string"},
                "city": {"type": "string"},
                "zip": {"type": "string"},
            },
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "price": {"type": "number"},
        "active": {"type": "boolean"},
    },
}
CALLS = 5_000
UNITS = 2.5
"""Most units (:func:`unit`) that a value may cost."""


def unit() -> int:
    """A fixed piece of work for the interpreter."""
    return sum(range(1000))


def best(call: Any) -> float:
    """Microseconds per call, the best of several rounds."""
    return min(timeit.repeat(call, number=CALLS, repeat=7)) / CALLS * 1e6


def measured(report: Report) -> None:
    """Measure and judge."""
    rng = Random(1)  # noqa: S311  (data, not secrets)
    store = SchemaStore({"urn:data": SCHEMA})
    made = compile_generator(SCHEMA, "urn:data", resolver=store, dialect="2020-12", name="User")
    step = best(unit)
    value = best(lambda: made.generate(rng))
    report.figure("unit_us", step, f"the unit                {step:6.1f} us")
    report.figure("value_us", value, f"an object of ten fields {value:6.1f} us")
    report.verdict(
        f"a value costs at most {UNITS:g} units",
        holds=value <= UNITS * step,
        measured=f"{value / step:.2f}",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    return conclude(options("data", __doc__).parse_args(arguments), measured)


if __name__ == "__main__":
    raise SystemExit(main())
