"""Errors that a person can act on: what is wrong, where, and what to do about it.

Everything MockForge refuses because of its *input* (a document, a setting, a plugin, a port)
is a :class:`MockForgeError`; the command line prints it in one to three lines and exits with its
``exit_code``. Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What ``mockforge`` exits with."""

    OK = 0
    FOUND_WRONG = 1
    """The input was read and found wrong (``lint``, ``config check``)."""
    USAGE = 2
    """Usage or configuration: nothing was started."""
    NOT_STARTED = 3
    """The settings were fine, but a server could not start (port taken, document broken ...)."""


class Place:
    """A position in a file: ``file``, 1-based ``line`` and ``column``, and the key ``path`` in it.

    Any part may be unknown (``None``). ``str()`` gives ``file:line:column (path)``.
    """

    __slots__ = ("column", "file", "line", "path")

    def __init__(
        self,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        path: str | None = None,
    ) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"Place({str(self)!r})"

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        if self.path and where:
            return f"{where} ({self.path})"
        return self.path or where


class MockForgeError(Exception):
    """Something in the input is wrong.

    ``message`` says what, ``place`` where, ``hint`` what to do. ``str()`` is one line,
    ``place: message``; the hint is shown on a line of its own.
    """

    exit_code: ExitCode = ExitCode.USAGE

    def __init__(
        self, message: str, *, hint: str | None = None, place: Place | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place

    def __str__(self) -> str:
        where = str(self.place) if self.place is not None else ""
        return f"{where}: {self.message}" if where else self.message


class SeveralErrors(MockForgeError):  # noqa: N818 - it stands for several
    """Several things are wrong with ``subject``; ``errors`` holds each with its own place and hint.

    ``str()`` has a line for every error, its hint in brackets.
    """

    subject: ClassVar[str] = "the input"

    def __init__(self, errors: Iterable[MockForgeError]) -> None:
        self.errors = tuple(errors)
        lines = [f"{error} ({error.hint})" if error.hint else str(error) for error in self.errors]
        super().__init__("\n  ".join([f"{len(lines)} errors in {self.subject}:", *lines]))


def all_errors(error: MockForgeError) -> tuple[MockForgeError, ...]:
    """The single errors that ``error`` stands for."""
    return error.errors if isinstance(error, SeveralErrors) else (error,)


class ConfigError(MockForgeError):
    """A setting is unknown, has the wrong type, or contradicts another."""


class StartError(MockForgeError):
    """A server could not start: port taken, document broken, fixture root missing ..."""

    exit_code = ExitCode.NOT_STARTED


class DocumentError(StartError):
    """An API description (or a file it refers to) could not be used."""


class PluginError(MockForgeError):
    """A plugin could not be loaded, or two claim the same name."""
