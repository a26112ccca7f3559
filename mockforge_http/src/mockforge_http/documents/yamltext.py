"""YAML to JSON text, event by event, without building a tree.

Scalars follow the core schema of YAML 1.2 (section 10.3), which is what OpenAPI asks for: ``on``,
``yes``, ``NO``, dates and times stay strings; keys are strings as they are written (``200:``);
numbers keep every digit. Anchors, aliases and merge keys work; what aliases add is bounded, as is the
nesting. The events come from PyYAML's binding to libyaml (or its Python parser where that is absent).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, Final

import msgspec
import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from mockforge.errors import DocumentError, Place
from mockforge.findings import Finding

from .limits import Limits
from .yamlerrors import syntax_error, unreadable


def loader_class() -> Any:
    """PyYAML's loader on libyaml, or the one in Python where libyaml is absent."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_CORE: Final = re.compile(
    r"(?P<null>null|Null|NULL|~|)"
    r"|(?P<true>true|True|TRUE)"
    r"|(?P<false>false|False|FALSE)"
    r"|(?P<json>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<int>[-+]?[0-9]+)"
    r"|(?P<oct>0o[0-7]+)"
    r"|(?P<hex>0x[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<special>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_TAG: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = frozenset({"!", _TAG + "str", _TAG + "binary", _TAG + "timestamp"})
_CORE_TAGS: Final = frozenset(_TAG + name for name in ("null", "bool", "int", "float"))
_LONGEST_KEPT: Final = 64
_MOST_KEPT: Final = 20_000
_LONGEST_NUMBER: Final = 1000
_SEQUENCE, _KEY, _VALUE = 0, 1, 2


class _Frame:
    """An open mapping or sequence: the ``state`` around it, where its text starts, its keys, and the
    texts that ``<<`` keys brought in."""

    __slots__ = ("anchor", "keys", "merged", "merging", "start", "state")

    def __init__(self, state: int, start: int, anchor: str | None, merging: int | None) -> None:
        self.state = state
        self.start = start
        self.anchor = anchor
        self.merging = merging
        self.keys: set[str] = set()
        self.merged: list[str] = []


