"""YAML for :mod:`mockforge.structured`, built from the parser's events.

The events come from libyaml where PyYAML has it. Building from them (and not with PyYAML's own
constructors) is what gives positions, the scalars of the YAML 1.2 core schema (section 10.3.2), and
limits that hold while reading: a document of nested aliases is refused before it is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from mockforge.structured.marks import LateMarks, Mark, Part, format_path

if TYPE_CHECKING:
    from mockforge.errors import MockForgeError
    from mockforge.structured import Reading

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE: Final = "tag:yaml.org,2002:"
_CONTROL: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_WORDS: Final[dict[str, Any]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER_START: Final = frozenset("+-.0123456789")
_INT: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER: Final = 4300  # digits; the interpreter's own limit for decimal integers


def parse(text: str, reading: Reading) -> tuple[Any, Mark | LateMarks]:
    """The value of the one document in ``text``, and its marks."""
    if odd := _CONTROL.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        column = odd.start() - (text.rfind("\n", 0, odd.start()) + 1) + 1
        raise reading.failure(
            f"not valid YAML: the control character U+{ord(odd[0]):04X} is not allowed",
            line,
            column,
        )
    try:
        return _Builder(text, reading).document()
    except yaml.MarkedYAMLError as failure:
        raise _syntax_error(failure, text, reading) from failure


def _syntax_error(failure: yaml.MarkedYAMLError, text: str, reading: Reading) -> MockForgeError:
    mark = failure.problem_mark or failure.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    message = failure.problem or failure.context or "it cannot be parsed"
    if "maximum nesting depth" in message:  # the parser's own limit, which it looks ahead for
        return reading.too_deep(line, column)
    hint = None
    lines = text.splitlines()
    if mark and mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        hint = "YAML indents with spaces; there is a tab here"
    elif "mapping values are not allowed" in message:
        hint = "check the indentation, and quote text that contains ': '"
    return reading.failure(f"not valid YAML: {message}", line, column, hint=hint)


class _Anchor(NamedTuple):
    """A finished anchored node and the number of values in it."""

    value: Any
    mark: Mark
    size: int


class _Builder:
    def __init__(self, text: str, reading: Reading) -> None:
        self.events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
        self.reading = reading
        self.anchors: dict[str, _Anchor | None] = {}
        self.size = 0
        self.path: list[Part] = []

    def document(self) -> tuple[Any, Mark]:
        value: Any = None
        mark = Mark(1, 1)
        seen = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    raise self.failure("a second document starts here; only one is read", event)
                seen = True
                value, mark = self.node(next(self.events))
        return value, mark

    def node(self, event: Event) -> tuple[Any, Mark]:
        """The value that starts with ``event``, and its mark; the events of it are used up."""
        if isinstance(event, AliasEvent):
            return self.alias(event)
        mark = Mark(*_position(event))
        before = self.size
        self.count(1, event)
        anchor = event.anchor if isinstance(event, NodeEvent) else None
        if anchor is not None:
            self.anchors[anchor] = None
        value: Any
        if isinstance(event, ScalarEvent):
            value = self.scalar(event)
        elif len(self.path) >= self.reading.limits.depth:
            raise self.reading.too_deep(mark.line, mark.column)
        elif isinstance(event, MappingStartEvent):
            self.check_tag(event, "map")
            value, mark.children = self.mapping()
        elif isinstance(event, SequenceStartEvent):
            self.check_tag(event, "seq")
            value, mark.children = self.sequence()
        else:
            raise self.failure("something other than a value", event)
        if anchor is not None:
            self.anchors[anchor] = _Anchor(value, mark, self.size - before)
        return value, mark

    def alias(self, event: AliasEvent) -> tuple[Any, Mark]:
        name = event.anchor
        if name not in self.anchors:
            raise self.failure(f"the alias *{name} refers to an anchor that is not above it", event)
        target = self.anchors[name]
        if target is None:
            raise self.failure(f"the alias *{name} stands inside what it refers to", event)
        self.count(target.size, event)
        mark = Mark(*_position(event), target.mark.children)
        return target.value, mark

    def mapping(self) -> tuple[dict[str, Any], dict[str, Mark]]:
        values: dict[str, Any] = {}
        marks: dict[str, Mark] = {}
        merged: list[tuple[dict[str, Any], dict[str, Mark]]] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self.failure("a key must be text", event)
            key = event.value
            line, column = _position(event)
            self.path.append(key)
            value, mark = self.node(next(self.events))
            if key == "<<" and event.implicit[0] and event.tag is None:
                merged.extend(self.mergeable(value, mark, event))
            else:
                if key in marks:
                    self.reading.duplicate(self.path, line, column, marks[key].line)
                values[key] = value
                marks[key] = Mark(line, column, mark.children)
            self.path.pop()
        for more_values, more_marks in merged:
            self.count(len(more_values), event)
            for key, value in more_values.items():
                if key not in marks:
                    values[key] = value
                    marks[key] = more_marks[key]
        return values, marks

    def mergeable(
        self, value: Any, mark: Mark, event: Event
    ) -> list[tuple[dict[str, Any], dict[str, Mark]]]:
        """What the merge key ``<<`` brings: one mapping, or a list of them, the first one wins."""
        pairs = [(value, mark)]
        if isinstance(value, list) and isinstance(mark.children, list):
            pairs = list(zip(value, mark.children, strict=True))
        found = []
        for item, at in pairs:
            if not isinstance(item, dict) or not isinstance(at.children, dict):
                raise self.failure("the merge key << takes a mapping or a list of mappings", event)
            found.append((item, at.children))
        return found

    def sequence(self) -> tuple[list[Any], list[Mark]]:
        values: list[Any] = []
        marks: list[Mark] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            self.path.append(len(values))
            value, mark = self.node(event)
            self.path.pop()
            values.append(value)
            marks.append(mark)
        return values, marks

    def scalar(self, event: ScalarEvent) -> Any:
        text: str = event.value
        tag = event.tag
        if tag is None or tag == "!":
            if tag == "!" or not event.implicit[0]:
                return text
            return self.plain(text, event)
        kind = tag.removeprefix(_CORE)
        if kind == "str":
            return text
        value = self.plain(text, event)
        if kind == "float" and type(value) is int:
            return float(value)
        if kind not in ("null", "bool", "int", "float"):
            raise self.failure(f"the tag {_short(tag)} is not supported", event)
        if _kind_of(value) != kind:
            raise self.failure(f"{text!r} is not what the tag {_short(tag)} says", event)
        return value

    def plain(self, text: str, event: ScalarEvent) -> Any:
        """The value of a plain scalar by the core schema."""
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _NUMBER_START:
            return text
        if _INT.fullmatch(text):
            if len(text) > _LONGEST_NUMBER:
                raise self.failure("the number is too long", event)
            return int(text)
        if _OCTAL.fullmatch(text):
            return int(text, 0)
        if _HEX.fullmatch(text):
            return int(text, 0)
        return float(text) if _FLOAT.fullmatch(text) else text

    def check_tag(self, event: NodeEvent, kind: str) -> None:
        tag: str | None = getattr(event, "tag", None)
        if tag not in (None, "!", _CORE + kind):
            raise self.failure(f"the tag {_short(str(tag))} is not supported", event)

    def count(self, more: int, event: Event) -> None:
        self.size += more
        if self.size > self.reading.limits.values:
            raise self.failure(
                f"holds more than {self.reading.limits.values} values, aliases expanded", event
            )

    def failure(self, message: str, event: Event) -> MockForgeError:
        line, column = _position(event)
        return self.reading.failure(message, line, column, path=format_path(self.path))


def _position(event: Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return mark.line + 1, mark.column + 1


def _short(tag: str) -> str:
    return f"!!{tag.removeprefix(_CORE)}" if tag.startswith(_CORE) else tag


def _kind_of(value: Any) -> str:
    kinds = {type(None): "null", bool: "bool", int: "int", float: "float"}
    return kinds.get(type(value), "str")
