"""The ``request:`` of a stub: method and path for the index, and criteria for all the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from mockforge.mocking.fields import is_token
from mockforge.mocking.matching import Content, Predicate, Subject
from mockforge.mocking.routing import PathTemplate
from mockforge.mocking.stubs import (
    Criterion,
    Key,
    Named,
    StubPath,
    StubSource,
    compile_path,
)
from mockforge.mocking.stubs.jsonkeys import json_keys
from mockforge.mocking.stubs.paths import plain_path, segments_of
from mockforge.nearest import nearest
from mockforge.structured import Part
from mockforge_http.stubs.criteria import (
    AnyOf,
    BodyCriterion,
    ExactHeader,
    FieldProbe,
    MethodCriterion,
    NotAll,
    OperationCriterion,
    PathCriterion,
    TemplateCriterion,
)
from mockforge_http.stubs.facts import Facts
from mockforge_http.stubs.kit import Kit

Path = tuple[Part, ...]

ANY: Final = "ANY"
KEYS: Final = (
    "method",
    "path",
    "url",
    "operation",
    "query",
    "headers",
    "cookies",
    "body",
    "host",
    "scheme",
    "client",
    "where",
    "anyOf",
    "allOf",
    "not",
)
_STATE: Final = "state"
_TEMPLATE: Final = "template"
_MOST_GROUPS: Final = 100
_DEEPEST: Final = 8


class RequestPart:
    """What was read of one ``request:``."""

    __slots__ = ("criteria", "label", "methods", "path")

    def __init__(self) -> None:
        self.methods: tuple[str, ...] = ()
        self.path: StubPath = None
        self.label: str | None = None
        """The path as metrics show it."""
        self.criteria: list[Criterion[Facts]] = []


class RequestCompiler:
    """Reads ``request:``; what is wrong goes to ``source``."""

    def __init__(self, source: StubSource, kit: Kit) -> None:
        self._source = source
        self._kit = kit

    def compile(self, spec: Any) -> RequestPart:
        """The whole request of a stub."""
        part = RequestPart()
        path: Path = ("request",)
        given = self._source.mapping(spec, path, KEYS)
        if "operation" in given:
            self._operation(given, part)
        else:
            part.methods = self._methods(given.get("method", ANY), (*path, "method"))
            if "path" in given:
                part.path = self._path(given["path"], (*path, "path"))
            elif isinstance(given.get("url"), str):
                # The criterion compares all of it; this is for the index.
                part.path = plain_path(given["url"].partition("?")[0])
            part.label = _label(part.path)
        part.criteria += self._criteria(given, path, 0)
        return part

    # -------------------------------------------------------------- method and path

    def _methods(self, spec: Any, path: Path) -> tuple[str, ...]:
        names = spec if isinstance(spec, list) else [spec]
        methods: dict[str, None] = {}
        for number, name in enumerate(names):
            at = (*path, number) if isinstance(spec, list) else path
            if not isinstance(name, str) or not is_token(name):
                self._source.problem("must be a method such as GET, a list of them, or ANY", at)
                continue
            methods[name.upper()] = None
        if isinstance(spec, list) and not spec:
            self._source.problem("an empty list matches nothing", path, hint="write ANY")
        return () if ANY in methods else tuple(methods)

    def _path(self, spec: Any, path: Path) -> StubPath:
        return self._source.attempt(
            partial(compile_path, spec, path=path, custom=self._kit.predicates), path
        )

    def _operation(self, given: Mapping[str, Any], part: RequestPart) -> None:
        path: Path = ("request", "operation")
        for key in ("method", "path"):
            if key in given:
                self._source.problem(
                    f"`operation` says the {key} already", ("request", key), hint="leave one out"
                )
        name = given["operation"]
        if not isinstance(name, str):
            self._source.problem("must be an operationId, or `GET /pets/{petId}`", path)
            return
        places = () if self._kit.operations is None else self._kit.operations.named(name)
        if not places:
            self._source.problem(
                f"no document has an operation {name!r}", path, hint=self._near(name)
            )
            return
        part.methods = tuple(dict.fromkeys(place.method for place in places))
        part.label = str(places[0].templates[0])
        if len(places) == 1 and len(places[0].templates) == 1:
            part.path = places[0].templates[0]
        part.criteria.append(OperationCriterion(name, [place.slot for place in places]))

    def _near(self, name: str) -> str:
        names = () if self._kit.operations is None else self._kit.operations.names()
        if not names:
            return "no document is loaded: start with --spec"
        found = nearest(name, names)
        return f"did you mean {found}?" if found else "see `operationId` in the document"

    # -------------------------------------------------------------- everything else

    def _criteria(self, given: Mapping[str, Any], path: Path, depth: int) -> list[Criterion[Facts]]:
        found: list[Criterion[Facts]] = []
        for key, spec in given.items():
            at = (*path, key)
            if key in ("headers", "query", "cookies"):
                found += self._named(key, spec, at)
            elif key == "body":
                found += self._body(spec, at)
            elif key in _READ:
                predicate = self._predicate(spec, at)
                if predicate is not None:
                    found.append(Named(key, _READ[key], predicate))
            elif key == "where":
                found += self._where(spec, at)
            elif key in ("anyOf", "allOf"):
                groups = self._groups(spec, at, depth)
                if key == "anyOf" and groups:
                    found.append(AnyOf(groups))
                else:
                    found += [each for group in groups for each in group]
            elif key == "not":
                group = self._group(spec, at, depth)
                if group:
                    found.append(NotAll(group))
        return found

    def _named(self, kind: str, spec: Any, path: Path) -> list[Criterion[Facts]]:
        if not isinstance(spec, dict):
            self._source.problem("must be a mapping of names to predicates", path)
            return []
        found: list[Criterion[Facts]] = []
        for name, wanted in spec.items():
            at = (*path, name)
            if kind == "headers" and not is_token(name):
                self._source.problem(f"{name!r} is not a header name", at)
                continue
            predicate = self._predicate(wanted, at)
            if predicate is None:
                continue
            probe = FieldProbe(kind, name.lower() if kind == "headers" else name)
            exact = predicate.exact
            keys: tuple[Key[Facts], ...] = () if exact is None else (Key(probe, exact),)
            if kind == "headers" and exact is not None:
                found.append(ExactHeader(name, predicate, keys))
            else:
                found.append(Named(f"{kind}.{name}", _reader(kind, name), predicate, keys))
        return found

    def _body(self, spec: Any, path: Path) -> list[Criterion[Facts]]:
        predicate = self._predicate(spec, path)
        return [] if predicate is None else [BodyCriterion(predicate, json_keys(spec))]

    def _where(self, spec: Any, path: Path) -> list[Criterion[Facts]]:
        known = (*self._kit.predicates, _STATE, _TEMPLATE)
        found: list[Criterion[Facts]] = []
        for name, wanted in self._source.mapping(spec, path, known).items():
            if name == _STATE:
                found += self._state(wanted, (*path, name))
            elif name == _TEMPLATE:
                found += self._template(wanted, (*path, name))
            elif name in self._kit.predicates:
                predicate = self._predicate({name: wanted}, path)
                if predicate is not None:
                    found.append(Named(f"where.{name}", _content, predicate))
        return found

    def _template(self, spec: Any, path: Path) -> list[Criterion[Facts]]:
        """``where: {template: text}``: a template that comes to ``true``."""
        if not isinstance(spec, str):
            self._source.problem("must be the text of a template", path)
            return []
        place = self._source.place(path)
        made = self._source.attempt(lambda: self._kit.templates.compile(spec, place=place), path)
        return [] if made is None else [TemplateCriterion(spec, made, self._kit)]

    def _state(self, spec: Any, path: Path) -> list[Criterion[Facts]]:
        """``where: {state: {name: predicate}}``: what is kept in the state under plain names."""
        if not isinstance(spec, dict):
            self._source.problem("must be a mapping of names to predicates", path)
            return []
        found: list[Criterion[Facts]] = []
        for name, wanted in spec.items():
            predicate = self._predicate(wanted, (*path, name))
            if predicate is not None:
                read = partial(_kept, self._kit.state.get, name)
                found.append(Named(f"state.{name}", read, predicate))
        return found

    def _groups(self, spec: Any, path: Path, depth: int) -> list[list[Criterion[Facts]]]:
        if not isinstance(spec, list) or not 0 < len(spec) <= _MOST_GROUPS:
            self._source.problem(
                f"must be a list of 1 to {_MOST_GROUPS} requests, like `request` itself", path
            )
            return []
        return [self._group(item, (*path, number), depth) for number, item in enumerate(spec)]

    def _group(self, spec: Any, path: Path, depth: int) -> list[Criterion[Facts]]:
        if depth >= _DEEPEST:
            self._source.problem(f"nested deeper than {_DEEPEST} levels", path)
            return []
        keys = tuple(key for key in KEYS if key != "operation")
        given = self._source.mapping(spec, path, keys)
        found: list[Criterion[Facts]] = []
        if "method" in given:
            found.append(MethodCriterion(self._methods(given["method"], (*path, "method"))))
        if "path" in given:
            found += self._path_criterion(given["path"], (*path, "path"))
        return [*found, *self._criteria(given, path, depth + 1)]

    def _path_criterion(self, spec: Any, path: Path) -> list[Criterion[Facts]]:
        wanted = self._path(spec, path)
        if isinstance(wanted, str):
            return [PathCriterion(f"equals {wanted}", wanted.__eq__)]
        if isinstance(wanted, PathTemplate):
            return [PathCriterion(f"fits {wanted}", partial(_fits, wanted))]
        return [] if wanted is None else [PathCriterion(str(wanted), wanted.matches)]

    def _predicate(self, spec: Any, path: Path) -> Predicate | None:
        return self._source.predicate(spec, path, self._kit.predicates)


def _reader(kind: str, name: str) -> Callable[[Facts], Sequence[Subject]]:
    if kind == "headers":
        header = name.lower().encode("latin-1")
        return lambda facts: facts.header(header)
    if kind == "query":
        return lambda facts: facts.query.get(name, ())
    return lambda facts: facts.cookies.get(name, ())


_READ: Final[Mapping[str, Callable[[Facts], Sequence[Subject]]]] = {
    "host": lambda facts: facts.hosts,
    "client": lambda facts: facts.clients,
    "scheme": lambda facts: (facts.request.scheme,),
    "url": lambda facts: (facts.request.target,),
}


def _content(facts: Facts) -> Sequence[Subject]:
    return (facts.content,)


def _kept(get: Callable[[str], Any], name: str, _: Facts) -> Sequence[Subject]:
    value = get(name)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else (Content.of_json(value),)


def _fits(template: PathTemplate, plain: str) -> bool:
    segments = segments_of(plain)
    if len(segments) != len(template.segments):
        return False
    for segment, text in zip(template.segments, segments, strict=True):
        if segment.literal is not None:
            if text != segment.literal:
                return False
        elif not text or segment.match(text) is None:
            return False
    return True


def _label(path: StubPath) -> str | None:
    return None if path is None else str(path)
