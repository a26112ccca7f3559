"""The reference in the documentation is made from the model, and current."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mockforge.config import SettingsModel
from mockforge.config.reference import MARKER, main, reference, with_reference
from mockforge.plugins import load_plugins
from tests.kernel.config.sample import MODEL

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_page_is_current() -> None:
    model = SettingsModel(load_plugins().config_sections())
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_reference(page, model), (
        "run: python -m mockforge.config.reference docs/configuration.md"
    )


def test_each_setting_is_a_row_with_type_default_flag_and_short_variable() -> None:
    lines = reference(MODEL).splitlines()
    assert "## `sample`" in lines
    assert "A sample." in lines
    assert (
        "| `port` | integer | `3000` | Port (flag `--sample-port`, `MOCKFORGE_SAMPLE_PORT`) |"
        in lines
    )
    assert "| `files` | list of paths |  | Files (flag `--file`, argument `FILE`) |" in lines
    assert r"| `mode` | enforce \| off \| warn | `warn` | Mode (flag `--mode`) |" in lines
    assert "| `group.head` | duration | `5s` | First |" in lines


def test_what_lists_and_mappings_hold_is_described() -> None:
    lines = reference(MODEL).splitlines()
    assert "| `rules` | list of sections |  | Rules |" in lines
    assert "| `rules[].status` | integer | required | Status to answer |" in lines
    assert "| `rules[].path` | text | `/` | Path it is for |" in lines
    assert "| `targets.NAME.after` | duration |  | Wait first |" in lines
    assert "| `latency.mean` | duration | required | On average |" in lines


def test_every_setting_is_there() -> None:
    text = reference(MODEL)
    for setting in MODEL.settings.values():
        assert f"| `{setting.key.partition('.')[2]}` |" in text


def test_what_stands_above_the_marker_is_kept() -> None:
    page = with_reference(f"# Mine\n\n{MARKER}\nold", MODEL)
    assert page.startswith(f"# Mine\n\n{MARKER}\n\n## `core`")
    assert "old" not in page.splitlines()
    assert with_reference(page, MODEL) == page
    with pytest.raises(ValueError, match="the page has no line"):
        with_reference("# Mine", MODEL)


def test_the_command_writes_and_checks_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Mine\n\n{MARKER}\n")
    run = CliRunner().invoke
    assert run(main, [str(page), "--check"]).exit_code == 1
    assert run(main, [str(page)]).exit_code == 0
    assert "## `core`" in page.read_text()
    assert run(main, [str(page), "--check"]).exit_code == 0
