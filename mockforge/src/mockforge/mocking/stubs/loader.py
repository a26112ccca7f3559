"""Reading stubs from files and folders: everything that is wrong is reported at once.

A file holds one stub or a list of them. Below a folder every ``.yaml``, ``.yml`` and ``.json`` file is
read, in order of name; names that begin with ``.`` or ``_`` (``__files``) are left out: that is where
bodies and notes go. A folder of another format (``mappings/``) is read by whoever knows it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockforge.errors import MockForgeError, Place
from mockforge.findings import Finding
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.compiler import StubCompiler, StubSource, kind_of
from mockforge.mocking.stubs.errors import StubError, as_finding, raise_all
from mockforge.mocking.stubs.model import States, Stub
from mockforge.mocking.stubs.plain import definition_text
from mockforge.mocking.stubs.stubset import DEFAULT_MAX_STUBS, StubSet
from mockforge.structured import Limits, Structured, read_structured

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
DOCUMENT_KEY: Final = "asyncapi"
MAX_ERRORS: Final = 100
"""Errors that are reported; reading stops there."""


class LoadLimits(NamedTuple):
    """What is read at most: ``files``, and of each ``file``; ``findings`` that are kept."""

    files: int = 20_000
    file: Limits = Limits(size=32 * 1024**2, values=2_000_000)
    findings: int = 1000


class Definition(NamedTuple):
    """A stub that was made of another format: the native ``value``, and the ``file`` it came from. ``id``
    is used if the value has none. Paths in it are relative to ``folder``, by default that of the file."""

    value: dict[str, Any]
    file: Path
    line: int | None = None
    column: int | None = None
    id: str = ""
    folder: Path | None = None


ForeignReader = Callable[[Path, list[Finding]], "Iterable[Definition] | None"]
"""Reads a folder of another format, or returns ``None`` if it is none of these. Findings go to the list;
MockForgeErrors are reported with all others."""


def load_stubs(
    paths: Sequence[Path],
    compilers: Iterable[StubCompiler[Any]],
    *,
    max_stubs: int = DEFAULT_MAX_STUBS,
    limits: LoadLimits | None = None,
    states: States | None = None,
    foreign: Sequence[ForeignReader] = (),
    max_setting: str = "http.max_stubs",
    documents: list[Path] | None = None,
) -> StubSet:
    """The stubs in files and below folders. Files that are AsyncAPI documents (:data:`DOCUMENT_KEY` at their
    root) hold none: they are noted in ``documents``, for whoever serves them.

    Raises StubError with the place of what is wrong, :class:`StubErrors` where there is more than one
    thing."""
    made = StubSet(compilers, max_stubs=max_stubs, states=states, max_setting=max_setting)
    reading = StubReading(made, limits or LoadLimits(), foreign)
    for path in paths:
        reading.read(path)
    raise_all(reading.problems)
    if documents is not None:
        documents += reading.documents
    made.load(list(reading.stubs.values()), reading.findings)
    return made


class _TooMuch(Exception):  # noqa: N818 - a way out, never seen outside
    """Reading is to stop: there is a problem that makes going on pointless."""


class StubReading:
    """One load under way. ``stubs`` by id and ``problems`` are what it comes to."""

    def __init__(
        self, into: StubSet, limits: LoadLimits, foreign: Sequence[ForeignReader] = ()
    ) -> None:
        self.stubs: dict[str, Stub[Any]] = {}
        self.problems: list[MockForgeError] = []
        self.findings: list[Finding] = []
        self.documents: list[Path] = []
        self._into = into
        self._limits = limits
        self._foreign = foreign
        self._files = 0
        self._over = False

    def read(self, path: Path) -> None:
        """Read a file or a folder."""
        try:
            if path.is_dir():
                for found in self._walk(path):
                    if isinstance(found, Definition):
                        self._take_foreign(found)
                    else:
                        self._read_file(found, str(found.relative_to(path).with_suffix("")))
            elif not path.exists():
                place = Place(str(path))
                self._report(
                    StubError("no such file or directory", hint="check the path", place=place)
                )
            else:
                self._read_file(path, path.stem)
        except _TooMuch:
            self._over = True

    def _walk(self, folder: Path) -> Iterator[Path | Definition]:
        """Stub files and foreign stubs below ``folder``. Links to folders are not followed."""

        def failed(error: OSError) -> None:
            self._report(StubError(f"cannot read {error.filename}: {_reason(error)}"))

        for place, folders, files in os.walk(folder, onerror=failed):
            here = Path(place)
            foreign = self._read_foreign(here)
            if foreign is not None:
                folders.clear()
                yield from foreign
                continue
            folders[:] = sorted(name for name in folders if name[0] not in "._")
            for name in sorted(files):
                if name[0] not in "._" and Path(name).suffix.lower() in SUFFIXES:
                    yield here / name

    def _read_foreign(self, folder: Path) -> Iterable[Definition] | None:
        for reader in self._foreign:
            try:
                found = reader(folder, self.findings)
                if found is not None:
                    return list(found)
            except MockForgeError as error:
                self._report(error)
                return []
        return None

    def _read_file(self, path: Path, name: str) -> None:
        self._files += 1
        if self._files > self._limits.files:
            self._report(
                StubError(
                    f"more than {self._limits.files} stub files",
                    hint="put many stubs into one file as a list",
                    place=Place(str(path)),
                ),
                last=True,
            )
        try:
            read = read_structured(
                path, limits=self._limits.file, error=StubError, problems=self.problems
            )
        except StubError as error:
            self._report(error)
            return
        self._take_all(path, name, read)

    def _take_all(self, path: Path, name: str, read: Structured) -> None:
        value = read.value
        if value is None:
            return
        if isinstance(value, dict) and DOCUMENT_KEY in value:
            self.documents.append(path)
            return
        listed = isinstance(value, list)
        places = read.items()
        for number, definition in enumerate(value if listed else [value]):
            at: tuple[int, ...] = (number,) if listed else ()
            if not isinstance(definition, dict):
                self._report(
                    StubError(
                        f"a stub is a mapping, not {kind_of(definition)}", place=read.place(at)
                    )
                )
                continue
            line, column = places[number] if listed else (1, 1)
            source = StubSource(
                definition, file=path, line=line, column=column, structured=read, at=at
            )
            self._take(source, f"{name}#{number + 1}" if listed else name)

    def _take_foreign(self, found: Definition) -> None:
        source = StubSource(
            found.value, file=found.file, line=found.line, column=found.column, folder=found.folder
        )
        self._take(source, found.id or found.file.stem, foreign=True)

    def _take(self, source: StubSource, default_id: str, *, foreign: bool = False) -> None:
        """Compile ``source``. A mistake in a stub of another format leaves out that stub only, with a
        warning: its author did not write it for us."""
        if len(self.stubs) >= self._into.max_stubs:
            self._report(
                StubError(
                    f"more than {self._into.max_stubs} stubs",
                    hint=f"raise {self._into.max_setting}",
                    place=source.place(),
                ),
                last=True,
            )
        text = definition_text(source.definition)
        stub = build(source, self._into.compilers, text=text, default_id=default_id)
        room = self._limits.findings - len(self.findings)
        self.findings += source.findings[: max(room, 0)]
        for problem in source.problems:
            if not foreign:
                self._report(problem)
            elif len(self.findings) < self._limits.findings:
                self.findings.append(as_finding(problem, code="stub.left-out", severity="warning"))
        first = self.stubs.get(source.id)
        if first is not None:
            self._report(
                StubError(
                    f"the id {source.id!r} is taken already by {first.place}",
                    hint="give each stub an id of its own",
                    place=source.place(("id",)),
                )
            )
        elif stub is not None:
            self.stubs[stub.id] = stub

    def _report(self, problem: MockForgeError, *, last: bool = False) -> None:
        self.problems.append(problem)
        if last or len(self.problems) >= MAX_ERRORS:
            raise _TooMuch


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
