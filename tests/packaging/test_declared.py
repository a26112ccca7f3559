"""Every package that a distribution imports is one that it depends on by name."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.packaging.wheels import distributions

# What a distribution may use without naming it: pytest is there whenever the pytest plugin is loaded.
UNNAMED = {
    "mockforge": {"pytest"},
    "mockforge-http": {"jsonschema", "jsonschema-path", "aioquic"},
    "mockforge-admin": {"werkzeug"},
    "mockforge-ws": set(),
    "mockforge-grpc": set(),
}
"""werkzeug is in the interface of quart, aioquic comes with the extra ``hypercorn[h3]``, jsonschema and
jsonschema-path are in the interface of openapi-spec-validator."""


def imported(folder: Path) -> Iterator[str]:
    for path in (folder / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield node.module


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("folder", distributions(), ids=lambda path: path.name)
def test_what_is_imported_is_depended_on(folder: Path) -> None:
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    extra = project.get("optional-dependencies", {}).get("mocking", [])
    declared = {
        normal(re.split(r"[^\w.-]", line, maxsplit=1)[0])
        for line in [*project["dependencies"], *extra]
    }
    known = packages_distributions()
    missing: set[str] = set()
    for name in {module.partition(".")[0] for module in imported(folder)} - sys.stdlib_module_names:
        owners = {normal(owner) for owner in known.get(name, [name])}
        if not owners & ({normal(project["name"])} | declared | UNNAMED[project["name"]]):
            missing.add(name)
    assert missing == set()
