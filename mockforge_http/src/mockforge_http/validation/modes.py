"""What is done with the findings of an operation's requests: settings, and changes at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockforge.config.servers import Mode
from mockforge_http.config import Validation, ValidationOverride
from mockforge_http.wildcard import Wildcard

if TYPE_CHECKING:
    from mockforge_http.documents import Document, OperationRef

MOST_OVERRIDES: Final = 1_000
"""Overrides that are kept; setting one more takes the oldest away."""


class Modes:
    """The mode of each operation. ``revision`` changes with every change, so that whoever keeps a mode
    knows when to ask again."""

    def __init__(self, settings: Validation) -> None:
        self._settings = settings
        self.default: Mode = settings.mode
        self.overrides: tuple[ValidationOverride, ...] = settings.overrides[-MOST_OVERRIDES:]
        self.revision = 0

    def set(self, mode: Mode) -> None:
        """Change the mode of everything that no override names."""
        self.default = mode
        self.revision += 1

    def override(self, override: ValidationOverride) -> None:
        """Add ``override``; it takes the place of an earlier one with the same keys."""
        kept = [other for other in self.overrides if _keys(other) != _keys(override)]
        self.overrides = (*kept, override)[-MOST_OVERRIDES:]
        self.revision += 1

    def reset(self) -> None:
        """Go back to the settings."""
        self.default = self._settings.mode
        self.overrides = self._settings.overrides[-MOST_OVERRIDES:]
        self.revision += 1

    def mode_for(self, document: Document, operation: OperationRef) -> Mode:
        """The mode of an operation of ``document``."""
        best: Mode = self.default
        rank = -1
        for override in self.overrides:
            own = _rank(override)
            if own >= rank and _fits(override, document, operation):
                best, rank = override.mode, own
        return best


class OperationMode:
    """The mode of one operation, asked for at every request."""

    __slots__ = ("_document", "_mode", "_modes", "_operation", "_revision")

    def __init__(self, modes: Modes, document: Document, operation: OperationRef) -> None:
        self._modes = modes
        self._document = document
        self._operation = operation
        self._revision = modes.revision
        self._mode = modes.mode_for(document, operation)

    def current(self) -> Mode:
        """The mode now."""
        if self._revision != self._modes.revision:
            self._revision = self._modes.revision
            self._mode = self._modes.mode_for(self._document, self._operation)
        return self._mode


def _keys(override: ValidationOverride) -> tuple[str | None, ...]:
    return override.document, override.tag, override.path, override.operation


def _rank(override: ValidationOverride) -> int:
    """How narrow the narrowest key is."""
    return max((rank for rank, key in enumerate(_keys(override), 1) if key is not None), default=0)


def _fits(override: ValidationOverride, document: Document, operation: OperationRef) -> bool:
    if override.document is not None:
        path = document.path
        if override.document not in (path.name, str(path), document.title):
            return False
    if override.tag is not None and override.tag not in operation.tags:
        return False
    if override.path is not None and not Wildcard(override.path).matches(operation.template):
        return False
    named = (operation.operation_id, f"{operation.method} {operation.template}")
    return override.operation is None or override.operation in named
