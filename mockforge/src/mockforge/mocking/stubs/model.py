"""One stub, compiled: what it asks for, what it does, and how often it did.

There may be 100,000 of them, so it holds little: the definition as compact JSON, its place as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Generic, NamedTuple, Protocol

from mockforge.errors import Place
from mockforge.mocking.routing import PathTemplate
from mockforge.mocking.stubs.criteria import Criterion, F
from mockforge.mocking.stubs.paths import StubPath, plain_path

DEFAULT_PRIORITY: Final = 5


class States(Protocol):
    """Where scenarios stand; :class:`mockforge.mocking.state.Scenarios` is one."""

    def state(self, name: str) -> str:
        """The state of scenario ``name``."""

    def set(self, name: str, state: str) -> None:
        """Put scenario ``name`` into ``state``."""


class ScenarioStep(NamedTuple):
    """The stub answers only while scenario ``name`` is in state ``when`` (``None``: in any), and then puts
    it into ``then`` (``None``: leaves it)."""

    name: str
    when: str | None = None
    then: str | None = None


class Compiled(Generic[F]):
    """What a protocol makes of a definition. ``methods`` empty means any; ``path`` see
    :data:`~mockforge.mocking.stubs.paths.StubPath`; ``action`` is the protocol's own object."""

    __slots__ = ("action", "criteria", "methods", "path")

    def __init__(
        self,
        *,
        methods: Iterable[str] = (),
        path: StubPath = None,
        criteria: Iterable[Criterion[F]] = (),
        action: Any = None,
    ) -> None:
        self.methods = tuple(methods)
        if isinstance(path, PathTemplate) and path.is_literal:
            path = plain_path(path.path)
        self.path = path
        self.criteria = tuple(sorted(criteria, key=lambda criterion: criterion.cost))
        self.action = action


class Stub(Generic[F]):
    """A stub as it serves.

    ``protocol`` is its compiler's, ``file``, ``line`` and ``column`` say where it is written (``None`` if
    it was put at run time), ``number`` is its index in a file that holds a list. ``serial`` counts up: of
    two stubs the newer has the larger. ``matched`` counts its answers, ``times_left`` what is left of
    ``times`` (``None``: no limit).
    """

    __slots__ = (
        "_definition",
        "action",
        "column",
        "criteria",
        "enabled",
        "file",
        "id",
        "line",
        "matched",
        "methods",
        "number",
        "path",
        "priority",
        "protocol",
        "scenario",
        "serial",
        "tags",
        "times",
        "times_left",
    )

    def __init__(
        self,
        stub_id: str,
        definition: str,
        compiled: Compiled[F],
        *,
        protocol: str,
        priority: int = DEFAULT_PRIORITY,
        enabled: bool = True,
        tags: tuple[str, ...] = (),
        times: int | None = None,
        scenario: ScenarioStep | None = None,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        number: int | None = None,
        serial: int = 0,
    ) -> None:
        self.id = stub_id
        self._definition = definition
        self.methods = compiled.methods
        self.path = compiled.path
        self.criteria = compiled.criteria
        self.action = compiled.action
        self.protocol = protocol
        self.priority = priority
        self.enabled = enabled
        self.tags = tags
        self.times = times
        self.times_left = times
        self.scenario = scenario
        self.file = file
        self.line = line
        self.column = column
        self.number = number
        self.serial = serial
        self.matched = 0

    @property
    def definition(self) -> dict[str, Any]:
        """The stub as written; a copy of one's own each time."""
        made: dict[str, Any] = json.loads(self._definition)
        return made

    @property
    def size(self) -> int:
        """Characters of the definition that is kept."""
        return len(self._definition)

    @property
    def place(self) -> Place:
        """Where it is written."""
        path = None if self.number is None else f"[{self.number}]"
        return Place(self.file, self.line, self.column, path)

    def parameters(self, values: tuple[str, ...]) -> Mapping[str, str]:
        """The values of the path's parameters by name."""
        path = self.path
        return dict(zip(path.names, values, strict=True)) if isinstance(path, PathTemplate) else {}

    # ---------------------------------------------------------------- a lane of its own, see index.py

    def pick(self, method: str, facts: F, states: States | None) -> Stub[F] | None:
        """This stub if it answers a request on its path, else ``None``."""
        if self.methods and method not in self.methods:
            return None
        for criterion in self.criteria:
            if not criterion.matches(facts):
                return None
        if self.times_left == 0:
            return None
        scenario = self.scenario
        if (
            scenario is not None
            and scenario.when is not None
            and states is not None
            and states.state(scenario.name) != scenario.when
        ):
            return None
        return self

    def __iter__(self) -> Iterator[Stub[F]]:
        yield self

    def likely(self, method: str, facts: F) -> Iterator[Stub[F]]:
        """This stub."""
        yield self

    def take(self, states: States | None) -> None:
        """Count an answer: one of its ``times`` is used, its scenario moves on."""
        self.matched += 1
        if self.times_left is not None:
            self.times_left -= 1
        if self.scenario is not None and self.scenario.then is not None and states is not None:
            states.set(self.scenario.name, self.scenario.then)

    def renew(self) -> None:
        """Start counting again."""
        self.matched = 0
        self.times_left = self.times

    def __repr__(self) -> str:
        return f"<Stub {self.id}>"
