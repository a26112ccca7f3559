"""The benchmark of replay files: what it says, and what it takes for late."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.ws_replay import EXAMPLES, Line, deviations, read_lines

from tests.ws.making import mocking


def written(folder: Path, *lines: object) -> Path:
    path = folder / "some.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_what_a_file_waits_for_is_said(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"dir": "in", "text": "first"},
        {"ts": 5, "text": "a", "waitFor": "."},
        {"ts": 10, "binary": "AA==", "waitFor": "^x[0-9]{2}$"},
        {"close": 1000, "waitFor": "$.a.b"},
    )
    first, second, third = read_lines(path)
    assert first == Line(0.005, b"first", 0x81)
    assert (second.due, second.first, len(second.says or b"")) == (0.01, 0x82, 3)
    assert third == Line(0.0, b'{"a": {"b": true}}', 0x88)
    with pytest.raises(ValueError, match=r"jsonl:1: an `in` line"):
        read_lines(written(tmp_path, {"text": "a", "waitFor": "$[0]"}))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_examples_are_played_to_their_end(path: Path, tmp_path: Path) -> None:
    (tmp_path / path.name).write_bytes(path.read_bytes())
    lines = read_lines(path)
    with mocking(tmp_path, {"websocket": {"path": "/", "replay": path.name}}) as server:
        found = deviations(server.address("ws"), "/", lines)
    assert len(found) == len(lines) > 5
    assert min(found) > -0.01  # nothing comes before it is due
