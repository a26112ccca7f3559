"""Which methods a stub is for: from ``grpc.method`` to the path of a stub."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.matching import compile_predicate
from mockforge.mocking.stubs import PathPattern, StubPath
from mockforge.mocking.stubs.paths import literal_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockforge.contracts import CustomPredicate
    from mockforge.mocking.stubs import StubSource
    from mockforge.structured import Part
    from mockforge_grpc.schema import Method, Schema

MOST_NAMED: Final = 1000
"""Methods in a list."""


BUILT_IN: Final = (
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
)
"""Services that are served beside those of the protos."""


def find_method(schema: Schema, path: str) -> Method | None:
    """The method at ``/pkg.Service/Method``: of the protos, or built in."""
    method = schema.method(path)
    if method is not None:
        return method
    name = path[1:].rpartition("/")
    service = schema.service(name[0]) if name[0] in BUILT_IN else None
    if service is None:
        return None
    return next((each for each in service.methods if each.name == name[2]), None)


class MethodPattern(PathPattern):
    """Methods whose full name (``pkg.Service/Method``) a predicate takes."""

    __slots__ = ()

    def matches(self, path: str) -> bool:
        return self.predicate.matches(path[1:])


class Methods:
    """What ``grpc.method`` comes to: the stub's ``path``, and the ``methods`` of the schema that it means."""

    __slots__ = ("methods", "path")

    def __init__(self, path: StubPath, methods: Sequence[Method]) -> None:
        self.path = path
        self.methods = methods


def compile_methods(
    spec: Any,
    schema: Schema,
    source: StubSource,
    at: tuple[Part, ...],
    custom: Mapping[str, CustomPredicate],
) -> Methods | None:
    """The methods that ``spec`` names (``None``: any); problems go to ``source``."""
    if spec is None:
        return Methods(None, _all(schema))
    if isinstance(spec, str):
        method = _named(spec, schema, source, at)
        return None if method is None else Methods(method.path, (method,))
    if isinstance(spec, list):
        return _listed(spec, schema, source, at)
    predicate = source.attempt(lambda: compile_predicate(spec, path=at, custom=custom), at)
    if predicate is None:
        return None
    matching = [method for method in _all(schema) if predicate.matches(method.full_name)]
    if not matching:
        source.problem(f"there is no method that {predicate}", at, hint=_known(schema))
        return None
    pattern = MethodPattern(
        predicate, prefix="/" + _prefix_of(spec), key="grpc " + json.dumps(spec, sort_keys=True)
    )
    return Methods(pattern, matching)


def _listed(
    spec: list[Any], schema: Schema, source: StubSource, at: tuple[Part, ...]
) -> Methods | None:
    if not 0 < len(spec) <= MOST_NAMED or not all(isinstance(each, str) for each in spec):
        source.problem(f"must be 1 to {MOST_NAMED} names of methods", at)
        return None
    found = [_named(each, schema, source, (*at, number)) for number, each in enumerate(spec)]
    methods = [method for method in found if method is not None]
    if len(methods) < len(spec):
        return None
    if len(methods) == 1:
        return Methods(methods[0].path, methods)
    names = [method.full_name for method in methods]
    pattern = MethodPattern(
        compile_predicate({"in": names}), prefix="/", key="grpc " + json.dumps(names)
    )
    return Methods(pattern, methods)


def _named(name: str, schema: Schema, source: StubSource, at: tuple[Part, ...]) -> Method | None:
    method = find_method(schema, "/" + name.lstrip("/"))
    if method is not None:
        return method
    alike = [each for each in _all(schema) if each.full_name.endswith(f".{name}")]
    if len(alike) == 1 and "/" in name:
        return alike[0]
    if len(alike) > 1:
        names = ", ".join(each.full_name for each in alike[:5])
        source.problem(f"more than one method is called {name}", at, hint=f"there are {names}")
        return None
    near = schema.nearest_method(name)
    source.problem(
        f"there is no method {name[:200]!r}",
        at,
        hint=f"did you mean {near}?" if near else _known(schema),
    )
    return None


def _all(schema: Schema) -> list[Method]:
    return list(schema.methods.values())


def _known(schema: Schema) -> str:
    if not schema.methods:
        return "there are no methods: give protos with --proto"
    names = [method.full_name for method in _all(schema)[:3]]
    return f"methods are called like {', '.join(names)}"


def _prefix_of(spec: Any) -> str:
    if not isinstance(spec, dict):
        return ""
    starts, pattern = spec.get("startsWith"), spec.get("matches")
    if isinstance(starts, str):
        return starts
    return literal_prefix(pattern) if isinstance(pattern, str) else ""
