"""What is said at the start of what there is to answer with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge.testing import MockServer

NOTHING = "nothing to answer"


def told(*documents: Any, **settings: Any) -> str:
    given = {name.replace("__", "."): value for name, value in settings.items()}
    with MockServer(*documents, settings=given) as server:
        return "\n".join(line for each in server.kernel.servers for line in each.summary())


def test_a_server_with_nothing_to_answer_says_so() -> None:
    assert NOTHING in told()
    assert NOTHING in told(http__stateful=True)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"http__proxy__upstream": "http://localhost:9"}, "passes on to http://localhost:9"),
        ({"http__resources": {"pets": {"path": "/pets"}}}, "keeps what is sent to /pets"),
    ],
)
def test_what_answers_without_a_document_is_named(settings: dict[str, Any], said: str) -> None:
    summary = told(**settings)
    assert said in summary
    assert NOTHING not in summary


def test_a_folder_that_is_recorded_to_is_named(tmp_path: Path) -> None:
    assert f"records to {tmp_path}" in told(http__record__to=str(tmp_path))
