"""Who may import whom: the architecture, checked in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {path.parent.parent.name: path for path in ROOT.glob("mockforge*/src/*/__init__.py")}
KERNEL = ROOT / "mockforge/src/mockforge"
PLUGINS = sorted(path.parent for path in ROOT.glob("mockforge_*/src/*/__init__.py"))


def modules(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """Names of imported modules, and whether the import is for the type checker only."""

    def walk(node: ast.AST, typing_only: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, typing_only) for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module:
                yield child.module, typing_only
                yield from ((f"{child.module}.{alias.name}", typing_only) for alias in child.names)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                yield from walk(child, True)
            else:
                yield from walk(child, typing_only)

    yield from walk(ast.parse(path.read_text()), False)


def top(name: str) -> str:
    return name.partition(".")[0]


def is_plugin(name: str) -> bool:
    return top(name).startswith("mockforge_")


def test_the_kernel_imports_no_plugin() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(KERNEL)
        for name, _ in imported(path)
        # Hook names begin like packages of plugins; they are not modules.
        if is_plugin(name)
    ]
    assert wrong == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_imports_no_other_plugin(plugin: Path) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(plugin)
        for name, _ in imported(path)
        if is_plugin(name) and top(name) != plugin.name
    ]
    assert wrong == []


def floor(path: Path) -> str:
    """The floor of the kernel's house that a module stands on."""
    part = path.relative_to(KERNEL).parts[0]
    return part if part in ("mocking", "observe", "testing") else "kernel"


FORBIDDEN = {
    # The kernel floor knows plugins and settings, and nothing of mocking.
    "kernel": ("mockforge.mocking", "mockforge.testing"),
    # What protocol plugins share does not know who runs it.
    "mocking": (
        "mockforge.kernel",
        "mockforge.plugins",
        "mockforge.cli",
        "mockforge.config.load",
        "mockforge.testing",
    ),
    # Observing is below both.
    "observe": (
        "mockforge.kernel",
        "mockforge.plugins",
        "mockforge.cli",
        "mockforge.mocking",
        "mockforge.testing",
    ),
    "testing": (),
}


def test_imports_inside_the_kernel_distribution_go_down_only() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(KERNEL)
        for name, typing_only in imported(path)
        if not typing_only and name.startswith(FORBIDDEN[floor(path)])
    ]
    assert wrong == []
