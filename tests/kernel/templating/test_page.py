"""``docs/templates.md``: every function, filter and test is on it, and its examples give what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest

from mockforge.mocking.templating.moments import FORMATS
from tests.kernel.templating.kit import SHARED, made, render

_FILE: Final = Path(__file__).resolve().parents[3] / "docs/templates.md"
PAGE: Final = _FILE.read_text(encoding="utf-8") if _FILE.exists() else ""
_TABLE: Final = made(env={"STAGE": "test"}, fixture=lambda path: {"name": "Rex", "path": path})
_CELL: Final = re.compile(r"(?<!\\)\|")


def rendered(example: str) -> str:
    """What an example of the page gives."""
    return render(example, _TABLE)


def cells(line: str) -> list[str]:
    """The cells of a row, without the backquotes around them."""
    return [
        cell.strip().removeprefix("`").removesuffix("`").replace("\\|", "|")
        for cell in _CELL.split(line)[1:-1]
    ]


def rows(header: str) -> list[list[str]]:
    """The rows of all tables with this header."""
    found: list[list[str]] = []
    for table in PAGE.split(f"\n{header}\n")[1:]:
        lines = table.split("\n\n")[0].splitlines()[1:]
        found += [cells(line) for line in lines]
    return found


EXAMPLES: Final = [
    *rows("| what | example | result |"),
    *rows("| function | what | example | result |"),
    *rows("| filter | what | example | result |"),
    *rows("| test | example | result |"),
]
INSTANCES: Final = rows("| example | for instance |")


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row[-2])
def test_examples_give_what_the_page_says(row: list[Any]) -> None:
    assert rendered(row[-2]).strip() == row[-1]


@pytest.mark.parametrize("example", [row[0] for row in INSTANCES])
def test_plausible_data_is_text(example: str) -> None:
    assert re.fullmatch(r"[ -~]{1,300}", rendered(example))


def named(header: str) -> set[str]:
    return {row[0] for row in rows(header)}


def test_everything_there_is_is_on_the_page_and_nothing_else() -> None:
    words = SHARED.vocabulary
    plausible = {re.findall(r"faker\.\w+", row[0])[0] for row in INSTANCES}
    assert named("| function | what | example | result |") | plausible == set(words.functions)
    assert named("| filter | what | example | result |") == set(words.filters)
    native = {"defined", "undefined", "none"}
    assert named("| test | example | result |") == set(words.tests) | native
    for name in FORMATS.keys() - {"", "rfc3339", "unix", "timestamp", "millis"}:
        assert f"`{name}`" in PAGE
