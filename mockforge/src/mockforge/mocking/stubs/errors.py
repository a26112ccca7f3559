"""What is wrong with stubs, each thing with its place, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable

from mockforge.errors import MockForgeError, SeveralErrors, StartError
from mockforge.findings import Finding, Severity


class StubError(StartError):
    """A stub is not understood, or may not be taken."""


class StubErrors(SeveralErrors, StubError):  # noqa: N818 - it stands for several
    """Several things are wrong with stubs."""

    subject = "the stubs"


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


def as_finding(
    error: MockForgeError, *, code: str = "stub.invalid", severity: Severity = "error"
) -> Finding:
    """An error about a stub in the shape that checks print."""
    return Finding.of(error, code, severity)
