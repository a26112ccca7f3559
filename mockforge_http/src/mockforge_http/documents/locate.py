"""Line and column of JSON pointers, found by reading the source file again.

Only errors and findings need a position, so none is kept while a document is served. JSON and YAML
are both reduced to the same few events, and one walker follows the wanted pointers through them;
everything else is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from mockforge.errors import MockForgeError

from .limits import DEFAULT_LIMITS, Limits
from .pointer import split

Position = tuple[int, int]


class _Event(NamedTuple):
    """``kind`` is an opening or closing bracket, or ``s`` for a scalar; ``mark`` is the offset of its
    first byte (JSON) or its position (YAML)."""

    kind: str
    text: Any
    mark: Any


_JSON: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\],:"]+', re.DOTALL)


def locate(
    path: Path,
    pointers: Iterable[str],
    limits: Limits = DEFAULT_LIMITS,
    *,
    last: bool = False,
) -> dict[str, Position]:
    """Where each of ``pointers`` is in the file at ``path``: of its key, or of the element itself in
    an array. A pointer that leads nowhere gets the position of the last step that exists; one in
    a file that can no longer be read gets none. Of keys given twice, the ``last`` one is meant, or
    else the first."""
    from .source import position, read_source

    wanted = list(dict.fromkeys(pointers))
    if not wanted:
        return {}
    try:
        source = read_source(path, limits)
    except MockForgeError:
        return {}
    try:
        found: dict[str, Any] = {}
        if source.notation == "json":
            found = _follow(_json_events(source.data), wanted, last=last)
            if all(mark is not None for mark in found.values()):
                data = bytes(source.data)
                return {pointer: position(data, mark) for pointer, mark in found.items()}
        found = _follow(_yaml_events(source.data), wanted, last=last)
        return {pointer: mark for pointer, mark in found.items() if mark is not None}
    finally:
        source.close()


def _json_events(data: memoryview) -> Iterator[_Event]:
    for match in _JSON.finditer(data):
        text = match[0]
        first = text[:1]
        kind = first.decode() if first in b"{}[]" else "s"
        yield _Event(kind, text, match.start())


def _yaml_events(data: memoryview) -> Iterator[_Event]:
    import yaml
    from yaml import events

    from .yamltext import Reader, loader_class

    kinds: dict[type, str] = {
        events.ScalarEvent: "s",
        events.AliasEvent: "s",
        events.MappingStartEvent: "{",
        events.SequenceStartEvent: "[",
        events.MappingEndEvent: "}",
        events.SequenceEndEvent: "]",
    }
    loader = loader_class()(Reader(data))
    try:
        while True:
            event = loader.get_event()
            kind = kinds.get(event.__class__)
            if kind is not None:
                mark = event.start_mark
                yield _Event(kind, getattr(event, "value", ""), (mark.line + 1, mark.column + 1))
            elif event.__class__ is events.StreamEndEvent:
                return
    except (yaml.YAMLError, RecursionError):
        return  # positions before the broken place are still good
    finally:
        loader.dispose()


class _Wanted:
    """A node of the trie of wanted pointers: the pointers that end here, and the steps onward."""

    __slots__ = ("ends", "steps")

    def __init__(self) -> None:
        self.ends: list[str] = []
        self.steps: dict[str, _Wanted] = {}

    def everything_below(self) -> Iterator[str]:
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield from node.ends
            waiting.extend(node.steps.values())


def _trie(pointers: list[str]) -> _Wanted:
    root = _Wanted()
    for pointer in pointers:
        node = root
        try:
            tokens = split(pointer)
        except ValueError:
            tokens = ()
        for token in tokens:
            node = node.steps.setdefault(token, _Wanted())
        node.ends.append(pointer)
    return root


def _follow(events: Iterator[_Event], pointers: list[str], *, last: bool) -> dict[str, Any]:
    """The mark of every pointer. On entering a wanted node all pointers below it get its mark; those
    that go further overwrite it."""
    found: dict[str, Any] = dict.fromkeys(pointers)
    unmet = set(pointers)
    # One entry per open container: [is mapping, trie node or None, pending key or next index].
    stack: list[list[Any]] = []
    here: _Wanted | None = _trie(pointers)
    for event in events:
        kind = event.kind
        if kind in "}]":
            if not stack:
                break
            stack.pop()
            if not stack or not (unmet or last):
                break
            continue
        mark = event.mark
        if stack:
            frame = stack[-1]
            if frame[0] and frame[2] is None:
                frame[2] = _Pending(event)
                continue
            here, mark = _step(frame, mark)
        if here is not None:
            for pointer in here.everything_below():
                if last or pointer in unmet:
                    found[pointer] = mark
            unmet.difference_update(here.ends)
        if kind != "s":
            stack.append([kind == "{", here, None if kind == "{" else 0])
        elif not stack:
            break
    return found


class _Pending(NamedTuple):
    event: _Event


def _step(frame: list[Any], mark: Any) -> tuple[_Wanted | None, Any]:
    """The trie node of the value that begins, and the mark to report for it."""
    is_mapping, node, at = frame
    if not is_mapping:
        frame[2] = at + 1
        return (node.steps.get(str(at)) if node is not None else None), mark
    frame[2] = None
    if node is None:
        return None, mark
    key = at.event.text
    if isinstance(key, bytes):
        try:
            key = msgspec.json.decode(key, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None, mark
    return node.steps.get(key), at.event.mark
