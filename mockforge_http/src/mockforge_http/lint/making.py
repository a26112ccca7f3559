"""How the checks of this package make findings."""

from __future__ import annotations

from typing import Any, Final

from mockforge.errors import DocumentError
from mockforge.findings import Finding, Severity
from mockforge_http.documents import Document

_MOST_STEPS: Final = 32


def shown(document: Document, base: str) -> str:
    """How messages call the file that ``base`` names or lies in."""
    return str(document.path_of(base))


def at(
    code: str,
    message: str,
    file: str,
    pointer: str,
    *,
    severity: Severity = "error",
    hint: str | None = None,
) -> Finding:
    """A finding about what stands at ``pointer`` of ``file`` (as shown); line and column come later."""
    return Finding(f"document.{code}", message, severity, file=file, path=pointer, hint=hint)


def followed(document: Document, value: Any, base: str) -> Any:
    """``value``, or what it refers to, however many steps away; ``None`` if that is nowhere (which is told
    when the document is read)."""
    for _ in range(_MOST_STEPS):
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            return value
        try:
            value, base = document.resolve(value["$ref"], base)
        except DocumentError:
            return None
    return None
