"""The one error that decoding raises for what a client sent."""

from __future__ import annotations


class MalformedError(Exception):
    """A text cannot be read as what it should be.

    ``reason`` completes a sentence that starts with what was read: "has no value for `R`". ``code`` is
    the last part of the finding's code, ``pointer`` leads to the place inside the value.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str = "malformed",
        pointer: str = "",
        expected: str | None = None,
        actual: object = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.pointer = pointer
        self.expected = expected
        self.actual = actual

    def below(self, pointer: str) -> MalformedError:
        """The same error, seen from a value in which this one's value lies at ``pointer``."""
        self.pointer = pointer + self.pointer
        return self
