"""The entry point of the distribution: what the admin contributes to MockForge. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockforge import hookimpl
from mockforge.contracts import ConfigSection

if TYPE_CHECKING:
    import click

    from mockforge.contracts import ProtocolServer


@hookimpl
def mockforge_register_config() -> Iterable[ConfigSection]:
    """The section ``admin``."""
    from mockforge_admin.config import AdminConfig

    return [ConfigSection("admin", AdminConfig)]


@hookimpl
def mockforge_register_protocols() -> Iterable[type[ProtocolServer]]:
    """The admin's server."""
    from mockforge_admin.server import AdminServer

    return [AdminServer]


@hookimpl
def mockforge_register_commands() -> Iterable[click.Command]:
    """``mockforge logs`` and ``mockforge memory``."""
    from mockforge_admin.commands.logs import logs
    from mockforge_admin.commands.memory import memory

    return [logs, memory]
