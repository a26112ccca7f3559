"""Findings about a document: collected without positions, placed in one go at the end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from mockforge.errors import DocumentError, Place
from mockforge.findings import Finding, Severity

from .limits import Limits
from .locate import locate
from .pointer import Tokens, join


class Report:
    """Findings of one document, at most ``limits.findings`` of them; ``dropped`` counts the rest."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.findings: list[Finding] = []
        self.dropped = 0

    def add(
        self,
        code: str,
        message: str,
        file: str,
        tokens: Tokens | str = (),
        *,
        severity: Severity = "error",
        hint: str | None = None,
    ) -> None:
        """Note something about the value at ``tokens`` (or a pointer) of ``file`` (as shown)."""
        pointer = tokens if isinstance(tokens, str) else join(tokens)
        self.append(
            Finding(f"document.{code}", message, severity, file=file, path=pointer, hint=hint)
        )

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another error."""
        return len(self.findings) >= self._limits.findings and all(
            finding.severity == "error" for finding in self.findings
        )

    def append(self, finding: Finding) -> None:
        """Take on a finding; errors push out warnings when the report is full."""
        if len(self.findings) >= self._limits.findings:
            self.dropped += 1
            weaker = next((f for f in self.findings if f.severity != "error"), None)
            if finding.severity != "error" or weaker is None:
                return
            self.findings.remove(weaker)
        self.findings.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take on several findings."""
        for finding in findings:
            self.append(finding)

    def error(self, error: DocumentError, *, code: str = "unreadable") -> None:
        """Take on an error that concerned one file only."""
        self.append(finding_of(error, code))

    def placed(self, limits: Limits, *, largest: int | None = None) -> list[Finding]:
        """The findings with line and column. Files larger than ``largest`` bytes are read again only
        if an error is among their findings: a warning is not worth a slow start."""
        placed = place(self.findings, limits, largest=largest)
        if self.dropped:
            placed.append(
                Finding(
                    "document.more-findings",
                    f"{self.dropped} further findings are not shown",
                    "info",
                    file=self.findings[0].file if self.findings else None,
                )
            )
        return placed


def finding_of(error: DocumentError, code: str = "unreadable") -> Finding:
    """``error`` as a finding."""
    return Finding.of(error, f"document.{code}")


def placed_error(error: DocumentError, limits: Limits) -> DocumentError:
    """``error`` with line and column, if it knows its file and pointer only."""
    place_ = error.place
    if place_ is not None and place_.file and place_.path is not None and place_.line is None:
        found = locate(Path(place_.file), [place_.path], limits).get(place_.path)
        if found is not None:
            at = Place(place_.file, *found, place_.path or None)
            return DocumentError(error.message, hint=error.hint, place=at)
    return error


def error_of(findings: list[Finding]) -> DocumentError | None:
    """The first error among ``findings`` as something to raise; it says how many more there are."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return None
    first = errors[0]
    others = len(errors) - 1
    more = f" (and {others} more error{'s' if others > 1 else ''})" if others else ""
    return DocumentError(first.message + more, place=first.place, hint=first.hint)


def place(findings: list[Finding], limits: Limits, *, largest: int | None = None) -> list[Finding]:
    """``findings`` with the line and column that their pointers have in their files."""
    wanted: dict[str, set[str]] = {}
    grave: set[str] = set()
    for finding in findings:
        if finding.file and finding.line is None and finding.path is not None:
            wanted.setdefault(finding.file, set()).add(finding.path)
            if finding.severity == "error":
                grave.add(finding.file)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    twice = {finding.file for finding in findings if finding.code == "document.duplicate-key"}
    for file, pointers in wanted.items():
        path = Path(file)
        if largest is not None and file not in grave and _size(path) > largest:
            continue
        for pointer, position in locate(path, pointers, limits, last=file in twice).items():
            found[file, pointer] = position
    return [_placed(finding, found) for finding in findings]


def _placed(finding: Finding, found: dict[tuple[str, str], tuple[int, int]]) -> Finding:
    at = found.get((finding.file or "", finding.path or ""))
    if finding.line is None and at is not None:
        finding = msgspec.structs.replace(finding, line=at[0], column=at[1])
    return msgspec.structs.replace(finding, path=None) if finding.path == "" else finding


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
