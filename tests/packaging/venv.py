"""A virtual environment that holds just what a test installs into it.

Third-party libraries are lent from the environment that runs the tests, so that nothing is downloaded;
of MockForge's own distributions only those that were installed can be found.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Venv:
    """Make it in ``folder``, then :meth:`install`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60
        )
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / "python"
        (packages,) = folder.glob("lib/python*/site-packages")
        lent = folder / "lent"
        lent.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if (
                not entry.name.startswith(("mockforge", "_mockforge", "pip"))
                and entry.suffix != ".pth"
            ):
                (lent / entry.name).symlink_to(entry)
        (packages / "lent.pth").write_text(f"{lent}\n")

    def install(self, *folders: str) -> None:
        """Build the distributions in these folders of the repository, and install them."""
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "-q"]
        command += ["--no-deps", "--no-build-isolation", "--no-index", "--force-reinstall"]
        subprocess.run(
            [*command, *(str(ROOT / folder) for folder in folders)],
            check=True,
            env=self.environment(),
            timeout=110,
        )

    def environment(self) -> dict[str, str]:
        """Without what would lead to other installations."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("MOCKFORGE_", "PYTHON", "VIRTUAL_ENV"))
        }
        return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run this environment's Python to the end."""
        return subprocess.run(
            [str(self.python), *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )
