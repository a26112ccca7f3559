"""Whether memory stays bounded under a mix of all that the server does: ``python -m benchmarks.mixed``.

A million requests walk through stubs of every sort, collections, fixtures, scripts, webhooks, the proxy with
its recording, rate limits and faults on the wire (:mod:`benchmarks.mix`). See README.md for the threshold.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from tests.conformance.walk.serving import ServerProcess

from . import mix
from .command import conclude, options
from .load import LoadError, read, said
from .memory import JournalledServer
from .rivals import floor
from .verdicts import Report, megabytes

MOST_GROWTH = 5e6
"""Bytes of RSS that the requests after the warm-up may add."""
WARM_UP = 150_000
"""Requests after which what is bounded is full."""
_CONNECTIONS = 16
_SECONDS = 20.0
"""Of one run of wrk."""
_PATIENCE = 15
"""Seconds for an answer: one that does not come at all is seen, whatever else the machine does."""


class Walk:
    """Sends the mix to ``url``, on from where it was."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made = 0
        self._rate = 1000.0
        self.sent = 0

    def go(self, requests: int) -> float:
        """At least so many requests more; the seconds it took."""
        started, until = monotonic(), self.sent + requests
        while self.sent < until:
            seconds = min(_SECONDS, max(1.0, (until - self.sent) / self._rate))
            lua = mix.script(self.sent, self._made)
            text = said(
                self._url, seconds, connections=_CONNECTIONS, script=lua, patience=_PATIENCE
            )
            load = read(text, faulty=True)
            self._rate = load.rate
            self.sent += load.requests
            self._made += round(load.requests * mix.share("create"))
        return monotonic() - started


def check(url: str) -> None:
    """Ask for each kind once: a mix in which a kind is not what it is called would show nothing. LoadError:
    which one it is."""
    for kind in mix.KINDS:
        lua = mix.script(0, 0, kind.name)
        text = said(url, 1, connections=1, script=lua + _STATUSES)
        got = {int(status) for status in _STATUS.findall(text)}
        if got - set(kind.statuses) or (kind.statuses and not got):
            raise LoadError(f"{kind.name}: expected one of {kind.statuses}, got {sorted(got)}")


_STATUS = re.compile(r"^status (\d+)$", re.MULTILINE)
_STATUSES = """
local seen = {}
function response(status)
  if not seen[status] then
    seen[status] = true
    io.write("status ", status, "\\n")
  end
end
"""


def mixed(report: Report, requests: int) -> None:
    """RSS after the warm-up and after so many requests more, and what each component holds then."""
    with (
        tempfile.TemporaryDirectory() as folder,
        floor().start() as peer,
        JournalledServer(None, mix.settings(Path(folder), _url(peer))) as server,
    ):
        check(server.url)
        walk = Walk(server.url)
        walk.go(WARM_UP)
        before, warm = server.rss(), walk.sent
        print(f"RSS {megabytes(before)} after {warm:,} requests", flush=True)
        seconds = 0.0
        while (left := warm + requests - walk.sent) > 0:
            seconds += walk.go(min(left, WARM_UP))
            print(f"RSS {megabytes(server.rss())} after {walk.sent:,}", flush=True)
        sent = walk.sent - warm
        growth, held = server.rss() - before, server.held()
    report.figure(
        "mixed",
        {"requests": sent, "seconds": seconds, "rss_before": before, "growth": growth, **held},
        f"{sent:,} requests in {seconds:.0f} s, {growth / 1e6:+.1f} MB since",
    )
    for component in held["components"]:
        print(_line(component, held["dropped"]))
    over = [each["name"] for each in held["components"] if _is_over(each)]
    report.verdict(
        "every component stays within its limit",
        holds=not over,
        measured=", ".join(over) or "none is over it",
    )
    report.verdict(
        f"RSS grows by less than {megabytes(MOST_GROWTH)}",
        holds=growth < MOST_GROWTH,
        measured=f"{growth / 1e6:+.1f} MB",
    )


def _url(process: ServerProcess) -> str:
    return f"http://127.0.0.1:{process.port}"


def _is_over(component: dict[str, Any]) -> bool:
    return bool(component["limit"]) and component["bytes"] > component["limit"]


def _line(component: dict[str, Any], dropped: dict[str, float]) -> str:
    name, limit = component["name"], component["limit"]
    held = f"{component['bytes']:>12,} bytes" if component["error"] is None else component["error"]
    of = f" of {limit:,}" if limit else ""
    gone = dropped.get(name)
    return f"  {name:<20}{held}{of}" + (f", {int(gone):,} dropped" if gone else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; with ``--check`` a missed threshold is exit code 1."""
    parser = options("mixed", __doc__)
    parser.add_argument(
        "--requests", type=int, default=1_000_000, help="after the warm-up (default: a million)"
    )
    given = parser.parse_args(arguments)
    return conclude(given, lambda report: mixed(report, given.requests), needs_wrk=True)


if __name__ == "__main__":
    sys.exit(main())
