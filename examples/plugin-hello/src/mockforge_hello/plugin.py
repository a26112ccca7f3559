"""The plugin: every hook it implements, in one place.

MockForge imports this module in every process, so nothing heavy is imported here at the top: what
servers and loaders need comes with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from mockforge import hookimpl
from mockforge.contracts import ConfigSection, FixtureLoader, ProtocolServer
from mockforge_hello.config import HelloConfig

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge.observe.journal import JournalEntry


class Hello:
    """Holds what the hooks share. A plugin without state can be a plain module."""

    def __init__(self) -> None:
        self.config = HelloConfig()
        self._log: TextIO | None = None

    # Registration: what there is.

    @hookimpl
    def mockforge_register_config(self) -> Iterable[ConfigSection]:
        return [ConfigSection("hello", HelloConfig)]

    @hookimpl
    def mockforge_register_fixture_loaders(self) -> Iterable[FixtureLoader]:
        from mockforge_hello.ini import IniLoader

        return [IniLoader()]

    @hookimpl
    def mockforge_register_protocols(self) -> Iterable[type[ProtocolServer]]:
        from mockforge_hello.server import LineServer

        return [LineServer]

    # Life cycle: the settings are read by now.

    @hookimpl
    def mockforge_startup(self, kernel: Kernel) -> None:
        self.config = kernel.settings.section("hello", HelloConfig)
        if self.config.log is not None:
            self._log = self.config.log.open("a", encoding="utf-8", buffering=1)

    @hookimpl
    def mockforge_shutdown(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    # Per request.

    @hookimpl
    def mockforge_transform_response(self, exchange: Exchange) -> Response | None:
        if exchange.response is None:
            return None
        return exchange.response.with_header("X-Hello", self.config.greeting)

    @hookimpl
    def mockforge_log_request(self, entry: JournalEntry) -> None:
        if self._log is not None:
            self._log.write(f"{entry.protocol} {entry.method} {entry.target} {entry.status}\n")


hello = Hello()
