"""How a protocol takes part: it compiles the part of a definition that is its own.

A stub belongs to the protocol whose key it has: ``request`` (HTTP), ``websocket``, ``grpc``. The loader
reads what all have in common (:mod:`mockforge.mocking.stubs.common`) and hands the rest over.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from mockforge.errors import MockForgeError, Place
from mockforge.findings import Finding
from mockforge.mocking.matching import Predicate, compile_predicate
from mockforge.mocking.stubs.criteria import F
from mockforge.mocking.stubs.errors import StubError
from mockforge.mocking.stubs.model import Compiled
from mockforge.nearest import nearest
from mockforge.structured import Part, Structured, format_path

if TYPE_CHECKING:
    from mockforge.contracts import CustomPredicate

T = TypeVar("T")
TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""Names of methods, headers and subprotocols (RFC 9110 section 5.6.2)."""


class StubSource:
    """One definition on its way to a stub, and where problems with it go.

    ``definition`` is not to be changed. ``file`` is where it was read (``None`` if it was put at run time);
    paths in it are relative to ``folder``. Key paths are tuples within the definition
    (``("response", "status")``).
    """

    __slots__ = (
        "_at",
        "_structured",
        "column",
        "definition",
        "file",
        "findings",
        "folder",
        "id",
        "line",
        "problems",
    )

    def __init__(
        self,
        definition: Mapping[str, Any],
        *,
        stub_id: str = "",
        file: Path | None = None,
        line: int | None = None,
        column: int | None = None,
        structured: Structured | None = None,
        at: Sequence[Part] = (),
        folder: Path | None = None,
    ) -> None:
        self.definition = definition
        self.id = stub_id
        self.file = file
        self.folder = file.parent if folder is None and file is not None else folder
        self.line = line
        self.column = column
        self.problems: list[MockForgeError] = []
        self.findings: list[Finding] = []
        self._structured = structured
        self._at = tuple(at)

    def place(self, path: Sequence[Part] = ()) -> Place:
        """Where ``path`` of the definition stands. Not cheap: for errors and findings, and for what
        keeps few places."""
        whole = (*self._at, *path)
        if self._structured is not None:
            return self._structured.place(whole)
        shown = format_path(whole)
        if self.file is None and self.id:
            shown = f"stub {self.id}: {shown}".removesuffix(": ")
        name = None if self.file is None else str(self.file)
        return Place(name, self.line, self.column, shown or None)

    @property
    def number(self) -> int | None:
        """Its index where it stands in a list."""
        return self._at[0] if self._at and isinstance(self._at[0], int) else None

    def problem(self, message: str, path: Sequence[Part] = (), *, hint: str | None = None) -> None:
        """Report a mistake and go on; the stub is not taken."""
        self.problems.append(StubError(message, hint=hint, place=self.place(path)))

    def warn(
        self, code: str, message: str, path: Sequence[Part] = (), *, hint: str | None = None
    ) -> None:
        """Report what is odd and does not stop the stub."""
        odd = StubError(message, hint=hint, place=self.place(path))
        self.findings.append(Finding.of(odd, code, "warning"))

    def mapping(self, value: Any, path: Sequence[Part], known: Iterable[str]) -> dict[str, Any]:
        """``value`` if it is a mapping, its keys checked against ``known``; else ``{}`` and a problem."""
        if not isinstance(value, dict):
            self.problem(f"must be a mapping, not {kind_of(value)}", path)
            return {}
        self.check_keys(value, path, known)
        return value

    def check_keys(
        self, value: Mapping[str, Any], path: Sequence[Part], known: Iterable[str]
    ) -> None:
        """Report every key of ``value`` that is not ``known``, with the nearest one that is."""
        names = tuple(known)
        for key in value:
            if key not in names:
                close = nearest(key, names)
                self.problem(
                    f"unknown key {key!r}",
                    (*path, key),
                    hint=f"did you mean {close}?" if close else f"known: {', '.join(names)}",
                )

    def take(self, error: MockForgeError, path: Sequence[Part] = ()) -> None:
        """Report an error that a compile function raised. Its own ``path`` (predicates have one, a tuple
        within the definition) or ``place`` says where; else ``path`` does."""
        own = getattr(error, "path", None)
        if isinstance(own, tuple) and own:
            self.problem(error.message, own, hint=error.hint)
        elif error.place is not None:
            self.problems.append(error)
        else:
            self.problem(error.message, path, hint=error.hint)

    def attempt(self, make: Callable[[], T], path: Sequence[Part]) -> T | None:
        """What ``make`` makes; ``None`` and a problem where it raises a MockForgeError."""
        try:
            return make()
        except MockForgeError as error:
            self.take(error, path)
            return None

    def predicate(
        self, spec: Any, path: tuple[Part, ...], custom: Mapping[str, CustomPredicate]
    ) -> Predicate | None:
        """The predicate that ``spec`` is; ``custom`` are those of plugins."""
        if spec is None:
            self.problem("there is no predicate", path, hint="for instance {present: true}")
            return None
        return self.attempt(lambda: compile_predicate(spec, path=path, custom=custom), path)


class StubCompiler(ABC, Generic[F]):
    """One protocol's part of the format.

    ``protocol`` is its name, ``key`` the key of a definition that makes it this protocol's, ``keys`` the
    other top-level keys that it reads.
    """

    protocol: ClassVar[str]
    key: ClassVar[str]
    keys: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def compile(self, source: StubSource) -> Compiled[F] | None:
        """The compiled stub, or ``None`` where problems were reported. A MockForgeError raised here is
        reported like :meth:`StubSource.take` does. Unknown top-level keys are reported already."""


def kind_of(value: Any) -> str:
    """What a value is, in the words of the file."""
    if value is None:
        return "empty"
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), "a number")
