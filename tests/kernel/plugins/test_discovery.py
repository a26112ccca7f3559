"""Finding and loading: order, isolation, blocking, and what is said of each plugin."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mockforge.errors import ExitCode, PluginError
from mockforge.plugins import load_plugins
from tests.kernel.site import Site

MEMORY = """
@hookimpl
def mockforge_report_memory():
    return {"%s": 1}
"""


def test_plugins_are_loaded_in_name_order_whatever_the_order_on_disk(site: Site) -> None:
    for name in ("zeta", "alpha", "mid"):
        site.plugin(name, MEMORY % name)
    plugins = site.load()
    assert [row.name for row in plugins.rows] == ["alpha", "mid", "zeta"]
    assert list(plugins.memory_report()) == ["alpha", "mid", "zeta"]


def test_a_row_names_distribution_version_and_hooks(site: Site) -> None:
    site.plugin("alpha", MEMORY % "a", version="3.2")
    row = site.load().get("alpha")
    assert row is not None
    assert (row.distribution, row.version, row.state) == ("mockforge-alpha", "3.2", "loaded")
    assert row.hooks == ("mockforge_report_memory",)


def test_an_import_error_fails_that_plugin_alone_and_says_where(site: Site) -> None:
    site.plugin("bad", "\nimport no_such_module_anywhere\n")
    site.plugin("good", MEMORY % "good")
    plugins = site.load()
    bad = plugins.get("bad")
    assert bad is not None
    assert bad.state == "failed"
    assert bad.reason == (
        "ModuleNotFoundError: No module named 'no_such_module_anywhere' (site/site_bad.py:3)"
    )
    assert plugins.memory_report() == {"good": 1}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import sys\nsys.exit(4)\n", "SystemExit: 4 (site/site_bad.py:3)"),
        ("raise ValueError\n", "ValueError (site/site_bad.py:2)"),
        ("x = 1\n", "implements no hook"),
        (
            "def mockforge_report_memory():\n    return {}\n",
            "mockforge_report_memory: not marked with @mockforge.hookimpl",
        ),
        (
            "@hookimpl\ndef mockforge_log_requests(entry):\n    pass\n",
            "unknown hook mockforge_log_requests: did you mean mockforge_log_request?",
        ),
        ("@hookimpl\ndef mockforge_log_request(record):\n    pass\n", "{'record'}"),
        (
            "@hookimpl(wrapper=True)\ndef mockforge_report_memory():\n    yield\n",
            "hook wrappers are not supported",
        ),
        (
            "@hookimpl\nasync def mockforge_log_request(entry):\n    pass\n",
            "mockforge_log_request may not be async",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_is_failed_with_the_reason(
    site: Site, source: str, reason: str
) -> None:
    site.plugin("bad", source)
    site.plugin("good", MEMORY % "good")
    plugins = site.load()
    bad = plugins.get("bad")
    assert bad is not None
    assert bad.state == "failed"
    assert reason in (bad.reason or "")
    assert bad.hooks == ()
    assert plugins.memory_report() == {"good": 1}


def test_a_failed_plugin_has_none_of_its_hooks_called(site: Site) -> None:
    site.plugin(
        "bad", MEMORY % "bad" + "\n@hookimpl\ndef mockforge_log_request(wrong):\n    pass\n"
    )
    plugins = site.load()
    assert plugins.memory_report() == {}
    assert plugins.request_loggers() == ()


def test_an_entry_point_to_something_that_is_no_plugin_is_failed(site: Site) -> None:
    site.add("mockforge-odd", {"odd": "site_odd:nothing"}, {"site_odd.py": "nothing = 5\n"})
    site.add("mockforge-gone", {"gone": "site_odd:missing"}, {})
    plugins = site.load()
    assert {row.name: row.state for row in plugins.rows} == {"gone": "failed", "odd": "failed"}


def test_a_blocked_plugin_is_not_imported(site: Site) -> None:
    site.plugin("alpha", MEMORY % "a")
    site.plugin("beta", MEMORY % "b")
    plugins = site.load(without=["alpha"])
    row = plugins.get("alpha")
    assert row is not None
    assert (row.state, row.reason) == ("blocked", "--without alpha")
    assert "site_alpha" not in sys.modules
    assert "site_beta" in sys.modules


def test_only_blocks_protocols_of_ours_unimported_and_loads_plugins_by_others(site: Site) -> None:
    for name in ("grpc", "http", "hello"):
        site.plugin(name, MEMORY % name)
    plugins = site.load(only=["http"])
    assert {row.name: row.state for row in plugins.rows} == {
        "grpc": "blocked",
        "hello": "loaded",
        "http": "loaded",
    }
    assert "site_grpc" not in sys.modules


def test_two_distributions_with_one_name_are_an_error_naming_both(site: Site) -> None:
    site.plugin("alpha", MEMORY % "a")
    site.add("intruder", {"alpha": "site_other"}, {"site_other.py": ""})
    with pytest.raises(PluginError, match="intruder and mockforge-alpha") as caught:
        site.load()
    assert caught.value.exit_code is ExitCode.USAGE
    assert "--without alpha" in (caught.value.hint or "")


def test_blocking_the_name_that_two_claim_is_a_way_out(site: Site) -> None:
    site.plugin("alpha", MEMORY % "a")
    site.add("intruder", {"alpha": "site_other"}, {"site_other.py": ""})
    assert [row.state for row in site.load(without=["alpha"]).rows] == ["blocked"]


def test_one_object_under_two_names_is_loaded_once(site: Site) -> None:
    site.plugin("alpha", MEMORY % "a")
    site.add("again", {"omega": "site_alpha"}, {})
    plugins = site.load()
    assert plugins.memory_report() == {"a": 1}
    states = {row.name: row.state for row in plugins.rows}
    assert sorted(states.values()) == ["failed", "loaded"]
    failed = next(row for row in plugins.rows if row.state == "failed")
    assert "the same object as plugin" in (failed.reason or "")


def test_objects_of_the_test_process_join_the_installed_ones(site: Site) -> None:
    from mockforge import hookimpl

    class InProcess:
        @hookimpl
        def mockforge_report_memory(self) -> dict[str, int]:
            return {"mine": 2}

    site.plugin("alpha", MEMORY % "a")
    points = site.entry_points()
    plugins = load_plugins(extra={"mine": InProcess()}, entry_points=points)
    assert plugins.memory_report() == {"a": 1, "mine": 2}
    with pytest.raises(PluginError, match="installed already"):
        load_plugins(extra={"alpha": InProcess()}, entry_points=points)


def test_the_same_distribution_twice_on_the_path_is_one_plugin(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.plugin("alpha", MEMORY % "a")
    shadow = Site(tmp_path / "shadow")
    shadow.plugin("alpha", MEMORY % "shadow")
    monkeypatch.syspath_prepend(str(shadow.root))
    row = load_plugins().get("alpha")
    assert row is not None
    assert row.state == "loaded"
