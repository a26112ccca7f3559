"""Path templates of ``google.api.http`` rules: ``/v1/{name=shelves/*/books/*}:cancel``.

The grammar is that of ``google/api/http.proto``::

    Template = "/" Segments [ Verb ] ;
    Segments = Segment { "/" Segment } ;
    Segment  = "*" | "**" | LITERAL | Variable ;
    Variable = "{" FieldPath [ "=" Segments ] "}" ;
    FieldPath = IDENT { "." IDENT } ;
    Verb     = ":" LITERAL ;

``*`` is one segment, ``**`` is what is left of them, none included. Literals are compared after
percent-decoding, so it does not matter which of their characters are encoded.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote

from mockforge_grpc.bridge.rules.errors import RuleError

_IDENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SLASH_KEPT: Final = re.compile(r"%(?!2[Ff])[0-9A-Fa-f]{2}(?:%(?!2[Ff])[0-9A-Fa-f]{2})*")
MAX_SEGMENTS: Final = 64
"""Segments that a template may have."""


class Wildcard(Enum):
    """A segment that is no literal."""

    ONE = "*"
    REST = "**"


Segment: TypeAlias = str | Wildcard


class Variable(NamedTuple):
    """The field that takes the segments from ``start`` to ``end`` (``None``: to the last one).

    ``single``: it stands for exactly one segment, and is then decoded whole; of several, ``%2F`` stays as it
    is so that it cannot be mistaken for a separator.
    """

    field: tuple[str, ...]
    start: int
    end: int | None
    single: bool

    @property
    def name(self) -> str:
        """The field path as it is written."""
        return ".".join(self.field)

    def value(self, raw: list[str]) -> str:
        """What the segments of a request, still encoded, give the field."""
        if self.single:
            return unquote(raw[self.start])
        text = "/".join(raw[self.start : self.end])
        return _SLASH_KEPT.sub(lambda found: unquote(found[0]), text)


class PathRule(NamedTuple):
    """A template, taken apart; ``segments`` has decoded literals and wildcards, ``verb`` is ``""`` if there
    is none."""

    text: str
    segments: tuple[Segment, ...]
    variables: tuple[Variable, ...]
    verb: str

    @classmethod
    def parse(cls, text: str) -> PathRule:
        """RuleError: ``text`` is no template."""
        return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._segments: list[Segment] = []
        self._variables: list[Variable] = []

    def parse(self) -> PathRule:
        if not self._text.startswith("/"):
            raise self._error("it has to start with `/`")
        self._at = 1
        self._read_segments(in_variable=False)
        verb = ""
        if self._peek() == ":":
            self._at += 1
            verb = unquote(self._literal())
        if self._at < len(self._text):
            raise self._error(f"`{self._peek()}` is not expected here")
        if Wildcard.REST in self._segments[:-1]:
            raise self._error("`**` has to be the last segment")
        names = [variable.name for variable in self._variables]
        for name in names:
            if names.count(name) > 1:
                raise self._error(f"`{name}` is bound twice")
        return PathRule(self._text, tuple(self._segments), tuple(self._variables), verb)

    def _read_segments(self, *, in_variable: bool) -> None:
        while True:
            if len(self._segments) >= MAX_SEGMENTS:
                raise self._error(f"there are more than {MAX_SEGMENTS} segments")
            self._read_segment(in_variable=in_variable)
            if self._peek() != "/":
                return
            self._at += 1

    def _read_segment(self, *, in_variable: bool) -> None:
        if self._text.startswith("**", self._at):
            self._at += 2
            self._segments.append(Wildcard.REST)
        elif self._peek() == "*":
            self._at += 1
            self._segments.append(Wildcard.ONE)
        elif self._peek() == "{":
            if in_variable:
                raise self._error("a variable must not hold another one")
            self._read_variable()
        else:
            self._segments.append(unquote(self._literal()))

    def _read_variable(self) -> None:
        self._at += 1
        field = [self._ident()]
        while self._peek() == ".":
            self._at += 1
            field.append(self._ident())
        start = len(self._segments)
        if self._peek() == "=":
            self._at += 1
            self._read_segments(in_variable=True)
        else:
            self._segments.append(Wildcard.ONE)
        if self._peek() != "}":
            raise self._error("`}` is missing")
        self._at += 1
        own = self._segments[start:]
        end = None if own[-1] is Wildcard.REST else len(self._segments)
        single = len(own) == 1 and own[0] is not Wildcard.REST
        self._variables.append(Variable(tuple(field), start, end, single))

    def _ident(self) -> str:
        found = _IDENT.match(self._text, self._at)
        if found is None:
            raise self._error("the name of a field is expected here")
        self._at = found.end()
        return found[0]

    def _literal(self) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in "/:{}=*?#":
            self._at += 1
        if self._at == start:
            raise self._error("a segment is empty")
        return self._text[start : self._at]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _error(self, why: str) -> RuleError:
        return RuleError(
            f"the path template {self._text!r} is wrong at character {self._at + 1}: {why}",
            hint="it is written like `/v1/{name=shelves/*}:cancel` (google/api/http.proto)",
        )
