"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path


def write_file(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: a reader, or an interruption, finds the old file or the new
    one. OSError: it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # One worker writes, so one name for each file will do; what an interruption leaves is overwritten.
    temporary = path.with_name(f".{path.name[:200]}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
