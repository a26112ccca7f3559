"""WireMock's folders and files: finding the mappings, and making stubs of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockforge.errors import MockForgeError, Place, StartError
from mockforge.findings import Finding
from mockforge.structured import Limits, Part, Structured, parse_structured
from mockforge_http.importing.copied import read_bounded

from ..notes import At, Notes
from .files import Bodies
from .folders import BODIES, MAPPINGS, mapping_files, uncommented
from .mapping import DEFAULT_PRIORITY, translate_mapping
from .order import keep_order

_LIMITS: Final = Limits(size=32 * 1024**2, depth=200, values=2_000_000)
_COLLECTION: Final = ("mappings", "importOptions", "meta", "$schema")


class Mapped(NamedTuple):
    """A native ``definition``, and where the mapping stands that it was made of."""

    definition: dict[str, Any]
    file: Path
    line: int
    column: int
    name: str
    """What it may be called if it has no id."""


class WireMock(NamedTuple):
    """What a folder or file of WireMock's holds. ``root`` is where ``__files`` lies."""

    stubs: list[Mapped]
    bodies: Bodies
    findings: list[Finding]
    root: Path


def read_wiremock(path: Path, *, everywhere: bool = False) -> WireMock:
    """The stubs of the folder or file at ``path``, in WireMock's order of preference.

    ``everywhere`` translates templates in all responses, as ``--global-response-templating`` does.
    StartError: a file is no JSON, or there is none.
    """
    root, files = _layout(path)
    bodies = Bodies(root)
    findings: list[Finding] = []
    stubs: list[Mapped] = []
    for file in files:
        stubs += _read_file(file, root, bodies, findings, everywhere=everywhere)
    _distinct_ids(stubs)
    keep_order([stub.definition for stub in stubs])
    return WireMock(stubs, bodies, findings, root)


def _layout(path: Path) -> tuple[Path, list[Path]]:
    """The root folder and the files of mappings."""
    if path.is_file():
        parents = [parent for parent in path.parents if (parent / BODIES).is_dir()]
        return (parents[0] if parents else path.parent), [path]
    if (path / MAPPINGS).is_dir():
        return path, mapping_files(path / MAPPINGS)
    return (path.parent if path.name == MAPPINGS else path), mapping_files(path)


def _read_file(
    file: Path, root: Path, bodies: Bodies, findings: list[Finding], *, everywhere: bool
) -> Iterator[Mapped]:
    doubled: list[MockForgeError] = []
    structured = _parsed(file, doubled)
    notes = Notes(str(file), structured.position, findings)
    notes.doubled(doubled)
    value = structured.value
    if not isinstance(value, dict):
        raise StartError("a mapping is an object", place=Place(str(file)))
    listed = value.get("mappings")
    places: list[At]
    if listed is None:
        listed, places = [value], [()]
    else:
        notes.unknown(value, _COLLECTION, (), "a collection of mappings")
        if not isinstance(listed, list):
            raise StartError("`mappings` is no list", place=structured.place(("mappings",)))
        places = [("mappings", number) for number in range(len(listed))]
    stem = (
        file.relative_to(root).with_suffix("").as_posix()
        if file.is_relative_to(root)
        else file.stem
    )
    for number, (mapping, at) in enumerate(zip(listed, places, strict=True)):
        if not isinstance(mapping, dict):
            notes.add("shape", "a mapping is an object; this is left out", at, severity="error")
            continue
        definition = translate_mapping(mapping, at, notes, bodies, everywhere=everywhere)
        line, column = structured.position(at) if at else (1, 1)
        name = stem.removeprefix(f"{MAPPINGS}/") + (f"-{number + 1}" if len(listed) > 1 else "")
        yield Mapped(definition, file, line, column, name)


def _parsed(file: Path, problems: list[MockForgeError]) -> Structured:
    content = read_bounded(file, _LIMITS.size)
    parse = partial(
        parse_structured,
        name=str(file),
        kind="json",
        limits=_LIMITS,
        error=StartError,
        problems=problems,
    )
    try:
        return parse(content)
    except StartError as error:
        problems.clear()
        plain = uncommented(content.decode("utf-8-sig", "replace"))
        try:
            return parse(plain)
        except StartError:
            raise error from None


def _distinct_ids(stubs: Sequence[Mapped]) -> None:
    """Give every stub an id of its own: WireMock's names may come twice; of one id, the last counts."""
    last = {stub.definition["id"]: stub for stub in stubs if _is_uuid(stub.definition.get("id"))}
    taken: set[str] = set()
    for stub in stubs:
        definition = stub.definition
        given = definition.get("id")
        if given is not None and last.get(given, stub) is not stub:
            definition["enabled"] = False
            given = None
        base = given or stub.name or "stub"
        name, number = base[:190], 2
        while name in taken:
            name, number = f"{base[:190]}-{number}", number + 1
        taken.add(name)
        stub.definition["id"] = name
        _id_first(definition)


def _id_first(definition: dict[str, Any]) -> None:
    rest = {key: value for key, value in definition.items() if key != "id"}
    stub_id = definition["id"]
    definition.clear()
    definition.update({"id": stub_id, **rest})


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-fA-F-]{36}", value))


__all__ = ["DEFAULT_PRIORITY", "At", "Mapped", "Part", "WireMock", "read_wiremock"]
