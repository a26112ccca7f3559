"""WebSocket's part of the format of stubs: what has the key ``websocket``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from mockforge.mocking.exchange import Response
from mockforge.mocking.fields import is_token
from mockforge.mocking.matching import Subject
from mockforge.mocking.scripts import Program, compile_script
from mockforge.mocking.stubs import (
    Compiled,
    Criterion,
    Named,
    RequestFacts,
    StubCompiler,
    StubPath,
    StubSource,
    TemplateKit,
    compile_path,
)
from mockforge.structured import Part
from mockforge_ws.replay import read_replay
from mockforge_ws.scripts import WebSocketVocabulary
from mockforge_ws.stubs.action import StubAction

if TYPE_CHECKING:
    from mockforge.contracts import CustomPredicate
    from mockforge.mocking.templating import Templates

Keys = tuple[Part, ...]

KEY: Final = "websocket"
KEYS: Final = (
    "path",
    "headers",
    "query",
    "host",
    "client",
    "origins",
    "subprotocols",
    "answerHeaders",
    "template",
    "script",
    "replay",
    "refuse",
)
_REFUSE_KEYS: Final = ("status", "headers", "body", "json")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_RESERVED: Final = frozenset(
    {"connection", "upgrade", "content-length", "transfer-encoding", "date"}
)
TEMPLATE_NAMES: Final = ("request", "state", "vars", "message", "index")
"""What templates of scripts may speak of."""


class Kit(TemplateKit):
    """What compiling needs of the mock: ``predicates`` are those of plugins."""

    def __init__(
        self,
        make_templates: Callable[[], Templates],
        predicates: Mapping[str, CustomPredicate],
    ) -> None:
        super().__init__(make_templates)
        self.predicates = predicates


class WebSocketStubCompiler(StubCompiler[RequestFacts]):
    """Makes a :class:`~mockforge_ws.stubs.action.StubAction` of each definition."""

    protocol: ClassVar[str] = "websocket"
    key: ClassVar[str] = KEY

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def compile(self, source: StubSource) -> Compiled[RequestFacts] | None:
        return _Reading(source, self._kit).compile(source.definition[KEY])


class _Reading:
    """One definition; what is wrong goes to ``source``."""

    def __init__(self, source: StubSource, kit: Kit) -> None:
        self._source = source
        self._kit = kit

    def compile(self, spec: Any) -> Compiled[RequestFacts] | None:
        source = self._source
        given = source.mapping(spec, (KEY,), KEYS)
        templated = given.get("template", True)
        if not isinstance(templated, bool):
            source.problem("must be true or false", (KEY, "template"))
            templated = True
        path: StubPath = None
        if "path" in given:
            path = source.attempt(
                partial(
                    compile_path,
                    given["path"],
                    path=(KEY, "path"),
                    custom=self._kit.predicates,
                ),
                (KEY, "path"),
            )
        criteria = self._criteria(given)
        action = self._action(given, templated)
        if source.problems or action is None:
            return None
        return Compiled(methods=("GET",), path=path, criteria=criteria, action=action)

    # -------------------------------------------------------------- what it does

    def _action(self, given: Mapping[str, Any], templated: bool) -> StubAction | None:
        source = self._source
        said = [key for key in ("script", "replay", "refuse") if key in given]
        if len(said) != 1:
            source.problem(
                f"says {' and '.join(said)}: one of them is enough"
                if said
                else "says nothing of what it does: there is no `script`, `replay` or `refuse`",
                (KEY,),
                hint="`script: [{send: hello}, {close: 1000}]` opens, speaks and closes",
            )
            return None
        origins = self._texts(given, "origins")
        subprotocols = self._texts(given, "subprotocols") or ()
        for number, name in enumerate(subprotocols):
            if not is_token(name):
                source.problem(
                    f"{name!r} cannot be the name of a subprotocol", (KEY, "subprotocols", number)
                )
        headers = self._headers(given.get("answerHeaders"), (KEY, "answerHeaders"))
        if "refuse" in given:
            return StubAction(refuse=self._refuse(given["refuse"]), origins=origins)
        program = self._program(given, templated)
        return StubAction(program, None, origins, subprotocols, headers)

    def _program(self, given: Mapping[str, Any], templated: bool) -> Program | None:
        source, kit = self._source, self._kit
        vocabulary = WebSocketVocabulary(
            partial(kit.script_value, source, templated),
            partial(kit.script_text, source, templated),
            kit.predicates,
        )
        if "script" in given:
            return source.attempt(
                lambda: compile_script(given["script"], vocabulary, path=(KEY, "script")),
                (KEY, "script"),
            )
        name = given["replay"]
        if not isinstance(name, str) or not name:
            source.problem("must be the name of a file", (KEY, "replay"))
            return None
        if source.folder is None or Path(name).is_absolute() or ".." in Path(name).parts:
            source.problem(
                f"{name!r} cannot be the name of a replay file",
                (KEY, "replay"),
                hint="a path below the folder of the stub's file, without `..`",
            )
            return None
        path = source.folder / name
        return source.attempt(lambda: read_replay(path, vocabulary), (KEY, "replay"))

    def _refuse(self, spec: Any) -> Response | None:
        source = self._source
        path: Keys = (KEY, "refuse")
        given = {"status": spec} if isinstance(spec, int) else spec
        given = source.mapping(given, path, _REFUSE_KEYS)
        status = given.get("status", 403)
        if not isinstance(status, int) or isinstance(status, bool) or not 300 <= status <= 599:
            source.problem("must be a status from 300 to 599", (*path, "status"))
            return None
        headers = list(self._headers(given.get("headers"), (*path, "headers")))
        body = b""
        media_type = "text/plain; charset=utf-8"
        if "body" in given and "json" in given:
            source.problem("`body` and `json` do not go together", (*path, "json"))
        if "json" in given:
            body, media_type = msgspec.json.encode(given["json"]), "application/json"
        elif isinstance(given.get("body"), str):
            body = given["body"].encode("utf-8", "replace")
        elif "body" in given:
            source.problem("must be text", (*path, "body"), hint="use `json` for JSON")
        if body and not any(name.lower() == "content-type" for name, _ in headers):
            headers.insert(0, ("Content-Type", media_type))
        return Response(status, headers, body)

    # -------------------------------------------------------------- what it asks

    def _criteria(self, given: Mapping[str, Any]) -> list[Criterion[RequestFacts]]:
        source, custom = self._source, self._kit.predicates
        found: list[Criterion[RequestFacts]] = []
        for kind in ("headers", "query"):
            for name, wanted in self._named(given, kind).items():
                predicate = source.predicate(wanted, (KEY, kind, name), custom)
                if predicate is not None:
                    found.append(Named(f"{kind}.{name}", _reader(kind, name), predicate))
        for key, read in _READ.items():
            if key in given:
                predicate = source.predicate(given[key], (KEY, key), custom)
                if predicate is not None:
                    found.append(Named(key, read, predicate))
        return found

    def _named(self, given: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        value = given.get(kind, {})
        if not isinstance(value, dict):
            self._source.problem("must be a mapping of names to predicates", (KEY, kind))
            return {}
        return value

    # -------------------------------------------------------------- parts

    def _texts(self, given: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
        if key not in given:
            return None
        value = given[key]
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            self._source.problem("must be a list of texts", (KEY, key))
            return None
        return tuple(listed)

    def _headers(self, given: Any, path: Keys) -> tuple[tuple[str, str], ...]:
        if given is None:
            return ()
        if not isinstance(given, dict):
            self._source.problem("must be a mapping of names to texts", path)
            return ()
        found: list[tuple[str, str]] = []
        for name, value in given.items():
            text = str(value) if isinstance(value, int | float) else value
            lower = name.lower()
            if not is_token(name) or lower in _RESERVED or lower.startswith("sec-websocket"):
                self._source.problem(f"{name!r} cannot be set", (*path, name))
            elif not isinstance(text, str) or not _VALUE.fullmatch(text):
                self._source.problem("must be text that a header may hold", (*path, name))
            else:
                found.append((name, text))
        return tuple(found)


def _reader(kind: str, name: str) -> Callable[[RequestFacts], Sequence[Subject]]:
    if kind == "headers":
        header = name.lower().encode("latin-1", "replace")
        return lambda facts: facts.header(header)
    return lambda facts: facts.query.get(name, ())


_READ: Final[Mapping[str, Callable[[RequestFacts], Sequence[Subject]]]] = {
    "host": lambda facts: facts.hosts,
    "client": lambda facts: facts.clients,
}
