"""Reporting everything that is wrong with the settings at once."""

from __future__ import annotations

from collections.abc import Iterable

from mockforge.errors import ConfigError
from mockforge.findings import Finding, Severity


class ConfigErrors(ConfigError):  # noqa: N818 - it stands for several
    """Several things are wrong with the settings; ``errors`` holds each with its own place and hint.

    ``str()`` has a line for every error, its hint in brackets.
    """

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        lines = [f"{error} ({error.hint})" if error.hint else str(error) for error in self.errors]
        count = f"{len(lines)} errors in the settings:"
        super().__init__("\n  ".join([count, *lines]))


def raise_all(errors: Iterable[ConfigError]) -> None:
    """Raise what is in ``errors``: nothing, the one error there is, or all as ConfigErrors."""
    distinct = list({str(error): error for error in errors}.values())
    if len(distinct) == 1:
        raise distinct[0]
    if distinct:
        raise ConfigErrors(distinct)


def all_errors(error: ConfigError) -> tuple[ConfigError, ...]:
    """The single errors that ``error`` stands for."""
    return error.errors if isinstance(error, ConfigErrors) else (error,)


def as_finding(
    error: ConfigError, *, code: str = "config.invalid", severity: Severity = "error"
) -> Finding:
    """An error of the settings in the shape that checks print."""
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
