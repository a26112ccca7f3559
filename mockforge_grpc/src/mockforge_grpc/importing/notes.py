"""What an importer found: findings with file, line, and JSON pointer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from mockforge.findings import Finding, Severity
from mockforge.nearest import nearest
from mockforge.structured import Part, Structured

MOST: Final = 1_000
"""Findings kept of one import."""

At = tuple[Part, ...]


class Notes:
    """Findings about one file."""

    def __init__(self, structured: Structured, findings: list[Finding]) -> None:
        self._structured = structured
        self._findings = findings

    def add(
        self,
        code: str,
        message: str,
        at: Sequence[Part] = (),
        *,
        severity: Severity = "warning",
        hint: str | None = None,
    ) -> None:
        """Say something about what stands at ``at``; an error where a stub lost what matters."""
        if len(self._findings) >= MOST:
            return
        line, column = self._structured.position(at)
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in at)
        self._findings.append(
            Finding(
                f"import.{code}",
                message,
                severity,
                file=self._structured.file,
                line=line,
                column=column,
                path=pointer or None,
                hint=hint,
            )
        )

    def unknown(self, given: Any, known: Collection[str], at: At, what: str) -> None:
        """A finding for every key of ``given`` that is not among ``known``."""
        for key in given if isinstance(given, dict) else ():
            if key not in known and not key.startswith("x-"):
                close = nearest(key, known)
                self.add(
                    "unknown-key",
                    f"{what} has no {key!r}; it is left out",
                    (*at, key),
                    hint=f"did you mean {close}?" if close else None,
                )

    def mapping(self, value: Any, at: At, what: str) -> dict[str, Any]:
        """``value`` if it is a mapping, else nothing and a finding."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.add("shape", f"{what} is a mapping; this is left out", at, severity="error")
        return {}

    def listed(self, value: Any, at: At, what: str) -> list[Any]:
        """``value`` if it is a list, else nothing and a finding."""
        if isinstance(value, list):
            return value
        if value is not None:
            self.add("shape", f"{what} is a list; this is left out", at, severity="error")
        return []
