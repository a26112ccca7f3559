"""From ``script:`` as a stub says it to a :class:`~mockforge.mocking.scripts.program.Program`.

Each step is a mapping with one verb and what goes with it (``send: hello``, ``after: 500ms``), or the verb
alone (``end``). Everything that can be wrong with a script is said here, with the key path.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple

from mockforge.mocking.scripts.errors import RunError, ScriptError
from mockforge.mocking.scripts.program import (
    Assign,
    Branch,
    Case,
    Ending,
    Expect,
    Leave,
    Loop,
    Made,
    Program,
    Send,
    Step,
    Wait,
)
from mockforge.mocking.scripts.scope import MAX_VARIABLES, Scope
from mockforge.nearest import nearest
from mockforge.structured import Part

Path = tuple[Part, ...]

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "send": frozenset({"after"}),
    "wait": frozenset(),
    "expect": frozenset({"within", "else"}),
    "repeat": frozenset({"do", "every"}),
    "forever": frozenset({"every"}),
    "branch": frozenset(),
    "set": frozenset(),
    "close": frozenset({"after"}),
    "end": frozenset({"after"}),
    "error": frozenset({"after"}),
    "disconnect": frozenset({"after"}),
}
"""Every verb, and the keys that may stand next to it."""

_BESIDE_OWN: Final = frozenset({"after"})

_ENDINGS: Final[Mapping[str, Ending]] = {
    "close": "close",
    "end": "end",
    "error": "error",
    "disconnect": "disconnect",
}
_COUNT: Final = re.compile(r"\s*-?[0-9]{1,12}\s*")
_CASE: Final = frozenset({"when", "if", "do"})
MAX_TURNS: Final = 1_000_000_000
"""Most turns of a ``repeat``; more is a ``forever``."""


class ScriptLimits(NamedTuple):
    """What one script may hold: ``steps`` in all, and how deep they may lie in each other."""

    steps: int = 10_000
    depth: int = 16


class Vocabulary(ABC):
    """What a protocol brings. ``verbs`` are those of :data:`ALLOWED` that make sense for it, and its own:
    ``own_verbs``, each a step that hands what :meth:`payload` makes to the protocol, as ``send`` does.
    ``where`` says what it is in messages (``an HTTP stream``). Each method raises ScriptError for what it
    cannot use."""

    verbs: ClassVar[frozenset[str]]
    own_verbs: ClassVar[frozenset[str]] = frozenset()
    where: ClassVar[str]

    @abstractmethod
    def payload(self, verb: str, value: Any, path: Path) -> Made | None:
        """What ``send``, ``close``, ``end``, ``error``, ``disconnect`` and verbs of its own hand to the
        protocol. ``value`` is ``None`` where the verb stands alone."""

    @abstractmethod
    def value(self, value: Any, path: Path) -> Made:
        """A value whose texts may be templates."""

    @abstractmethod
    def delay(self, spec: Any, path: Path) -> Made:
        """A time, in seconds when it is made."""

    def condition(self, spec: Any, path: Path) -> Callable[[Any], bool]:
        """A test of messages. Asked only by protocols that have ``expect``."""
        raise ScriptError(f"{self.where} receives nothing", path)


def compile_script(
    spec: Any, vocabulary: Vocabulary, *, path: Path = (), limits: ScriptLimits | None = None
) -> Program:
    """The program for ``spec``, a list of steps. ScriptError for the first thing that is wrong."""
    return _Compiler(vocabulary, limits or ScriptLimits()).program(spec, path, 0)


class _Compiler:
    def __init__(self, vocabulary: Vocabulary, limits: ScriptLimits) -> None:
        self._vocabulary = vocabulary
        self._limits = limits
        self._steps = 0
        self._names: set[str] = set()

    def program(self, spec: Any, path: Path, depth: int) -> Program:
        if not isinstance(spec, Sequence) or isinstance(spec, str):
            raise ScriptError("expected a list of steps", path)
        if depth > self._limits.depth:
            raise ScriptError(f"steps lie deeper than {self._limits.depth} in each other", path)
        steps: list[Step] = []
        for number, item in enumerate(spec):
            self._steps += 1
            if self._steps > self._limits.steps:
                raise ScriptError(f"the script has more than {self._limits.steps} steps", path)
            steps += self._step(item, (*path, number), depth)
        return Program(tuple(steps))

    def _step(self, item: Any, path: Path, depth: int) -> list[Step]:
        verb, value, rest = self._verb(item, path)
        before: list[Step] = []
        if "after" in rest:
            before = [Wait(self._vocabulary.delay(rest["after"], (*path, "after")))]
        at = (*path, verb) if isinstance(item, Mapping) else path
        if verb in _ENDINGS:
            if value is True:  # `end: true`
                value = None
            made = self._vocabulary.payload(verb, value, at)
            return [*before, Leave(_ENDINGS[verb], made)]
        step: Step
        if verb == "send" or verb in self._vocabulary.own_verbs:
            made = self._vocabulary.payload(verb, value, at)
            if made is None:
                raise ScriptError(f"there is nothing to {verb}", at)
            step = Send(made)
        elif verb == "wait":
            step = Wait(self._vocabulary.delay(value, at))
        elif verb == "set":
            return self._assignments(value, at)
        elif verb == "expect":
            step = self._expect(value, rest, path, depth)
        elif verb == "branch":
            step = self._branch(value, at, depth)
        else:
            step = self._loop(verb, value, rest, path, depth)
        return [*before, step]

    def _verb(self, item: Any, path: Path) -> tuple[str, Any, Mapping[str, Any]]:
        if isinstance(item, str):
            item = {item: None}
        if not isinstance(item, Mapping) or not item:
            raise ScriptError("expected a step such as `send: hello` or `wait: 500ms`", path)
        own = self._vocabulary.own_verbs
        known = self._vocabulary.verbs | own
        verbs = [key for key in item if key in ALLOWED or key in own]
        if not verbs:
            odd = next(iter(item))
            near = nearest(odd, known)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(known))}"
            raise ScriptError(f"{odd!r} is no step", (*path, odd), hint)
        verb = verbs[0]
        if len(verbs) > 1:
            raise ScriptError(
                f"one step says both {verb!r} and {verbs[1]!r}", path, "make it two steps"
            )
        if verb not in known:
            raise ScriptError(
                f"{self._vocabulary.where} has no {verb!r}",
                (*path, verb),
                f"there are {', '.join(sorted(known))}",
            )
        rest = {key: value for key, value in item.items() if key != verb}
        for key in rest:
            beside = ALLOWED.get(verb, _BESIDE_OWN)
            if key not in beside:
                allowed = ", ".join(sorted(beside)) or "nothing"
                raise ScriptError(
                    f"{key!r} does not go with {verb!r}", (*path, key), f"{allowed} does"
                )
        return verb, item[verb], rest

    def _assignments(self, value: Any, path: Path) -> list[Step]:
        if not isinstance(value, Mapping) or not value:
            raise ScriptError("expected names with values", path)
        for name in value:
            if not name.isidentifier():
                raise ScriptError(f"{name!r} cannot be the name of a variable", (*path, name))
            self._names.add(name)
        if len(self._names) > MAX_VARIABLES:
            raise ScriptError(f"the script sets more than {MAX_VARIABLES} variables", path)
        return [
            Assign(name, self._vocabulary.value(each, (*path, name)))
            for name, each in value.items()
        ]

    def _expect(self, value: Any, rest: Mapping[str, Any], path: Path, depth: int) -> Step:
        if value is None or value == {}:
            accepts: Callable[[Any], bool] = _anything
            says = "was any message at all"
        else:
            accepts = self._vocabulary.condition(value, (*path, "expect"))
            says = f"fits {value!r}"[:200]
        within = None
        if "within" in rest:
            within = self._vocabulary.delay(rest["within"], (*path, "within"))
        otherwise = None
        if "else" in rest:
            if within is None:
                raise ScriptError(
                    "`else` is for when the time is up, and there is no `within`", (*path, "else")
                )
            otherwise = self.program(rest["else"], (*path, "else"), depth + 1)
        return Expect(accepts, within, otherwise, says)

    def _branch(self, value: Any, path: Path, depth: int) -> Step:
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise ScriptError("expected a list of cases, each with `do`", path)
        cases: list[Case] = []
        for number, item in enumerate(value):
            at = (*path, number)
            if not isinstance(item, Mapping) or "do" not in item:
                raise ScriptError("expected a case with `do`, and `when` or `if`", at)
            for key in item:
                if key not in _CASE:
                    raise ScriptError(f"{key!r} is no part of a case", (*at, key))
            body = self.program(item["do"], (*at, "do"), depth + 1)
            cases.append(Case(self._holds(item, at), body))
            if cases[-1].holds is None and number < len(value) - 1:
                raise ScriptError(
                    "the cases after one without `when` or `if` are never reached", at
                )
        return Branch(tuple(cases))

    def _holds(self, item: Mapping[str, Any], path: Path) -> Made | None:
        tests: list[Made] = []
        if "when" in item:
            accepts = self._vocabulary.condition(item["when"], (*path, "when"))
            tests.append(lambda scope: scope.received is not None and accepts(scope.received))
        if "if" in item:
            made = self._vocabulary.value(item["if"], (*path, "if"))
            tests.append(lambda scope: _truth(made(scope)))
        if not tests:
            return None
        return lambda scope: all(test(scope) for test in tests)

    def _loop(self, verb: str, value: Any, rest: Mapping[str, Any], path: Path, depth: int) -> Step:
        every = None
        if "every" in rest:
            every = self._vocabulary.delay(rest["every"], (*path, "every"))
        if verb == "forever":
            body = self.program(value, (*path, "forever"), depth + 1)
            if every is None and not _breathes(body):
                raise ScriptError(
                    "this would spin: nothing in it sends, waits or ends",
                    (*path, "forever"),
                    "say `every: 1s`, or put a `wait` into it",
                )
            return Loop(body, None, every)
        if "do" not in rest:
            raise ScriptError("`repeat` says how often; what to repeat goes into `do`", path)
        body = self.program(rest["do"], (*path, "do"), depth + 1)
        return Loop(body, self._times(value, (*path, "repeat")), every)

    def _times(self, value: Any, path: Path) -> Made:
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 <= value <= MAX_TURNS:
                raise ScriptError(f"expected a number from 0 to {MAX_TURNS}", path)
            return lambda _: value
        if not isinstance(value, str):
            raise ScriptError("expected how often: a number, or a template that gives one", path)
        made = self._vocabulary.value(value, path)

        def times(scope: Scope) -> int:
            count = made(scope)
            if isinstance(count, str) and _COUNT.fullmatch(count):
                count = int(count)
            if not isinstance(count, int | float) or count != count:
                raise RunError(f"`repeat` came to {str(count)[:40]!r}, which is no number")
            return int(min(max(count, 0), MAX_TURNS))

        return times


def _breathes(program: Program) -> bool:
    """Whether a turn of ``program`` may send, wait or end."""
    for step in program.steps:
        if isinstance(step, Send | Wait | Expect | Leave):
            return True
        if isinstance(step, Loop) and (step.every is not None or _breathes(step.body)):
            return True
        if isinstance(step, Branch) and any(_breathes(case.body) for case in step.cases):
            return True
    return False


def _truth(value: Any) -> bool:
    """Whether a condition holds; the words that templates print for no count as no."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "false", "0", "none", "null", "undefined")
    return bool(value)


def _anything(_: Any) -> bool:
    return True
