"""Findings about a document, each with its place."""

from __future__ import annotations

from typing import Final

from mockforge.errors import MockForgeError
from mockforge.findings import Finding, Severity
from mockforge_ws.asyncapi.files import Files, Node

MOST: Final = 200
"""Findings about one document; further warnings are left out, and so are further errors."""


class Report:
    """Collects ``findings``, each one once: what several references lead to is read several times."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._seen: set[tuple[str, str, tuple[object, ...]]] = set()
        self.findings: list[Finding] = []

    @property
    def errors(self) -> bool:
        """Whether there is an error among them."""
        return any(each.severity == "error" for each in self.findings)

    def add(
        self,
        code: str,
        message: str,
        node: Node,
        *,
        severity: Severity = "error",
        hint: str | None = None,
    ) -> None:
        """Note something about ``node``."""
        key = (message, node.file, node.path)
        if key in self._seen or len(self.findings) >= MOST:
            return
        self._seen.add(key)
        error = MockForgeError(message, hint=hint, place=self._files.place(node))
        self.findings.append(Finding.of(error, f"asyncapi.{code}", severity))

    def warn(self, code: str, message: str, node: Node, *, hint: str | None = None) -> None:
        """Note what is odd, and does not stop the document from being served."""
        self.add(code, message, node, severity="warning", hint=hint)
