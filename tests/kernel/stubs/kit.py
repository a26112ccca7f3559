"""A small protocol for tests: requests have a method, a path, fields and a body of JSON."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from mockforge.explanations import CriterionResult, cut
from mockforge.mocking.stubs import (
    Compiled,
    Criterion,
    Key,
    Stub,
    StubCompiler,
    StubSet,
    StubSource,
    compile_path,
    load_stubs,
)


class Facts(NamedTuple):
    """What criteria look at."""

    headers: Mapping[str, str] = {}
    json: Any = None


class FieldProbe(NamedTuple):
    """Reads a header."""

    name: str

    def read(self, facts: Facts) -> Iterable[Hashable]:
        value = facts.headers.get(self.name)
        return () if value is None else (value,)


class JsonProbe(NamedTuple):
    """Reads a member of the body."""

    member: str
    kind: str = "json"

    def read(self, facts: Facts) -> Iterable[Hashable]:
        if not isinstance(facts.json, dict) or self.member not in facts.json:
            return ()
        value = facts.json[self.member]
        return (value,) if isinstance(value, Hashable) else ()


class Field(Criterion[Facts]):
    """A header equals a text, or (``""``) is there; without ``indexed`` no dictionary helps."""

    __slots__ = ("_wanted", "cost", "keys", "name")

    def __init__(self, name: str, wanted: str, *, indexed: bool = True) -> None:
        self.name = f"headers.{name}"
        self.cost = 0
        self._wanted = wanted
        self.keys = (Key(FieldProbe(name), wanted),) if wanted and indexed else ()

    def matches(self, facts: Facts) -> bool:
        value = facts.headers.get(self.name[8:])
        return value is not None and self._wanted in ("", value)

    def explain(self, facts: Facts) -> CriterionResult:
        matched = self.matches(facts)
        actual = facts.headers.get(self.name[8:], "absent")
        return CriterionResult(
            self.name, cut(self._wanted) or "present", cut(actual), matched, float(not matched)
        )


class Member(Criterion[Facts]):
    """A member of the body equals a value."""

    __slots__ = ("_wanted", "cost", "keys", "name")

    def __init__(self, member: str, wanted: Any) -> None:
        self.name = f"body.{member}"
        self.cost = 3
        self._wanted = wanted
        # No key for null: a member that is absent is null to `matches`, and nothing to the probe.
        scalar = isinstance(wanted, str | int | float)
        self.keys = (Key(JsonProbe(member), wanted),) if scalar else ()

    def matches(self, facts: Facts) -> bool:
        found = facts.json.get(self.name[5:]) if isinstance(facts.json, dict) else None
        return bool(found == self._wanted)

    def explain(self, facts: Facts) -> CriterionResult:
        matched = self.matches(facts)
        return CriterionResult(
            self.name, cut(str(self._wanted)), cut(str(facts.json)), matched, float(not matched)
        )


class Plain(StubCompiler[Facts]):
    """``request: {method, path, headers, body, plain}``, ``response: ...``."""

    protocol: ClassVar[str] = "plain"
    key: ClassVar[str] = "request"
    keys: ClassVar[frozenset[str]] = frozenset({"response"})

    def compile(self, source: StubSource) -> Compiled[Facts] | None:
        at = ("request",)
        known = ("method", "path", "headers", "body", "slow")
        given = source.mapping(source.definition["request"], at, known)
        methods = given.get("method", [])
        methods = [methods] if isinstance(methods, str) else methods
        if not isinstance(methods, list) or not all(isinstance(each, str) for each in methods):
            source.problem("must be a method or a list of methods", (*at, "method"))
            return None
        path = compile_path(given["path"], path=(*at, "path")) if "path" in given else None
        criteria: list[Criterion[Facts]] = []
        for part in ("headers", "slow"):
            for name, wanted in _members(source, given.get(part, {}), (*at, part)):
                if isinstance(wanted, str):
                    criteria.append(Field(name, wanted, indexed=part == "headers"))
                else:
                    source.problem("must be text", (*at, part, name))
        criteria += [
            Member(member, wanted)
            for member, wanted in _members(source, given.get("body", {}), (*at, "body"))
        ]
        return Compiled(
            methods=methods,
            path=path,
            criteria=criteria,
            action=source.definition.get("response"),
        )


def _members(source: StubSource, value: Any, path: tuple[str, ...]) -> Iterable[tuple[str, Any]]:
    return source.mapping(value, path, value if isinstance(value, dict) else ()).items()


class Other(StubCompiler[Facts]):
    """Another protocol: ``websocket: {path}``."""

    protocol: ClassVar[str] = "other"
    key: ClassVar[str] = "websocket"

    def compile(self, source: StubSource) -> Compiled[Facts] | None:
        given = source.mapping(source.definition["websocket"], ("websocket",), ("path",))
        return Compiled(path=compile_path(given.get("path", "/"), path=("websocket", "path")))


class FakeStates:
    """Scenarios in a dictionary."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def state(self, name: str) -> str:
        return self.known.get(name, "started")

    def set(self, name: str, state: str) -> None:
        self.known[name] = state


def stub_set(*definitions: Mapping[str, Any], **options: Any) -> StubSet:
    """A set holding ``definitions``, put one after the other."""
    made = StubSet([Plain(), Other()], **options)
    for definition in definitions:
        made.put(definition)
    return made


def load(*paths: Path, **options: Any) -> StubSet:
    """What is in the files at ``paths``."""
    return load_stubs(paths, [Plain(), Other()], **options)


def chosen(
    stubs: StubSet,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    json: Any = None,
) -> str | None:
    """The id of the stub that would answer."""
    found = stubs.index("plain").find(method, path, Facts(headers or {}, json), stubs.states)
    return None if found is None else found[0].id


def ids(stubs: Iterable[Stub[Any]]) -> list[str]:
    return [stub.id for stub in stubs]
