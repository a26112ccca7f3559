"""What tests claim to show from outside: ``@pytest.mark.shows("http.max_body", "--seed")``, read from
their source, so that nothing has to be run or collected for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

MARKER: Final = "shows"


class Claim(NamedTuple):
    """``name`` is said to be shown by ``test`` (``tests/e2e/test_x.py::test_y``)."""

    name: str
    test: str


class Claims(NamedTuple):
    """All claims below a folder, and markers that are none: not on a test, or not a plain text."""

    found: list[Claim]
    misplaced: list[str]


def claims_below(folder: Path, root: Path) -> Claims:
    """Claims of the tests in ``folder``; places are relative to ``root``."""
    claims = Claims([], [])
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if f".{MARKER}(" in text:
            _read(ast.parse(text), str(path.relative_to(root)), claims)
    return claims


def _read(module: ast.Module, file: str, claims: Claims) -> None:
    on_tests: set[ast.Call] = set()
    for test, decorators in _tests(module):
        for decorator in decorators:
            for marker in _markers(decorator):
                on_tests.add(marker)
                for argument in marker.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        claims.found.append(Claim(argument.value, f"{file}::{test}"))
                    else:
                        claims.misplaced.append(f"{file}:{argument.lineno}")
    claims.misplaced.extend(
        f"{file}:{marker.lineno}" for marker in _markers(module) if marker not in on_tests
    )


def _tests(module: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in module.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("test_"):
            yield node.name, node.decorator_list


def _markers(node: ast.AST) -> Iterator[ast.Call]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) == f"pytest.mark.{MARKER}":
            yield inner
