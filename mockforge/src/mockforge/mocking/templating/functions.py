"""The functions of templates that are no chance: time, fixtures, JSONPath, and a few of Jinja's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from mockforge.mocking.templating.chances import Chances
from mockforge.mocking.templating.faker import faker_functions
from mockforge.mocking.templating.helpers import whole_number
from mockforge.mocking.templating.limits import MAX_ITEMS
from mockforge.mocking.templating.methods import method_function
from mockforge.mocking.templating.moments import Moment
from mockforge.mocking.templating.runtime import RefusedError, Run, checked


def builtin_functions(
    run: Run, clock: Callable[[], float], fixture: Callable[[str], Any] | None
) -> dict[str, Callable[..., Any]]:
    """The functions by name."""

    def now(offset: Any = None, form: Any = None, zone: str = "") -> Any:
        moment = Moment(datetime.fromtimestamp(run.now(clock), UTC))
        if offset is not None:
            moment = moment.shifted(offset, 1)
        return moment.written(form or "", zone) if form is not None or zone else moment

    def load_fixture(path: Any) -> Any:
        if fixture is None:
            raise RefusedError("there is no fixture folder", "set http.fixtures (--fixtures)")
        return fixture(str(path))

    def numbers(start: Any, stop: Any = None, step: Any = 1) -> list[int]:
        first, last = (0, start) if stop is None else (start, stop)
        by = whole_number(step, "the step of range")
        if not by:
            raise RefusedError("the step of range cannot be 0")
        found = range(
            whole_number(first, "the start of range"), whole_number(last, "the end of range"), by
        )
        # Not len(), which does not take more than 64 bits.
        if abs(found.stop - found.start) // abs(by) > MAX_ITEMS:
            raise RefusedError(f"range gives at most {MAX_ITEMS} numbers")
        return list(found)

    return {
        "now": now,
        "fixture": checked(run, load_fixture),
        "jsonPath": checked(run, json_path),
        "range": checked(run, numbers),
        "dict": checked(run, lambda **values: values),
        "namespace": _native,
        **Chances(run).table(),
        **faker_functions(run),
    }


def _native(**values: Any) -> Any:
    raise AssertionError("called by the engine only")


def json_path(value: Any, path: Any, default: Any = None) -> Any:
    """What ``path`` leads to in ``value``, or in JSON text: the value there, or ``default``; a list where the
    path may lead to several."""
    from mockforge.mocking.matching.jsonpath import JsonPathError, compile_jsonpath

    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return default
    try:
        compiled = compile_jsonpath(str(path))
    except JsonPathError as error:
        raise RefusedError(f"{str(path)[:60]!r} is no JSONPath: {error}") from error
    found = compiled.find(value)
    if not compiled.definite:
        return found
    return found[0] if found else default


def engine_functions(run: Run) -> dict[str, Callable[..., Any]]:
    """What translations call besides functions, filters and tests: methods, the counting of rounds, notes of
    the place."""

    def note(number: int) -> None:
        run.at = number

    def turn(length: int) -> str:
        run.spend(length)
        run.in_time()
        return ""

    return {"__at": note, "__round": turn, "__call": method_function(run)}
