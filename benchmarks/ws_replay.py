"""How punctual replay files are played: the mode ``--replay`` of :mod:`benchmarks.ws`.

A client opens a connection, says what the file waits for as soon as the line that waits is next (its ``in``
lines in order, or else something that fits), and compares when each message comes with when it is due: at
``ts``, or where that was over already, as soon as what was waited for had been said or the line before had
come.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final, NamedTuple

from mockforge.mocking.data import Dice, SchemaStore, compile_generator
from tests.conformance.walk.serving import ServerProcess, executable, free_port
from tests.ws.making import RawClient, masked

from .load import cores
from .verdicts import Report

EXAMPLES: Final = Path(__file__).parent / "replays"
MOST_OFF: Final = 0.005
"""Seconds at the median, early or late."""
_CLOSE: Final = 0x88
_NAMES: Final = re.compile(r"\$(?:\.\w+)+")


class Line(NamedTuple):
    """What is to come: ``due`` seconds after the opening, once ``says`` was said."""

    due: float
    says: bytes | None
    first: int


def read_lines(path: Path) -> list[Line]:
    """The ``out`` lines of a file. ValueError: nothing can be thought of that fits what a line waits for."""
    lines: list[Line] = []
    said: list[bytes] = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if not text.strip():
            continue
        line: dict[str, Any] = json.loads(text)
        if line.get("dir") == "in":
            said.append(_payload(line))
            continue
        says = None
        if line.get("waitFor") is not None:
            says = said.pop(0) if said else _fitting(line["waitFor"])
            if says is None:
                raise ValueError(
                    f"{path}:{number}: an `in` line before must say what this waits for"
                )
        first = _CLOSE if "close" in line else 0x81 if "text" in line else 0x82
        lines.append(Line(line.get("ts", 0) / 1000, says, first))
    return lines


def _payload(line: dict[str, Any]) -> bytes:
    return line["text"].encode() if "text" in line else base64.b64decode(line["binary"])


def _fitting(pattern: str) -> bytes | None:
    """A message that ``pattern`` fits: a regular expression, or a JSONPath of names."""
    if not pattern.startswith("$"):
        schema = {"type": "string", "pattern": pattern}
        generator = compile_generator(schema, "", resolver=SchemaStore({}), dialect="2020-12")
        text = generator.generate(Dice(1))
        return text.encode() if re.search(pattern, text) else None
    if not _NAMES.fullmatch(pattern):
        return None
    value: Any = True
    for name in reversed(pattern.split(".")[1:]):
        value = {name: value}
    return json.dumps(value).encode()


def deviations(url: str, path: str, lines: Sequence[Line]) -> list[float]:
    """How late each line came in one conversation, in seconds; below 0 is early."""
    found: list[float] = []
    client = RawClient(url)
    try:
        client.open(path)
        opened = earliest = perf_counter()
        for number, line in enumerate(lines):
            if line.says is not None:
                client.send(masked(line.says))
                earliest = perf_counter()
            first, _ = client.frame()
            now = perf_counter()
            if first != line.first:
                raise ValueError(f"line {number + 1} of what is sent came as {first:#x}")
            found.append(now - max(opened + line.due, earliest))
            earliest = now
    finally:
        client.close()
    return found


def replay(report: Report, files: Sequence[Path], rounds: int) -> None:
    """Play each of ``files`` so often; the median of how late each line came, and of all lines."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stubs = []
        for number, file in enumerate(files):
            copy = Path(folder) / f"{number}.jsonl"
            copy.write_bytes(file.read_bytes())
            stubs.append(
                {"id": str(number), "websocket": {"path": f"/{number}", "replay": copy.name}}
            )
        (Path(folder) / "stubs.json").write_text(json.dumps(stubs))
        prefix, _ = cores()
        port = free_port()
        command = (
            f"{executable('mockforge') or 'mockforge'} serve --only ws --ws-port {port} "
            f"--ws-script {folder}/stubs.json --log-level warning"
        )
        server = stack.enter_context(ServerProcess(command, prefix=prefix, port=port))
        for number, file in enumerate(files):
            _one(report, file, f"ws://127.0.0.1:{server.port}", f"/{number}", rounds)


def _one(report: Report, file: Path, url: str, path: str, rounds: int) -> None:
    lines = read_lines(file)
    runs = [deviations(url, path, lines) for _ in range(rounds)]
    each = [median(run[number] for run in runs) for number in range(len(lines))]
    off = [abs(late) for run in runs for late in run]
    for line, late in zip(lines, each, strict=True):
        print(f"  {file.name} {line.due * 1000:6.0f} ms  {late * 1000:+7.2f} ms")
    report.figure(
        f"replay {file.name}",
        {"lines": each, "median": median(off), "most": max(off)},
        f"{file.name}: {len(lines)} lines, {rounds} times; off by {median(off) * 1000:.2f} ms at the median, "
        f"{max(off) * 1000:.2f} ms at most",
    )
    report.verdict(
        f"{file.name} is within {MOST_OFF * 1000:.0f} ms at the median",
        holds=median(off) <= MOST_OFF and max(map(abs, each)) <= MOST_OFF,
        measured=f"{median(off) * 1000:.2f} ms, its worst line {max(map(abs, each)) * 1000:.2f} ms",
    )
