"""What the stubs of all protocols have in common: ``id``, ``priority``, ``enabled``, ``tags``, ``times``,
``scenario``, and which protocol a stub belongs to."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.stubs.compiler import StubCompiler, StubSource, kind_of
from mockforge.mocking.stubs.model import DEFAULT_PRIORITY, ScenarioStep, Stub
from mockforge.nearest import nearest
from mockforge.structured import Part

COMMON_KEYS: Final = ("id", "priority", "enabled", "tags", "times", "scenario")
PROTOCOL_KEYS: Final = ("request", "websocket", "grpc")
"""The keys that make a stub some protocol's, whether it takes part or not."""
LARGEST: Final = 2**31 - 1
"""Of priorities (also below zero) and ``times``."""
MAX_NAME: Final = 200
"""Characters of ids, tags, and names and states of scenarios."""
MAX_TAGS: Final = 50


def build(
    source: StubSource,
    compilers: Mapping[str, StubCompiler[Any]],
    *,
    text: str,
    default_id: str,
) -> Stub[Any] | None:
    """The stub that ``source`` describes, or ``None`` where problems were reported to it, or where it
    belongs to a protocol that takes no part. ``text`` is what is kept of the definition. The id may be
    empty if ``default_id`` is."""
    definition = source.definition
    if not any(key in definition for key in compilers) and protocol_of(definition) is not None:
        return None
    if "NaN" in text or "Infinity" in text:
        for path, number in _no_numbers(definition):
            source.problem(
                f"{number} is no number of JSON", path, hint="write null, or put it in quotes"
            )
    stub_id = _id(source, default_id)
    source.id = stub_id
    priority = _whole(source, "priority", DEFAULT_PRIORITY, least=-LARGEST)
    enabled = definition.get("enabled", True)
    if not isinstance(enabled, bool):
        source.problem(f"must be true or false, not {kind_of(enabled)}", ("enabled",))
        enabled = True
    times = _whole(source, "times", None, least=1)
    tags = _tags(source)
    scenario = _scenario(source)
    compiler = _compiler(source, compilers)
    if compiler is None:
        return None
    source.check_keys(definition, (), (compiler.key, *sorted(compiler.keys), *COMMON_KEYS))
    try:
        compiled = compiler.compile(source)
    except MockForgeError as error:
        source.take(error, (compiler.key,))
        return None
    if compiled is None or source.problems:
        return None
    return Stub(
        stub_id,
        text,
        compiled,
        protocol=compiler.protocol,
        priority=DEFAULT_PRIORITY if priority is None else priority,
        enabled=enabled,
        tags=tags,
        times=times,
        scenario=scenario,
        file=None if source.file is None else str(source.file),
        line=source.line,
        column=source.column,
        number=source.number,
    )


def _no_numbers(
    value: Any, path: tuple[Part, ...] = ()
) -> Iterator[tuple[tuple[Part, ...], float]]:
    """What is infinite or no number in a definition, and where."""
    if isinstance(value, float) and not isfinite(value):
        yield path, value
    elif isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _no_numbers(each, (*path, key))


def protocol_of(definition: Mapping[str, Any]) -> str | None:
    """The key that makes ``definition`` the stub of some protocol."""
    return next((key for key in PROTOCOL_KEYS if key in definition), None)


def _compiler(
    source: StubSource, compilers: Mapping[str, StubCompiler[Any]]
) -> StubCompiler[Any] | None:
    definition = source.definition
    found = [key for key in compilers if key in definition]
    if len(found) == 1:
        return compilers[found[0]]
    if found:
        source.problem(
            f"has {' and '.join(found)}: a stub belongs to one protocol",
            (found[1],),
            hint="make a stub for each",
        )
        return None
    known = {*COMMON_KEYS, *compilers, *(key for each in compilers.values() for key in each.keys)}
    meant = {
        key: close for key in definition if key not in known and (close := nearest(key, known))
    }
    for key, close in meant.items():
        source.problem(f"unknown key {key!r}", (key,), hint=f"did you mean {close}?")
    if not set(meant.values()) & set(compilers):
        wanted = " or ".join(compilers) or "none: no protocol is loaded"
        source.problem(f"says nothing of what it answers: missing key {wanted}")
    return None


def _id(source: StubSource, default: str) -> str:
    given = source.definition.get("id")
    if given is None:
        return default
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given) if abs(given) <= LARGEST else ""
    if not isinstance(given, str) or not given or len(given) > MAX_NAME or not given.isprintable():
        source.problem(f"must be text of 1 to {MAX_NAME} printable characters", ("id",))
        return default
    return given


def _whole(source: StubSource, key: str, default: int | None, *, least: int) -> int | None:
    given = source.definition.get(key)
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= LARGEST:
        shown = given if isinstance(given, int | float) else kind_of(given)
        source.problem(f"must be a whole number from {least}, not {shown}"[:200], (key,))
        return default
    return given


def _tags(source: StubSource) -> tuple[str, ...]:
    given = source.definition.get("tags")
    if given is None:
        return ()
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or len(listed) > MAX_TAGS:
        source.problem(f"must be a list of up to {MAX_TAGS} texts", ("tags",))
        return ()
    found: list[str] = []
    for number, tag in enumerate(listed):
        if isinstance(tag, str) and 0 < len(tag) <= MAX_NAME:
            found.append(sys.intern(tag))
        else:
            source.problem(f"must be text of 1 to {MAX_NAME} characters", ("tags", number))
    return tuple(found)


def _scenario(source: StubSource) -> ScenarioStep | None:
    given = source.definition.get("scenario")
    if given is None:
        return None
    if isinstance(given, str):
        given = {"name": given}
    known = source.mapping(given, ("scenario",), ScenarioStep._fields)
    if "name" not in known and given == known:
        source.problem("missing key 'name'", ("scenario",))
    texts: dict[str, str] = {}
    for key in ScenarioStep._fields:
        value = known.get(key)
        if value is None:
            continue
        if isinstance(value, str) and 0 < len(value) <= MAX_NAME:
            texts[key] = sys.intern(value)
        else:
            message = f"must be text of 1 to {MAX_NAME} characters, not {kind_of(value)}"
            source.problem(message, ("scenario", key))
    return ScenarioStep(**texts) if "name" in texts else None
