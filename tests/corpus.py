"""Where the tests find documents that nobody here wrote.

The corpus is no part of the project: a folder of published API descriptions and captured traffic,
named by the environment variable ``MOCKFORGE_CORPUS`` or found beside the repository. Tests that
need it skip where it is absent.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[1].parent / "shared" / "corpus"


def corpus_root() -> Path:
    """The corpus folder, whether or not it exists."""
    named = os.environ.get("MOCKFORGE_CORPUS")
    return Path(named) if named else _BESIDE


def corpus(*parts: str) -> Path:
    """The path of a file or folder of the corpus; the calling test is skipped where it is absent."""
    path = corpus_root().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the corpus has no {'/'.join(parts) or 'folder'} here (set MOCKFORGE_CORPUS)")
    return path
