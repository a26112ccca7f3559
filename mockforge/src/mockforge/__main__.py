"""``python -m mockforge``."""

from __future__ import annotations

from mockforge.cli import main

main()
