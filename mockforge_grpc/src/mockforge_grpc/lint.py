"""``mockforge lint`` for protos and for stubs with ``grpc``: compiled as a server would."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mockforge.findings import Finding


def lint_file(path: Path) -> Iterable[Finding] | None:
    """The findings about a file, or ``None`` if it is neither."""
    return None
