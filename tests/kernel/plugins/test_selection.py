"""``--only`` and ``--without``: which servers run, and names that mean nothing."""

from __future__ import annotations

import pytest

from mockforge.errors import PluginError
from mockforge.plugins import Selection
from tests.kernel.site import Site

SERVER = """
from mockforge.contracts import ProtocolServer

class Server(ProtocolServer):
    name = "%s"
    async def serve(self, *, task_status): ...
    async def drain(self): ...

@hookimpl
def mockforge_register_protocols():
    return [Server]
"""


def test_names_are_comma_separated_and_repeatable() -> None:
    selection = Selection.parse(["http, ws", "grpc"], ["a,b", "a"])
    assert selection.only == ("http", "ws", "grpc")
    assert selection.without == ("a", "b")
    assert Selection.parse([], []).only is None


def test_only_starts_just_the_servers_that_are_named(site: Site) -> None:
    site.plugin("http", SERVER % "http")
    site.plugin("hello", SERVER % "echo")
    assert set(site.load().selected_protocols()) == {"http", "echo"}
    assert set(site.load(only=["http"]).selected_protocols()) == {"http"}
    assert set(site.load(only=["echo"]).selected_protocols()) == {"echo"}


def test_without_a_protocol_that_a_plugin_brings_keeps_the_plugin_and_stops_the_server(
    site: Site,
) -> None:
    site.plugin("hello", SERVER % "echo")
    plugins = site.load(without=["echo"])
    assert plugins.selected_protocols() == {}
    row = plugins.get("hello")
    assert row is not None
    assert row.state == "loaded"


@pytest.mark.parametrize(
    ("only", "without", "message", "hint"),
    [
        (["grpc"], [], "--only grpc: the plugin is not installed", "pip install 'mockforge[grpc]'"),
        (["htpt"], [], "--only htpt: no plugin or protocol", "did you mean http?"),
        (["qqq"], [], "--only qqq", "known: admin, grpc, http, ws"),
        ([], ["helo"], "--without helo", "did you mean hello?"),
    ],
)
def test_a_name_that_means_nothing_is_refused_with_the_remedy(
    site: Site, only: list[str], without: list[str], message: str, hint: str
) -> None:
    site.plugin("http", SERVER % "http")
    site.plugin("hello", "@hookimpl\ndef mockforge_report_memory():\n    return {}\n")
    with pytest.raises(PluginError, match=message) as caught:
        site.load(only, without).selected_protocols()
    assert caught.value.hint == hint


def test_doing_without_a_protocol_that_is_not_installed_is_fine(site: Site) -> None:
    site.plugin("http", SERVER % "http")
    assert set(site.load(without=["grpc"]).selected_protocols()) == {"http"}


def test_asking_for_a_protocol_whose_plugin_failed_says_why(site: Site) -> None:
    site.plugin("http", "raise OSError('disk on fire')\n")
    with pytest.raises(PluginError, match="failed: OSError: disk on fire"):
        site.load(only=["http"]).selected_protocols()


def test_two_plugins_with_one_protocol_are_an_error_naming_both(site: Site) -> None:
    site.plugin("one", SERVER % "echo")
    site.plugin("two", SERVER % "echo")
    with pytest.raises(PluginError, match="one and two both bring the protocol echo"):
        site.load().protocols()
