"""What is written is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockforge.mocking.recording.writing import write_file


def test_a_file_is_replaced_in_one_step_and_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "below" / "x.yaml"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["x.yaml"]

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_file(path, b"three")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["x.yaml"]
