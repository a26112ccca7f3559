"""``mockforge plugins``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockforge.cli import run
from tests.kernel.cli.running import mockforge
from tests.kernel.site import Site

GOOD = "@hookimpl\ndef mockforge_report_memory():\n    return {}\n"


def rows(output: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(output)["plugins"]}


def test_states_and_reasons_and_hooks_are_listed(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.plugin("good", GOOD, version="1.5")
    site.plugin("bad", "\nimport no_such_module_anywhere\n")
    site.plugin("odd", "@hookimpl\ndef mockforge_register_config():\n    raise ValueError('no')\n")
    assert run(["plugins", "--without", "http,good"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "good   blocked  mockforge-good 1.5" in lines
    assert "       --without good" in lines
    assert "bad    failed   mockforge-bad 1.0" in lines
    assert any("No module named 'no_such_module_anywhere'" in line for line in lines)
    assert "       register_config" in lines
    assert any("raised ValueError: no (site/site_odd.py" in line for line in lines)


def test_as_json(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.plugin("good", GOOD, version="1.5")
    site.plugin("bad", "\nraise ValueError('broken')\n")
    assert run(["plugins", "--json", "--without", "http"]) == 0
    found = rows(capsys.readouterr().out)
    assert found["good"] == {
        "name": "good",
        "state": "loaded",
        "distribution": "mockforge-good",
        "version": "1.5",
        "hooks": ["mockforge_report_memory"],
    }
    assert found["bad"]["state"] == "failed"
    assert found["bad"]["reason"].startswith("ValueError: broken (site/site_bad.py:")
    assert found["http"]["state"] == "blocked"


def test_all_names_what_could_be_installed(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: site.entry_points())
    site.plugin("http", GOOD)
    assert run(["plugins", "--all"]) == 0
    output = capsys.readouterr().out
    assert "grpc   not installed: pip install 'mockforge[grpc]'" in output
    assert "http   not installed" not in output
    assert run(["plugins", "--all", "--json"]) == 0
    missing = json.loads(capsys.readouterr().out)["not_installed"]
    assert [entry["name"] for entry in missing] == ["ws", "grpc", "admin", "wasm"]


def test_without_any_plugin_the_way_to_one_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    assert run(["plugins"]) == 0
    assert "pip install 'mockforge[http]'" in capsys.readouterr().out


def test_an_unknown_name_is_refused(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.plugin("good", GOOD)
    assert run(["plugins", "--without", "goood"]) == 2
    assert "hint: did you mean good?" in capsys.readouterr().err


@pytest.mark.shows("core.without", "MOCKFORGE_WITHOUT", "MOCKFORGE_PROFILE")
@pytest.mark.parametrize(
    ("where", "content"),
    [
        ("env", "good"),
        ("file", "core: {without: [good]}\n"),
        ("file", "profiles: {quiet: {core: {without: [good]}}}\n"),
    ],
)
def test_settings_block_plugins_before_they_are_imported(
    site: Site, tmp_path: Path, where: str, content: str
) -> None:
    site.plugin("good", "print('imported')\n" + GOOD)
    env = {"MOCKFORGE_PROFILE": "quiet"} if "profiles" in content else {}
    if where == "env":
        env["MOCKFORGE_WITHOUT"] = content
    else:
        (tmp_path / "mockforge.yaml").write_text(content)
    done = mockforge(site.root, "plugins", "--json", cwd=tmp_path, env=env)
    assert "imported" not in done.stdout
    assert rows(done.stdout)["good"]["state"] == "blocked"


def test_a_flag_wins_over_the_settings(site: Site, tmp_path: Path) -> None:
    site.plugin("one", GOOD)
    site.plugin("two", GOOD)
    (tmp_path / "mockforge.yaml").write_text("core: {without: [one]}\n")
    done = mockforge(site.root, "plugins", "--json", "--without", "two", cwd=tmp_path)
    found = rows(done.stdout)
    assert (found["one"]["state"], found["two"]["state"]) == ("loaded", "blocked")
