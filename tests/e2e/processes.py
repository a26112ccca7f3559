"""``mockforge serve`` in a process of its own, with a window into it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.raw import Answer, fetch
from tests.kernel.cli.running import serving as serve
from tests.kernel.site import Site

WINDOW = """
import json
from mockforge.contracts import Responder
from mockforge.mocking.exchange import Response

class Window(Responder):
    priority = 1

    def start(self, kernel):
        self.kernel = kernel

    def respond(self, exchange):
        if exchange.request.path != "/window":
            return None
        exchange.source = "window"
        seen = {
            "journal": [entry.target for entry in self.kernel.journal.recent()],
            "plugins": {row.name: row.state for row in self.kernel.plugins.rows},
            "metrics": self.kernel.metrics.render(),
        }
        return Response(200, [("Content-Type", "application/json")], json.dumps(seen).encode())

@hookimpl
def mockforge_register_responders():
    return [Window()]
"""
"""A plugin that answers ``/window`` with what the process holds."""


class Serving(NamedTuple):
    child: subprocess.Popen[str]
    ready: dict[str, str]

    @property
    def url(self) -> str:
        return self.ready["http"]

    def fetch(self, target: str = "/", *, extra: bytes = b"") -> Answer:
        return fetch(self.url, target, extra=extra)

    def window(self) -> dict[str, Any]:
        """What the process holds."""
        seen: dict[str, Any] = self.fetch("/window").json
        return seen

    def reload(self) -> None:
        self.child.send_signal(signal.SIGHUP)

    def message(self) -> str:
        """The next line on standard error."""
        assert self.child.stderr is not None
        return self.child.stderr.readline()

    def stop(self) -> str:
        """End it; what was still to be read on standard error."""
        self.child.send_signal(signal.SIGTERM)
        _, errors = self.child.communicate(timeout=30)
        assert self.child.returncode == 0, errors
        return errors


@contextmanager
def serving(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    command: str = "serve",
) -> Iterator[Serving]:
    """``mockforge serve --json`` (or another ``command`` that serves) in ``folder``, on a free port unless
    told otherwise; ended with the block. Nothing of the user's cache folder is touched, documents are not
    checked."""
    site = Site(folder / "site")
    if not (site.root / "site_window.py").exists():
        site.plugin("window", WINDOW)
    own = {
        "MOCKFORGE_HTTP__CHECK": "never",
        "XDG_CACHE_HOME": str(folder / "home-cache"),
        **(env or {}),
    }
    if "MOCKFORGE_HTTP_PORT" not in own and "--http-port" not in arguments:
        own["MOCKFORGE_HTTP_PORT"] = "0"
    with serve(site.root, *arguments, cwd=folder, env=own, command=command) as (child, ready):
        yield Serving(child, ready)
