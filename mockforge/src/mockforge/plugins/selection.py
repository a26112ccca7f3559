"""Which plugins take part: ``--only``, ``--without`` and their settings, and the names known to us.

``only`` names protocol servers to run. Of MockForge's own protocols those not listed are blocked,
which means that they are not even imported; a plugin by others may hold more than a server, so it
is loaded, and only its server stays off. ``without`` blocks any plugin by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from mockforge.errors import PluginError
from mockforge.nearest import nearest

PROTOCOLS: Final = ("http", "ws", "grpc", "admin")
"""MockForge's own protocol plugins, each in a distribution and an extra of its own."""

FIRST_PARTY: Final = (*PROTOCOLS, "wasm")


def pip_line(name: str) -> str:
    """What to type to install a plugin of MockForge's own."""
    return f"pip install 'mockforge[{name}]'"


class Selection(msgspec.Struct, frozen=True):
    """Names from ``--only`` (``None`` = no restriction) and ``--without``."""

    only: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

    @classmethod
    def parse(cls, only: Sequence[str] = (), without: Sequence[str] = ()) -> Selection:
        """From values as typed: each a comma-separated list, the option repeatable."""
        names = tuple(dict.fromkeys(_split(only)))
        return cls(only=names if only else None, without=tuple(dict.fromkeys(_split(without))))

    def blocked_because(self, plugin: str) -> str | None:
        """Why the plugin of this name is not imported, or ``None`` if it is."""
        if plugin in self.without:
            return f"--without {plugin}"
        if self.only is not None and plugin in PROTOCOLS and plugin not in self.only:
            return f"--only {','.join(self.only)}"
        return None

    def runs(self, protocol: str) -> bool:
        """Whether the server of this protocol is to be started."""
        return protocol not in self.without and (self.only is None or protocol in self.only)

    def check(self, plugins: Iterable[str], protocols: Iterable[str]) -> None:
        """Refuse names that mean nothing here.

        ``plugins`` are the names of all that is installed, ``protocols`` those of the servers that
        loaded plugins brought. Raises :class:`~mockforge.errors.PluginError`.
        """
        installed, served = set(plugins), set(protocols)
        for name in self.only or ():
            if name not in served and name not in installed:
                raise _unknown(name, "--only", served | set(PROTOCOLS))
        for name in self.without:
            # Doing without what is not installed is no mistake, as long as it is a plugin at all.
            if name not in installed | served | set(FIRST_PARTY):
                raise _unknown(name, "--without", installed | served | set(FIRST_PARTY))


def _unknown(name: str, option: str, known: set[str]) -> PluginError:
    if name in FIRST_PARTY:
        return PluginError(f"{option} {name}: the plugin is not installed", hint=pip_line(name))
    close = nearest(name, known)
    hint = f"did you mean {close}?" if close else f"known: {', '.join(sorted(known))}"
    return PluginError(f"{option} {name}: no plugin or protocol of that name", hint=hint)


def _split(values: Iterable[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]
