"""Checks the contents of built wheels: ``python -m tests.packaging.wheels FOLDER``.

A build backend drops a git-ignored or misplaced file without a word; this says which.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def distributions() -> list[Path]:
    """The folders that hold a distribution."""
    return sorted(path.parent for path in ROOT.glob("mockforge*/pyproject.toml"))


def tracked(folder: Path) -> set[str]:
    """Files that git knows below ``<folder>/src``, as they are named in the wheel."""
    source = folder / "src"
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {name for name in listing.split("\0") if name and (source / name).is_file()}


def faults(folder: Path, wheel: Path) -> list[str]:
    """What is wrong with the wheel of the distribution in ``folder``."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(info).decode())
    found = [f"{name} is missing" for name in sorted(tracked(folder) - names)]
    package = project["name"].replace("-", "_")
    foreign = {n for n in names if not n.startswith((f"{package}/", f"{package}-"))}
    found += [f"{name} does not belong here" for name in sorted(foreign)]
    if f"{package}/py.typed" not in names:
        found.append("py.typed is missing")
    for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
        if not any(name.endswith(f"/licenses/{licence}") for name in names):
            found.append(f"{licence} is missing")
    if metadata["Version"] != project["version"]:
        found.append(f"version {metadata['Version']} instead of {project['version']}")
    if metadata["License-Expression"] != project["license"]:
        found.append(f"licence expression {metadata['License-Expression']!r}")
    pins = [line for line in project["dependencies"] if line.startswith("mockforge")]
    pins += [p for extra in project.get("optional-dependencies", {}).values() for p in extra]
    found += [
        f"{pin} is not pinned to {project['version']}"
        for pin in pins
        if pin.startswith("mockforge") and not pin.endswith(f"=={project['version']}")
    ]
    return found


def main(folder: Path) -> int:
    """Print what is wrong with the wheels in ``folder``; the exit code."""
    wrong = 0
    for distribution in distributions():
        package = distribution.name
        wheels = sorted(folder.glob(f"{package}-*.whl"))
        if len(wheels) != 1:
            print(f"{package}: {len(wheels)} wheels in {folder}")
            wrong += 1
            continue
        found = faults(distribution, wheels[0])
        for line in found:
            print(f"{wheels[0].name}: {line}")
        wrong += len(found)
        print(f"{wheels[0].name}: {'ok' if not found else f'{len(found)} faults'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
