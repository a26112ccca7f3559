"""A vocabulary without templates: payloads are sent as written, texts with a ``$`` name variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockforge.mocking.data.chance import Dice
from mockforge.mocking.scripts import Made, Run, Scope, ScriptError, Vocabulary, compile_script
from mockforge.mocking.scripts.compile import ALLOWED, Path


class Plain(Vocabulary):
    """Everything there is; delays are numbers of seconds, conditions are equality."""

    verbs = frozenset(ALLOWED)
    where = "a plain stream"

    def payload(self, verb: str, value: Any, path: Path) -> Made | None:
        return None if value is None else self.value(value, path)

    def value(self, value: Any, path: Path) -> Made:
        if isinstance(value, str) and value.startswith("$"):
            name = value[1:]
            return lambda scope: scope.context().get(name, scope.variables.get(name))
        if isinstance(value, str) and value.startswith("+"):
            name = value[1:]
            return lambda scope: scope.variables[name] + 1
        return lambda _: value

    def delay(self, spec: Any, path: Path) -> Made:
        if not isinstance(spec, int | float):
            raise ScriptError("expected seconds", path)
        return lambda _: float(spec)

    def condition(self, spec: Any, path: Path) -> Callable[[Any], bool]:
        return lambda message: bool(message == spec)


class OneWay(Plain):
    """What only goes out."""

    verbs = frozenset(ALLOWED) - {"expect", "close"}
    where = "a one-way stream"


def run_of(script: Any, base: dict[str, Any] | None = None) -> Run:
    """A run of ``script``."""
    return Run(compile_script(script, Plain()), Scope(base or {}, Dice(1)))
