"""One run of a script, without any waiting of its own: it says what to do next and is told what came of it.

``next`` gives an :data:`Action`. After a :class:`Receive` the caller reports with ``deliver``, ``timed_out``
or ``hung_up`` before it asks again; after anything else it just asks again, until :class:`Finish`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from mockforge.mocking.scripts.errors import RunError
from mockforge.mocking.scripts.program import (
    Assign,
    Branch,
    Ending,
    Expect,
    Leave,
    Loop,
    Program,
    Send,
    Step,
    Wait,
)
from mockforge.mocking.scripts.scope import Scope

MAX_SILENT: Final = 10_000
"""Steps in a row that neither send nor wait, after which a run is stopped: it would spin."""


class Emit(NamedTuple):
    """Send ``payload``."""

    payload: Any


class Pause(NamedTuple):
    """Wait ``seconds``."""

    seconds: float


class Receive(NamedTuple):
    """Wait for a message, ``within`` so many seconds (``None``: as long as it takes)."""

    within: float | None


class Finish(NamedTuple):
    """The run is over; the last action."""

    kind: Ending
    payload: Any = None


Action = Emit | Pause | Receive | Finish


class _Frame:
    """A program under way. ``left`` turns of it come after this one, without end if it is ``None``; ``loop``
    is whether it is the body of a loop."""

    __slots__ = ("at", "every", "index", "left", "loop", "steps")

    def __init__(
        self,
        program: Program,
        index: int,
        left: int | None = 0,
        every: Any = None,
        *,
        loop: bool = False,
    ) -> None:
        self.steps = program.steps
        self.at = 0
        self.index = index
        self.left = left
        self.every = every
        self.loop = loop


class Run:
    """``scope`` is what its templates see; it belongs to this run alone."""

    __slots__ = ("_expecting", "_frames", "_silent", "scope")

    def __init__(self, program: Program, scope: Scope) -> None:
        self.scope = scope
        self._frames = [_Frame(program, 0)]
        self._expecting: Expect | None = None
        self._silent = 0

    def next(self) -> Action:
        """What to do now. RunError: the script spins or keeps too much; whatever a template raises comes
        through as well."""
        if self._expecting is not None:
            raise RuntimeError("a message is expected: say what came of that first")
        while self._frames:
            self._silent += 1
            if self._silent > MAX_SILENT:
                raise RunError(
                    f"{MAX_SILENT} steps in a row neither sent nor waited",
                    hint="put a `wait` into the loop",
                )
            frame = self._frames[-1]
            if frame.at == len(frame.steps):
                action = self._turn(frame)
            else:
                step = frame.steps[frame.at]
                frame.at += 1
                action = self._do(step, frame)
            if action is not None:
                if not isinstance(action, Pause) or action.seconds > 0:
                    self._silent = 0
                return action
        return Finish("end")

    def deliver(self, message: Any, shown: Any = None) -> bool:
        """A message came; whether it is the one that was expected. If not, the run goes on waiting. ``shown``
        is what templates see as ``message``; default: the message itself."""
        expecting = self._expecting
        if expecting is None or not expecting.accepts(message):
            return False
        self._expecting = None
        self.scope.received = message
        self.scope.message = message if shown is None else shown
        return True

    def timed_out(self) -> None:
        """What was expected did not come in time. RunError where the script does not say what then."""
        expecting, self._expecting = self._expecting, None
        if expecting is None:
            return
        if expecting.otherwise is None:
            raise RunError(f"no message came that {expecting.says}")
        self._frames.append(_Frame(expecting.otherwise, self.scope.index))

    @property
    def accepts(self) -> Callable[[Any], bool] | None:
        """What the message that is expected has to pass; ``None`` where none is expected."""
        return None if self._expecting is None else self._expecting.accepts

    def dried_up(self) -> None:
        """No more messages come, but the other side still listens: a loop that expects one is over, and what
        follows it is next. Outside of a loop that is like :meth:`timed_out`."""
        depth = next(
            (at for at in range(len(self._frames) - 1, -1, -1) if self._frames[at].loop), None
        )
        expecting = self._expecting
        if depth is None or (expecting is not None and expecting.otherwise is not None):
            self.timed_out()
            return
        self._expecting = None
        del self._frames[depth:]
        if self._frames:
            self.scope.index = self._frames[-1].index

    def hung_up(self) -> None:
        """The other side has gone: nothing is left to do."""
        self._expecting = None
        self._frames.clear()

    def _turn(self, frame: _Frame) -> Action | None:
        """The end of a program: another turn of it, or back to what it was in."""
        if frame.left == 0:
            self._frames.pop()
            if self._frames:
                self.scope.index = self._frames[-1].index
            return None
        if frame.left is not None:
            frame.left -= 1
        frame.at = 0
        frame.index += 1
        self.scope.index = frame.index
        return None if frame.every is None else Pause(frame.every(self.scope))

    def _do(self, step: Step, frame: _Frame) -> Action | None:
        scope = self.scope
        match step:
            case Send(payload):
                return Emit(payload(scope))
            case Wait(seconds):
                return Pause(seconds(scope))
            case Expect():
                self._expecting = step
                return Receive(None if step.within is None else step.within(scope))
            case Assign(name, value):
                scope.assign(name, value(scope))
            case Loop(body, times, every):
                count = None if times is None else times(scope)
                if count != 0:
                    left = None if count is None else count - 1
                    self._frames.append(_Frame(body, 0, left, every, loop=True))
                    scope.index = 0
            case Branch(cases):
                for case in cases:
                    if case.holds is None or case.holds(scope):
                        self._frames.append(_Frame(case.body, frame.index))
                        break
            case Leave(kind, payload):
                self._frames.clear()
                return Finish(kind, None if payload is None else payload(scope))
        return None
