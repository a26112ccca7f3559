"""What is wrong with stubs, each thing with its place, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable

from mockforge.errors import MockForgeError, StartError
from mockforge.findings import Finding, Severity


class StubError(StartError):
    """A stub is not understood, or may not be taken."""


class StubErrors(StubError):  # noqa: N818 - it stands for several
    """Several things are wrong with stubs; ``errors`` holds each with its own place and hint.

    ``str()`` has a line for every error, its hint in brackets.
    """

    def __init__(self, errors: Iterable[MockForgeError]) -> None:
        self.errors = tuple(errors)
        lines = [f"{error} ({error.hint})" if error.hint else str(error) for error in self.errors]
        super().__init__("\n  ".join([f"{len(lines)} errors in the stubs:", *lines]))


def raise_all(errors: Iterable[MockForgeError]) -> None:
    """Raise what is in ``errors``: nothing, the one error there is, or all as StubErrors."""
    distinct = list({str(error): error for error in errors}.values())
    if len(distinct) == 1:
        only = distinct[0]
        if isinstance(only, StubError):
            raise only
        raise StubError(only.message, hint=only.hint, place=only.place) from only
    if distinct:
        raise StubErrors(distinct)


def all_errors(error: MockForgeError) -> tuple[MockForgeError, ...]:
    """The single errors that ``error`` stands for."""
    return error.errors if isinstance(error, StubErrors) else (error,)


def as_finding(
    error: MockForgeError, *, code: str = "stub.invalid", severity: Severity = "error"
) -> Finding:
    """An error about a stub in the shape that checks print."""
    place = error.place
    return Finding(
        code=code,
        message=error.message,
        severity=severity,
        file=place.file if place else None,
        line=place.line if place else None,
        column=place.column if place else None,
        path=place.path if place else None,
        hint=error.hint,
    )