class _Converter:
    def __init__(self, loader: Any, shown: str, limits: Limits) -> None:
        self._next: Callable[[], Any] = loader.get_event
        self._shown = shown
        self._limits = limits
        self._out: list[str] = []
        self._state = _SEQUENCE
        self._comma = False
        self._stack: list[_Frame] = []
        self._keys: set[str] = set()
        self._merging: int | None = None  # where the text of a `<<` value starts
        self._anchors: dict[str, str | None] = {}
        self._added = 0
        self._documents = 0
        self._plain: dict[str, str] = {}
        self._key_texts: dict[str, str] = {}
        self.findings: list[Finding] = []

    def run(self) -> str:
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._open,
            SequenceStartEvent: self._open,
            MappingEndEvent: self._close,
            SequenceEndEvent: self._close,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
            DocumentEndEvent: _nothing,
            StreamStartEvent: _nothing,
        }
        following = self._next
        while True:
            event = following()
            kind = event.__class__
            if kind is StreamEndEvent:
                break
            handlers[kind](event)
        if not self._documents:
            raise DocumentError("is empty", place=Place(self._shown))
        return "".join(self._out)

    # ---------------------------------------------------------------- events

    def _scalar(self, event: Any) -> None:
        value = event.value
        if self._state == _KEY:
            self._key(value, event)
            return
        if not event.style and event.tag is None:
            text = self._plain.get(value)
            if text is None:
                text = self._resolve(value, event)
                if len(value) <= _LONGEST_KEPT and len(self._plain) < _MOST_KEPT:
                    self._plain[value] = text
        elif event.tag is None:
            text = encode_basestring(value)
        else:
            text = self._tagged(value, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = text
        self._write(text)

    def _open(self, event: Any) -> None:
        if self._state == _KEY:
            raise self._error("a key is a mapping or a sequence; JSON has only text keys", event)
        if len(self._stack) >= self._limits.depth:
            raise self._error(f"is nested more than {self._limits.depth} levels deep", event)
        if event.tag is not None and not event.tag.startswith(_TAG):
            self._unknown_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if self._comma and self._state == _SEQUENCE:
            self._out.append(",")
        frame = _Frame(self._state, len(self._out), event.anchor, self._merging)
        frame.keys, self._keys = self._keys, set()
        self._stack.append(frame)
        self._merging = None
        self._comma = False
        if event.__class__ is MappingStartEvent:
            self._state = _KEY
            self._out.append("{")
        else:
            self._state = _SEQUENCE
            self._out.append("[")

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        self._out.append("}" if self._state == _KEY else "]")
        if frame.merged:
            own = "".join(self._out[frame.start :])
            self._count(own, event)
            del self._out[frame.start :]
            self._out.append(self._merge(own, frame.merged, event))
        if frame.anchor is not None:
            text = "".join(self._out[frame.start :])
            self._count(text, event)
            self._anchors[frame.anchor] = text
        self._keys = frame.keys
        self._state = frame.state
        self._merging = frame.merging
        self._after_value()

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if name not in self._anchors:
            raise self._error(f"no anchor &{name} stands before this alias", event)
        text = self._anchors[name]
        if text is None:
            raise self._error(f"the alias *{name} stands inside the node that it names", event)
        if self._state == _KEY:
            if not text.startswith('"'):
                raise self._error(f"the key *{name} is not text", event)
            self._key(msgspec.json.decode(text, type=str), event)
            return
        self._count(text, event)
        self._write(text)

    def _count(self, text: str, event: Any) -> None:
        """Bound what anchors keep and aliases add: nested ones multiply."""
        self._added += len(text)
        if self._added > self._limits.alias_bytes:
            raise self._error(
                f"its anchors and aliases come to more than {self._limits.alias_bytes:,} bytes",
                event,
            )

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._error(
                "a second YAML document starts here", event, "keep one document per file"
            )

    # ---------------------------------------------------------------- writing

    def _key(self, name: str, event: Any) -> None:
        if name == "<<" and not getattr(event, "style", None) and event.anchor is None:
            self._state = _VALUE
            self._merging = len(self._out)
            return
        if name in self._keys:
            self._duplicate(name, event)
        if event.anchor is not None and event.__class__ is ScalarEvent:
            self._anchors[event.anchor] = encode_basestring(name)
        self._keys.add(name)
        text = self._key_texts.get(name)
        if text is None:
            text = encode_basestring(name) + ":"
            if len(self._key_texts) < _MOST_KEPT:
                self._key_texts[name] = text
        if self._comma:
            self._out.append(",")
        self._out.append(text)
        self._state = _VALUE

    def _write(self, text: str) -> None:
        if self._comma and self._state == _SEQUENCE:
            self._out.append(",")
        self._out.append(text)
        self._after_value()

    def _after_value(self) -> None:
        if self._merging is not None and self._state == _VALUE:
            start = self._merging
            self._stack[-1].merged.append("".join(self._out[start:]))
            del self._out[start:]
            self._merging = None
            self._state = _KEY
            self._comma = bool(self._keys)
            return
        if self._state == _VALUE:
            self._state = _KEY
        self._comma = True

    def _merge(self, own: str, brought: list[str], event: Any) -> str:
        """One mapping of its own members and what ``<<`` brought: its own win, then the earlier."""
        members: dict[str, msgspec.Raw] = {}
        for text in brought:
            try:
                if text.startswith("["):
                    sources = msgspec.json.decode(text, type=list[dict[str, msgspec.Raw]])
                else:
                    sources = [msgspec.json.decode(text, type=dict[str, msgspec.Raw])]
            except (msgspec.DecodeError, RecursionError):
                raise self._error("the value of a << key is not a mapping", event) from None
            for source in sources:
                members = {**source, **members}
        members.update(msgspec.json.decode(own, type=dict[str, msgspec.Raw]))
        return (
            "{"
            + ",".join(
                f"{encode_basestring(key)}:{bytes(value).decode()}"
                for key, value in members.items()
            )
            + "}"
        )

    # ---------------------------------------------------------------- scalars

    def _resolve(self, value: str, event: Any) -> str:
        match = _CORE.fullmatch(value)
        if match is None:
            return encode_basestring(value)
        kind = match.lastgroup
        if kind == "json":
            return value
        if kind in ("null", "true", "false"):
            return str(kind)
        return self._number(str(kind), value, event)

    def _number(self, kind: str, value: str, event: Any) -> str:
        if len(value) > _LONGEST_NUMBER:
            raise self._error(f"a number of {len(value):,} digits is out of range", event)
        if kind in ("oct", "hex"):
            return str(int(value, 0))
        if kind == "special":
            self._find("yaml-number", f"{value} has no form in JSON; it is taken as text", event)
            return encode_basestring(value)
        sign, digits = ("-", value[1:]) if value[0] == "-" else ("", value.removeprefix("+"))
        mantissa, marker, exponent = re.fullmatch(r"([0-9.]+)([eE]?)(.*)", digits).groups()  # type: ignore[union-attr]
        whole, _, fraction = mantissa.partition(".")
        whole = whole.lstrip("0") or "0"
        return sign + whole + (f".{fraction}" if fraction else "") + marker + exponent

    def _tagged(self, value: str, event: Any) -> str:
        tag = event.tag
        if tag in _TEXT_TAGS:
            return encode_basestring(value)
        if tag in _CORE_TAGS:
            text = self._resolve(value, event)
            if text.startswith('"'):
                raise self._error(f"{value!r} is not a !!{tag.removeprefix(_TAG)}", event)
            return text
        self._unknown_tag(event)
        return encode_basestring(value)

    # ---------------------------------------------------------------- reports

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._shown, mark.line + 1, mark.column + 1)

    def _error(self, message: str, event: Any, hint: str | None = None) -> DocumentError:
        return DocumentError(message, place=self._place(event), hint=hint)

    def _find(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        if len(self.findings) < self._limits.findings:
            place = self._place(event)
            self.findings.append(
                Finding(
                    f"document.{code}",
                    message,
                    "warning",
                    file=self._shown,
                    line=place.line,
                    column=place.column,
                    hint=hint,
                )
            )

    def _duplicate(self, name: str, event: Any) -> None:
        self._find("duplicate-key", f"the key {name!r} is given twice; the last one counts", event)

    def _unknown_tag(self, event: Any) -> None:
        self._find("yaml-tag", f"the tag {event.tag} is not known; it is ignored", event)


def _nothing(event: Any) -> None:
    """Stream and document marks carry no content."""


def to_json(data: memoryview, shown: str, limits: Limits) -> tuple[str, list[Finding]]:
    """The JSON text, without white space, of the YAML text in ``data``, and what looked odd in it.

    DocumentError with line and column: it is not YAML, holds several documents, nests too deeply, or
    its aliases expand too far.
    """
    loader = loader_class()(Reader(data))
    converter = _Converter(loader, shown, limits)
    try:
        return converter.run(), converter.findings
    except yaml.MarkedYAMLError as error:
        raise syntax_error(error, shown, limits) from None
    except yaml.YAMLError as error:
        raise unreadable(error, data, shown) from None
    except RecursionError:  # only the parser in Python recurses
        raise DocumentError("is nested too deeply", place=Place(shown)) from None
    finally:
        loader.dispose()


class Reader:
    """Hands the text to the parser piece by piece: no second copy of it is made."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def read(self, size: int = 65536) -> bytes:
        piece = bytes(self._data[self._at : self._at + size])
        self._at += len(piece)
        return piece
