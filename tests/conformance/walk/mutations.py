"""Requests that a document forbids, each for one reason: a valid call with one thing changed.

A change of a value counts only where the judge confirms that the schema refuses it, in every way that
a server may read it.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from referencing.exceptions import Unresolvable

from .mediatypes import closest, family
from .model import Operation, Parameter
from .node import DanglingError, Node
from .places import Path, Places, put
from .request import Call, Chosen, Content, RequestMaker, fitness, written_by_client
from .schemas import Schemas
from .serialize import text
from .values import UnmakeableError
from .wrong import KINDS, Mutant, wrong

REQUEST_KINDS = ("missing parameter", "missing body", "malformed body", "undeclared media type")
ALL_KINDS = (*REQUEST_KINDS, *KINDS)
UNDECLARED = "application/x-unforeseen"
_MALFORMED = b'{"a": [1,'
_MOST_OF_A_KIND = 2
"""Mutations of one kind in one parameter or body."""
_TRIES = 12
_MOST_PLACES = 300
_WORDS = {"true": True, "false": False, "null": None}
_WRITTEN_AS_TEXT = {"form", "multipart", "xml"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """A call that is to be refused; ``where`` names what was changed."""

    kind: str
    where: str
    call: Call


class Mutator:
    """Makes the mutations of one document's operations."""

    def __init__(self, schemas: Schemas, maker: RequestMaker) -> None:
        self.schemas = schemas
        self.maker = maker
        self.places = Places(schemas)

    def mutations(self, operation: Operation, valid: Chosen) -> Iterator[Mutation]:
        """The mutations of the ``valid`` call; the same ones every time."""
        chance = random.Random(operation.label)  # noqa: S311  # a choice of cases, no secret
        claimed = {(one.location, one.name.lower()) for one in operation.credentials() if one.name}
        for parameter in operation.parameters():
            key = (parameter.location, parameter.name.lower())
            if key not in claimed and not written_by_client(parameter):
                yield from self._parameter(operation, valid, parameter, chance)
        body = operation.body()
        if body is None:
            return
        if body.required:
            yield self._with_content(operation, valid, "missing body", "body", None)
        content = valid.content
        if content is None:
            return
        if closest(body.media, UNDECLARED) is None:
            other = Content(content.media, UNDECLARED, b"sample")
            yield self._with_content(operation, valid, "undeclared media type", "body", other)
        if family(content.name) == "json":
            broken = replace(content, value=_MALFORMED)
            yield self._with_content(operation, valid, "malformed body", "body", broken)
        for kind, path, value in self._body(content, chance):
            changed = replace(content, value=value)
            yield self._with_content(operation, valid, kind, f"body{_pointer(path)}", changed)

    def _with_content(
        self, operation: Operation, valid: Chosen, kind: str, where: str, content: Content | None
    ) -> Mutation:
        call = self.maker.write(operation, Chosen(valid.parameters, content))
        return Mutation(kind, where, call)

    # Parameters

    def _parameter(
        self, operation: Operation, valid: Chosen, parameter: Parameter, chance: random.Random
    ) -> Iterator[Mutation]:
        others = [pair for pair in valid.parameters if pair[0] is not parameter]
        others = [pair for pair in others if _key(pair[0]) != _key(parameter)]
        where = f"{parameter.location} {parameter.name}"
        if parameter.required and parameter.location != "path":
            call = self.maker.write(operation, Chosen(others, valid.content))
            yield Mutation("missing parameter", where, call)
        for kind, path, value in self._wrong_parameter(parameter, chance):
            changed = Chosen([*others, (parameter, value)], valid.content)
            call = self.maker.write(operation, changed)
            yield Mutation(kind, where + _pointer(path), call)

    def _wrong_parameter(self, parameter: Parameter, chance: random.Random) -> Iterator[Mutant]:
        media = parameter.media
        schema = media.schema if media is not None else parameter.schema
        if schema is None or parameter.location == "querystring":
            return
        flat = media is None or family(media.name) != "json"
        try:
            value = self.maker.value(parameter)
        except UnmakeableError:
            return
        if flat and isinstance(value, dict) and parameter.style != "deepObject":
            # Members that stand beside other parameters are not told apart from them.
            return
        fits = fitness(parameter)
        found = (
            mutant
            for mutant in self._mutants(schema, value, flat=flat)
            if fits(mutant[2]) and not (parameter.location == "path" and "/" in str(mutant[2]))
        )
        yield from self._confirmed(schema, found, chance, flat=flat)

    # Bodies

    def _body(self, content: Content, chance: random.Random) -> Iterator[Mutant]:
        kind, value, media = family(content.name), content.value, content.media
        schema = media.items if kind == "sequence" else media.schema
        flat = kind in _WRITTEN_AS_TEXT
        readable = flat or kind in {"json", "sequence"}
        if schema is None or not readable or isinstance(value, bytes):
            return
        if flat and not isinstance(value, dict):
            return
        found: Iterable[Mutant] = self._mutants(schema, value, flat=flat)
        if flat:
            found = (mutant for mutant in found if mutant[2])
        yield from self._confirmed(schema, found, chance, flat=flat)

    # Both

    def _mutants(self, schema: Node, value: Any, *, flat: bool) -> Iterator[Mutant]:
        places = self.places.of(schema, value, deepest=3 if flat else 5)
        for place in islice(places, _MOST_PLACES):
            yield from wrong(value, place, flat=flat)

    def _confirmed(
        self, schema: Node, mutants: Iterable[Mutant], chance: random.Random, *, flat: bool
    ) -> Iterator[Mutant]:
        """A few of each kind that the judge confirms, taken from all over the value."""
        listed = list(mutants)
        chance.shuffle(listed)
        taken: Counter[str] = Counter()
        tried: Counter[str] = Counter()
        for mutant in listed:
            kind = mutant[0]
            if taken[kind] == _MOST_OF_A_KIND or tried[kind] == _TRIES:
                continue
            tried[kind] += 1
            if self.forbids(schema, mutant, flat=flat):
                taken[kind] += 1
                yield mutant

    def forbids(self, schema: Node, mutant: Mutant, *, flat: bool) -> bool:
        """Whether the schema refuses the mutated value, however it is read."""
        readings = _readings(mutant) if flat else [mutant[2]]
        try:
            return all(self.schemas.errors(schema, reading, "request") for reading in readings)
        except (Unresolvable, DanglingError, RecursionError):
            return False


def _readings(mutant: Mutant) -> Iterator[Any]:
    """What a value that was written as text may be read as: with the text at the changed place, with
    what the text may stand for, with a list of it, and with an empty list for what is not there."""
    kind, path, value = mutant
    yield value
    if kind == "missing property":
        yield put(value, path, [])
        return
    leaf = value
    for step in path:
        leaf = leaf[step]
    if isinstance(leaf, dict | list):
        return
    for reading in _meanings(text(leaf)):
        yield put(value, path, reading)
        yield put(value, path, [reading])
        if path and path[-1] == 0:
            yield put(value, path[:-1], reading)


def _meanings(written: str) -> Iterator[Any]:
    yield written
    if written in _WORDS:
        yield _WORDS[written]
    for convert in (int, float):
        with contextlib.suppress(ValueError):
            yield convert(written)


def _key(parameter: Parameter) -> tuple[str, str]:
    return parameter.location, parameter.name


def _pointer(path: Path) -> str:
    return "".join(f"/{step}" for step in path)
