"""What an importer found: findings with file, line, and JSON pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from mockforge.errors import MockForgeError, Place
from mockforge.findings import Finding, Severity
from mockforge.structured import Part

MOST: Final = 1_000
"""Findings kept of one import."""

Position = Callable[[Sequence[Part]], tuple[int, int]]
At = tuple[Part, ...]


def pointer(at: Sequence[Part]) -> str:
    """The JSON pointer (RFC 6901) for a key path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in at)


class Notes:
    """Findings about one file. ``position`` gives line and column of a key path in it."""

    def __init__(
        self, file: str, position: Position | None = None, into: list[Finding] | None = None
    ) -> None:
        self.file = file
        self.findings: list[Finding] = [] if into is None else into
        self._position = position

    def add(
        self,
        code: str,
        message: str,
        at: Sequence[Part] = (),
        *,
        severity: Severity = "warning",
        hint: str | None = None,
    ) -> None:
        """Say something about what stands at ``at``."""
        line, column = (None, None) if self._position is None else self._position(at)
        self._take(
            Finding(
                f"import.{code}",
                message,
                severity,
                file=self.file,
                line=line,
                column=column,
                path=pointer(at) or None,
                hint=hint,
            )
        )

    def doubled(self, problems: Iterable[MockForgeError]) -> None:
        """A finding for every key that was given twice, as reading the file found them."""
        for problem in problems:
            place = problem.place or Place(self.file)
            self._take(
                Finding(
                    "import.key-twice",
                    f"{problem.message}; the last one counts",
                    "warning",
                    file=self.file,
                    line=place.line,
                    column=place.column,
                    path=place.path,
                )
            )

    def _take(self, finding: Finding) -> None:
        if len(self.findings) < MOST:
            self.findings.append(finding)

    def unknown(
        self, given: object, known: Sequence[str], at: At, what: str, *, code: str = "unknown-key"
    ) -> None:
        """A finding for every key of ``given`` that is not among ``known``."""
        from mockforge.nearest import nearest

        if not isinstance(given, dict):
            return
        for key in given:
            if key not in known:
                close = nearest(key, known)
                self.add(
                    code,
                    f"{what} has no {key!r}; it is left out",
                    (*at, key),
                    hint=f"did you mean {close}?" if close else None,
                )
