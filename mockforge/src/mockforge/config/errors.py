"""Reporting everything that is wrong with the settings at once."""

from __future__ import annotations

from collections.abc import Iterable

from mockforge.errors import ConfigError, SeveralErrors


class ConfigErrors(SeveralErrors, ConfigError):  # noqa: N818 - it stands for several
    """Several things are wrong with the settings."""

    subject = "the settings"


def raise_all(errors: Iterable[ConfigError]) -> None:
    """Raise what is in ``errors``: nothing, the one error there is, or all as ConfigErrors."""
    distinct = list({str(error): error for error in errors}.values())
    if len(distinct) == 1:
        raise distinct[0]
    if distinct:
        raise ConfigErrors(distinct)
