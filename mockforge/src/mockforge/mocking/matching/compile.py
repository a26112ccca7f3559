"""From what a stub says to a :class:`~mockforge.mocking.matching.base.Predicate`.

A mapping names predicates; several in one mapping must all hold. Anything that is no mapping means
``equals``. The table below is the whole language; a module that reads bodies is imported when a stub
first uses its predicate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.mocking.matching import logic, text
from mockforge.mocking.matching.base import Predicate, PredicateError, Scope
from mockforge.nearest import nearest
from mockforge.structured.marks import Part as Step

if TYPE_CHECKING:
    from mockforge.contracts import CustomPredicate

MOST_NESTED: Final = 32
"""Levels of predicates inside of predicates."""

Compiler = Callable[[Any, Scope], Predicate]


class _Kind(NamedTuple):
    """How a predicate is compiled, and which options may stand beside it."""

    compile: Compiler | str
    options: tuple[str, ...] = ()


_JSON_OPTIONS: Final = ("ignoreArrayOrder", "ignoreExtraElements")
_DATE_OPTIONS: Final = ("format", "truncate", "truncateExpected")

_KINDS: Final[dict[str, _Kind]] = {
    "equals": _Kind(text.compile_equals),
    "equalsIgnoreCase": _Kind(partial(text.compile_wording, text.EqualsIgnoreCase)),
    "contains": _Kind(partial(text.compile_wording, text.Contains)),
    "notContains": _Kind(partial(text.compile_wording, text.NotContains)),
    "startsWith": _Kind(partial(text.compile_wording, text.StartsWith)),
    "endsWith": _Kind(partial(text.compile_wording, text.EndsWith)),
    "matches": _Kind("regex:compile_matches"),
    "notMatches": _Kind("regex:compile_not_matches"),
    "present": _Kind(text.compile_present),
    "absent": _Kind(text.compile_absent),
    "in": _Kind(text.compile_in),
    "lt": _Kind("numbers:compile_lt"),
    "lte": _Kind("numbers:compile_lte"),
    "gt": _Kind("numbers:compile_gt"),
    "gte": _Kind("numbers:compile_gte"),
    "before": _Kind("dates:compile_before", _DATE_OPTIONS),
    "after": _Kind("dates:compile_after", _DATE_OPTIONS),
    "sameTime": _Kind("dates:compile_same_time", _DATE_OPTIONS),
    "json": _Kind("jsonvalue:compile_json", _JSON_OPTIONS),
    "jsonExact": _Kind("jsonvalue:compile_json_exact", _JSON_OPTIONS),
    "jsonPath": _Kind("jsonpaths:compile_json_path"),
    "jsonSchema": _Kind("schema:compile_json_schema"),
    "xml": _Kind("xmlequality:compile_xml", ("namespaceAware", "ignoreOrder")),
    "xpath": _Kind("xpaths:compile_xpath_predicate", ("namespaces",)),
    "form": _Kind("fields:compile_form"),
    "multipart": _Kind("fields:compile_multipart", ("allParts",)),
    "base64": _Kind("binary:compile_base64"),
    "anyOf": _Kind(logic.compile_any_of),
    "allOf": _Kind(logic.compile_all_of),
    "not": _Kind(logic.compile_not),
}

_OPTIONS: Final = {option for kind in _KINDS.values() for option in kind.options}


def predicate_names() -> tuple[str, ...]:
    """The names of all built-in predicates."""
    return tuple(_KINDS)


def compile_predicate(
    spec: Any,
    *,
    path: Sequence[Step] = (),
    custom: Mapping[str, CustomPredicate] = {},
) -> Predicate:
    """The predicate that ``spec`` describes.

    ``path`` is where ``spec`` stands in its file: the errors (:class:`PredicateError`, and no others) name
    the place below it. ``custom`` are the predicates of plugins by name.
    """
    return _Compiler(custom).compile(spec, tuple(path))


class _Compiler:
    def __init__(self, custom: Mapping[str, CustomPredicate]) -> None:
        self._custom = custom
        self._depth = 0

    def compile(self, spec: Any, path: tuple[Step, ...]) -> Predicate:
        if not isinstance(spec, Mapping):
            return text.compile_equals(spec, Scope((*path,), {}, self.compile))
        if not spec:
            raise PredicateError(
                "an empty mapping says nothing",
                path,
                "for an empty JSON object, write {equals: {}}",
            )
        if self._depth >= MOST_NESTED:
            raise PredicateError(f"predicates nest more than {MOST_NESTED} levels deep", path)
        self._depth += 1
        try:
            return self._mapping(spec, path)
        finally:
            self._depth -= 1

    def _mapping(self, spec: Mapping[Any, Any], path: tuple[Step, ...]) -> Predicate:
        taken: set[str] = set()
        parts: list[Predicate] = []
        for name, value in spec.items():
            if name in self._custom and name not in _KINDS:
                parts.append(_custom(self._custom[name], value, (*path, name)))
            elif name in _KINDS:
                kind = _KINDS[name]
                taken.update(kind.options)
                options = {option: spec[option] for option in kind.options if option in spec}
                parts.append(_function(kind)(value, Scope((*path, name), options, self.compile)))
            elif name not in _OPTIONS:
                raise self._unknown(name, path)
        for name in spec:
            if name in _OPTIONS and name not in taken and name not in self._custom:
                users = ", ".join(key for key, kind in _KINDS.items() if name in kind.options)
                raise PredicateError(f"`{name}` belongs beside one of: {users}", (*path, name))
        return logic.together(parts)

    def _unknown(self, name: Any, path: tuple[Step, ...]) -> PredicateError:
        known = {*_KINDS, *_OPTIONS, *self._custom}
        if not isinstance(name, str):
            return PredicateError(
                f"expected the name of a predicate, got {name!r}",
                path,
                "YAML reads yes, no, on, off and bare numbers as values: put them in quotes",
            )
        likely = nearest(name, known) if len(name) <= 64 else None
        return PredicateError(
            f"there is no predicate `{name[:64]}`",
            (*path, name),
            f"did you mean `{likely}`?"
            if likely
            else "to compare with a JSON object, write {equals: {...}} or {json: {...}}",
        )


def _function(kind: _Kind) -> Compiler:
    if not isinstance(kind.compile, str):
        return kind.compile
    module, _, function = kind.compile.partition(":")
    found: Compiler = getattr(import_module(f"mockforge.mocking.matching.{module}"), function)
    return found


def _custom(kind: CustomPredicate, value: Any, path: tuple[Step, ...]) -> Predicate:
    from mockforge.mocking.matching.custom import compile_custom

    return compile_custom(kind, value, path)
