"""Stubs in a text that is no file: what an editor shows, what is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mockforge.errors import MockForgeError, all_errors
from mockforge.findings import Finding
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.compiler import StubCompiler, StubSource, kind_of
from mockforge.mocking.stubs.errors import StubError
from mockforge.mocking.stubs.loader import LoadLimits
from mockforge.mocking.stubs.plain import definition_text
from mockforge.structured import Kind, parse_structured

MAX_PROBLEMS = 100
"""Problems that are told of one text."""


class StubsText(NamedTuple):
    """``definitions`` in their order, compiled without being kept; ``problems`` and ``findings`` have places
    in the text."""

    definitions: list[dict[str, Any]]
    problems: list[MockForgeError]
    findings: list[Finding]


def read_stubs_text(
    content: bytes,
    kind: Kind,
    compilers: Mapping[str, StubCompiler[Any]],
    *,
    name: str = "stubs",
    folder: Path | None = None,
) -> StubsText:
    """One stub or a list of them, each compiled by the one of ``compilers`` (by key) that it is for. ``name``
    is what the text goes by in messages, files that stubs name are looked for in ``folder``."""
    read = StubsText([], [], [])
    try:
        whole = parse_structured(
            content,
            name=name,
            kind=kind,
            limits=LoadLimits().file,
            error=StubError,
            problems=read.problems,
        )
    except StubError as error:
        read.problems.extend(all_errors(error))
        return read
    listed = isinstance(whole.value, list)
    for number, definition in enumerate(whole.value if listed else [whole.value]):
        at: tuple[int, ...] = (number,) if listed else ()
        if not isinstance(definition, dict):
            message = f"a stub is a mapping, not {kind_of(definition)}"
            read.problems.append(StubError(message, place=whole.place(at)))
            continue
        source = StubSource(definition, structured=whole, at=at, folder=folder)
        text = definition_text(definition)
        if build(source, compilers, text=text, default_id="") is None and not source.problems:
            source.problem("no server runs that this stub could be for")
        read.problems.extend(source.problems)
        read.findings.extend(source.findings)
        read.definitions.append(definition)
    del read.problems[MAX_PROBLEMS:]
    return read
