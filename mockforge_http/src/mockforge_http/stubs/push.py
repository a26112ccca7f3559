"""``push:`` of stubs: messages to clients of another protocol, sent once the answer is out.

Whom a message is for is read here; the message itself is compiled by the server that is to send it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from mockforge.contracts import ProtocolServer, Target
from mockforge.errors import MockForgeError
from mockforge.mocking.faults import Delay, compile_delay
from mockforge.mocking.scripts import Made, Scope
from mockforge.structured import Part
from mockforge_http.stubs.kit import Kit

if TYPE_CHECKING:
    from mockforge.mocking.stubs import StubSource
    from mockforge_http.stubs.turn import Turn

Path = tuple[Part, ...]
TargetKind = Literal["path", "room"]

KEYS: Final = ("send", "after", "template")
TARGETS: Final[tuple[TargetKind, ...]] = ("path", "room")
PROTOCOLS: Final = ("websocket",)
"""Those that are known by name, also where there is no server for them."""
MOST: Final = 10
"""Pushes of one stub."""


class Pushed(NamedTuple):
    """A message to push: by which server (its name), to whom, what, and after how many seconds."""

    server: str
    target: Target
    message: Any
    delay: float


class Push(NamedTuple):
    """A compiled ``push``; ``server`` is the name of the one that is to send it. Texts may be templates."""

    server: str
    kind: TargetKind
    name: Made
    message: Made
    delay: Delay | None

    def make(self, turn: Turn, number: int = 0) -> Pushed:
        """The message for one answer; ``number`` tells the pushes of a stub apart. MockForgeError."""
        chance = turn.lasting_chance(f"push {number}")
        scope = Scope(turn.context, chance)
        target = Target(self.kind, str(self.name(scope)))
        seconds = 0.0 if self.delay is None else self.delay.sample(chance)
        return Pushed(self.server, target, self.message(scope), seconds)


class PushCompiler:
    """Reads ``push:``, one or a list of them; what is wrong goes to ``source``. Their texts are templates
    unless they say ``template: false``."""

    def __init__(self, source: StubSource, kit: Kit) -> None:
        self._source = source
        self._kit = kit

    def compile(self) -> list[Push]:
        """All pushes of the stub."""
        spec = self._source.definition.get("push")
        if spec is None:
            return []
        if not isinstance(spec, list):
            one = self._one(spec, ("push",))
            return [] if one is None else [one]
        if len(spec) > MOST:
            self._source.problem(f"must be a list of at most {MOST} pushes", ("push",))
            return []
        found = [self._one(item, ("push", number)) for number, item in enumerate(spec)]
        return [push for push in found if push is not None]

    def _one(self, spec: Any, path: Path) -> Push | None:
        source = self._source
        before = len(source.problems)
        servers = {cls.push_key: cls for cls in self._kit.servers() if cls.push_key is not None}
        protocols = tuple(dict.fromkeys((*PROTOCOLS, *servers)))
        given = source.mapping(spec, path, (*protocols, *KEYS))
        named = [protocol for protocol in protocols if protocol in given]
        if len(named) != 1:
            if len(source.problems) == before:
                source.problem(
                    f"says {' and '.join(named)}: one of them is enough"
                    if named
                    else "does not say whom it is for",
                    path,
                    hint="`push: {websocket: {path: /chat}, send: hello}`, or `room` in place of `path`",
                )
            return None
        templated = given.get("template", True)
        if not isinstance(templated, bool):
            source.problem("must be true or false", (*path, "template"))
            return None
        protocol = named[0]
        target = self._target(given[protocol], (*path, protocol), templated)
        if "send" not in given:
            source.problem("there is no `send`: nothing is pushed", path)
        delay = None
        if given.get("after") is not None:
            at = (*path, "after")
            delay = source.attempt(partial(compile_delay, given["after"], at), at)
        server = servers.get(protocol)
        if server is None:
            source.warn(
                "stub.push-unheard",
                f"it will reach nobody: there is no {protocol} server",
                path,
                hint="install it, or see --only and --without",
            )
            return None
        if target is None or len(source.problems) > before:
            return None
        message = self._message(server, given["send"], (*path, "send"), templated)
        return None if message is None else Push(server.name, *target, message, delay)

    def _target(self, spec: Any, path: Path, templated: bool) -> tuple[TargetKind, Made] | None:
        before = len(self._source.problems)
        given: Mapping[str, Any] = self._source.mapping(spec, path, TARGETS)
        kinds = [kind for kind in TARGETS if kind in given]
        if len(kinds) != 1:
            if len(self._source.problems) == before:
                self._source.problem("must have either `path` or `room`", path)
            return None
        kind = kinds[0]
        name, at = given[kind], (*path, kind)
        if not isinstance(name, str) or not name:
            self._source.problem("must be text", at)
            return None
        compile_text = partial(self._kit.script_text, self._source, templated, name, at)
        made = self._source.attempt(compile_text, at)
        return None if made is None else (kind, made)

    def _message(
        self, server: type[ProtocolServer], spec: Any, path: Path, templated: bool
    ) -> Made | None:
        kit, source = self._kit, self._source
        try:
            return server.compile_message(
                spec,
                path,
                partial(kit.script_value, source, templated),
                partial(kit.script_text, source, templated),
            )
        except MockForgeError as error:
            source.take(error, path)
            return None
