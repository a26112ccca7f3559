"""The one error of generating: rules that no message can satisfy."""

from __future__ import annotations

from mockforge.errors import MockForgeError, Place


class UnsatisfiableRulesError(MockForgeError):
    """Rules of a field that contradict each other, or demand more than is generated.

    ``field`` is the full name of the field (or message), ``reason`` says what contradicts what.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(
            f"no value can satisfy the rules of {field}: {reason}",
            hint="correct the rules in the .proto, or answer with a stub",
            place=Place(path=field),
        )
        self.field = field
        self.reason = reason
