"""The journal's page names what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mockforge.observe.journal import Criteria, JournalEntry

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "journal.md").read_text()


def named(heading: str) -> set[str]:
    """The names in the first column of the table under ``| heading |``."""
    table = PAGE[PAGE.index(f"| {heading} |") :].partition("\n\n")[0]
    return {
        name
        for line in table.splitlines()[2:]
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }


def test_every_field_of_an_entry_is_explained() -> None:
    # The flags of base64 are explained with the bodies.
    fields = {name for name in JournalEntry.__struct_fields__ if not name.endswith("_base64")}
    assert named("field") == fields


def test_every_filter_is_explained() -> None:
    assert named("filter") == set(Criteria.__struct_fields__)


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_examples_compile(block: str) -> None:
    namespace: dict[str, Any] = {}
    indented = re.sub("^", "    ", block, flags=re.MULTILINE)
    exec(f"async def example(journal):\n{indented}", namespace)  # noqa: S102 - the page's own words
    assert callable(namespace["example"])
    assert "journal" in block
