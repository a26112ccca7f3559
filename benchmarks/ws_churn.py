"""Whether clients that come and go leave anything behind: the mode ``--churn`` of :mod:`benchmarks.ws`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Self

from .load import cores
from .verdicts import Report, megabytes

MOST_GROWTH: Final = 2e6
"""Bytes of RSS that may be more at the end."""
LEAST_WARM_UP: Final = 10.0
MOST_WARM_UP: Final = 60.0
"""Seconds of the same before anything is measured: the journal fills, and the allocator sees it all."""
PATIENCE: Final = 30.0
_ROOM: Final = "{{ request.query.room }}"
CHAT: Final[dict[str, Any]] = {
    "id": "chat",
    "websocket": {
        "path": "/chat",
        "script": [
            {"join": _ROOM},
            {"send": {"type": "welcome", "id": "{{ uuid }}"}},
            {
                "forever": [
                    "expect",
                    {"set": {"last": "{{ message.text }}"}},
                    {
                        "branch": [
                            {
                                "when": {"equals": "shout"},
                                "do": [
                                    {
                                        "broadcast": {
                                            "room": _ROOM,
                                            "self": True,
                                            "send": "{{ message }}" + "!" * 10_000,
                                        }
                                    }
                                ],
                            },
                            {"when": {"equals": "later"}, "do": [{"send": "now", "after": "10ms"}]},
                            {"do": ["echo"]},
                        ]
                    },
                ]
            },
        ],
    },
}


class ChurnedServer:
    """The process of :mod:`benchmarks.ws_churned`; a context manager that ends it."""

    def __init__(self, stubs: Path) -> None:
        prefix, _ = cores()
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "benchmarks.ws_churned", str(stubs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port: int = self._line()["port"]

    def _line(self) -> dict[str, int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError(f"the server ended with {self._process.wait(10)}")
        value: dict[str, int] = json.loads(line)
        return value

    def figures(self) -> dict[str, int]:
        """What it holds now."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def settled(self) -> dict[str, int]:
        """What it holds once nobody is there any more, or after :data:`PATIENCE` seconds."""
        until = monotonic() + PATIENCE
        while self.figures()["connections"] and monotonic() < until:
            sleep(0.1)
        sleep(1.0)  # descriptors are closed a turn later, and the last timers run out
        return self.figures()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=PATIENCE)


def churn(report: Report, minutes: float) -> None:
    """So many minutes of clients that come, converse and go, most without a close."""
    seconds = minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        stubs = Path(folder) / "chat.json"
        stubs.write_text(json.dumps(CHAT))
        with ChurnedServer(stubs) as server:
            _churn(server.port, min(MOST_WARM_UP, max(LEAST_WARM_UP, seconds / 5)))
            before = server.settled()
            went = _churn(server.port, seconds)
            after = server.settled()
    count = after["opened"] - before["opened"]
    growth = after["rss"] - before["rss"]
    report.figure(
        "churn",
        {"seconds": seconds, "went": went, "before": before, "after": after},
        f"{count:,} connections in {seconds:.0f} s ({', '.join(f'{n:,} {way}' for way, n in went.items())}); "
        f"RSS {megabytes(before['rss'])} after the warm-up",
    )
    report.verdict(
        f"RSS is where it was, give or take {megabytes(MOST_GROWTH)}",
        holds=growth <= MOST_GROWTH,
        measured=f"{growth / 1e6:+.1f} MB, {after['objects'] - before['objects']:+,} objects",
    )
    report.verdict(
        "file descriptors are where they were",
        holds=after["descriptors"] <= before["descriptors"],
        measured=f"{before['descriptors']}, then {after['descriptors']}",
    )
    left = {name: after[name] for name in ("connections", "rooms", "held")}
    report.verdict(
        "no connection, room or byte of a message is left",
        holds=not any(left.values()),
        measured=", ".join(f"{value} {name}" for name, value in left.items()),
    )


def _churn(port: int, seconds: float) -> dict[str, int]:
    _, prefix = cores()
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "benchmarks.ws_churner", str(port), str(seconds)],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=True,
    )
    went: dict[str, int] = json.loads(done.stdout)
    return went
