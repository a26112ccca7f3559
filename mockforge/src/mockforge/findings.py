"""What a check found: the one shape that lint, loading and request validation speak."""

from __future__ import annotations

from typing import Literal, Self

import msgspec

from mockforge.errors import MockForgeError, Place

Severity = Literal["error", "warning", "info"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong (or worth a look) in a file or a request.

    ``code`` is stable and greppable (``document.ref-dangling``), ``message`` is a sentence a person
    can act on, ``place`` says where in a file.
    """

    code: str
    message: str
    severity: Severity = "error"
    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None
    """Key path or JSON pointer inside the file."""
    hint: str | None = None

    @classmethod
    def of(cls, error: MockForgeError, code: str, severity: Severity = "error") -> Self:
        """What ``error`` says."""
        place = error.place or Place()
        return cls(
            code,
            error.message,
            severity,
            place.file,
            place.line,
            place.column,
            place.path,
            error.hint,
        )

    @property
    def place(self) -> Place:
        """Where, as the type that errors use."""
        return Place(self.file, self.line, self.column, self.path)

    def __str__(self) -> str:
        where = str(self.place)
        return f"{where}: {self.severity}: {self.message} [{self.code}]".removeprefix(": ")
