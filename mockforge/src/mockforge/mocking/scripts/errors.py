"""What is wrong with a script: as it was written, or while it runs."""

from __future__ import annotations

from mockforge.errors import MockForgeError
from mockforge.structured import Part


class ScriptError(MockForgeError):
    """A script that cannot be compiled. ``path`` is the key path to the step or value, the caller's
    prefix included."""

    def __init__(self, message: str, path: tuple[Part, ...], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path


class RunError(MockForgeError):
    """A script that went wrong on a connection: it spins, or keeps more than it may."""
