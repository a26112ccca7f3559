"""What is wrong with a rule, and what is wrong with a request to one."""

from __future__ import annotations

from mockforge.errors import MockForgeError


class RuleError(MockForgeError, ValueError):
    """A ``google.api.http`` rule that cannot be served."""


class RuleErrors(Exception):  # noqa: N818 - it stands for several
    """All that is wrong with one rule."""

    def __init__(self, problems: list[RuleError]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class BindingError(MockForgeError, ValueError):
    """A request that does not fit the message of its method (INVALID_ARGUMENT)."""
