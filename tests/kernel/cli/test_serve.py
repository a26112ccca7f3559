"""``mockforge serve``: options from settings, the ready line, exit codes, and what it refuses."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mockforge.cli import run
from tests.kernel.cli.running import ECHO_PLUGIN, environment, mockforge, serving
from tests.kernel.site import Site

SERVER = """
from mockforge.contracts import ProtocolServer

@hookimpl
def mockforge_register_protocols():
    return [Server]

class Server(ProtocolServer):
    name = "odd"

    async def serve(self, *, task_status):
        %s

    async def drain(self):
        pass
"""


@pytest.fixture
def echo(site: Site) -> Site:
    site.plugin("echo", ECHO_PLUGIN)
    return site


def stopped(child: subprocess.Popen[str]) -> tuple[int, str]:
    child.send_signal(signal.SIGTERM)
    _, errors = child.communicate(timeout=30)
    return child.returncode, errors


def test_the_ready_line_names_the_servers_that_run_and_sigterm_exits_0(
    echo: Site, tmp_path: Path
) -> None:
    with serving(echo.root, "--only", "echo", cwd=tmp_path) as (child, ready):
        assert set(ready) == {"event", "echo"}
        assert ready["event"] == "ready"
        host, port = ready["echo"].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(b"hello")
            assert client.recv(10) == b"hello"
        code, errors = stopped(child)
        assert (code, errors) == (0, "")


def test_the_ready_line_is_exactly_one_compact_line(echo: Site, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mockforge", "serve", "--json", "--only=echo"],
        cwd=tmp_path,
        env=environment(echo.root),
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        assert child.stdout.read() == ""
    assert line == json.dumps(json.loads(line), separators=(",", ":")) + "\n"
    assert line.startswith('{"event":"ready","echo":"127.0.0.1:')


def test_the_summary_for_people(echo: Site, tmp_path: Path) -> None:
    echo.plugin("bad", "raise ValueError('broken')\n")
    (tmp_path / "mockforge.yaml").write_text(
        "grpc: {port: 1}\nprofiles: {dev: {echo: {word: x}}}\n"
    )
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "mockforge", "serve", "--only", "echo", "--profile", "dev"],
        cwd=tmp_path,
        env=environment(echo.root),
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        text = ""
        while "settings of the section grpc" not in text:
            line = child.stdout.readline()
            assert line, text
            text += line
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 0
    assert text.startswith("MockForge 2")
    assert "  echo  127.0.0.1:" in text
    assert "        echoes\n" in text
    assert "plugins: echo 1.0" in text
    assert "settings: mockforge.yaml, profile dev" in text
    assert "warning: the plugin bad failed: ValueError: broken" in text


def test_options_come_from_the_settings_of_loaded_plugins(
    echo: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--help"]) == 0
    output = capsys.readouterr().out
    for option in ("--echo-word", "--max-request-logs", "--seed", "--watch", "--only", "--json"):
        assert option in output
    assert run(["serve", "--without", "echo", "--help"]) == 0
    assert "--echo-word" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["--only", "grpc"], "--only grpc: the plugin is not installed", "'mockforge[grpc]'"),
        (["--only", "ecko"], "--only ecko: no plugin or protocol", "did you mean echo?"),
        (
            ["--grpc-port", "5"],
            "--grpc-port is an option of the plugin grpc, which is not installed",
            "pip install 'mockforge[grpc]'",
        ),
        (
            ["--only=echo", "--http-port", "0"],
            "--http-port is an option of the plugin http, which is left out by --only echo",
            "leave --only echo away, or the option",
        ),
        (
            ["--only", "echo", "petstore.yaml"],
            "documents are served by the plugin http, which is left out by --only echo",
            "leave --only echo away",
        ),
        (
            ["--without", "admin,echo,http,ws", "--ecco", "x"],
            "no such option: --ecco",
            "not loaded, so their options are not known: admin, echo, http, ws",
        ),
        (["--only", "echo", "--echo-wrod", "x"], "No such option '--echo-wrod'", "serve --help"),
        (["--without", "admin,echo,http,ws"], "leave no protocol to run", "mockforge plugins"),
        (["--only", "echo", "--max-request-logs", "many"], "--max-request-logs", "serve --help"),
        (["--only", "echo", "--config", "gone.yaml"], "cannot read gone.yaml", "check the path"),
    ],
)
def test_what_cannot_be_started_exits_2_with_the_remedy(
    echo: Site, arguments: list[str], error: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", *arguments]) == 2
    output = capsys.readouterr()
    first, second = output.err.splitlines()
    assert first.startswith("error: ")
    assert error in first
    assert second.startswith("hint: ")
    assert hint in second
    assert output.out == ""


def test_without_any_protocol_installed_the_pip_line_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    for arguments in ([], ["openapi.yaml"], ["--http-port", "1"]):
        assert run(["serve", *arguments]) == 2
        assert "hint: pip install 'mockforge[http]'" in capsys.readouterr().err


def test_when_all_plugins_failed_the_reason_is_shown(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: site.entry_points())
    site.plugin("http", "raise ValueError('broken')\n")
    assert run(["serve"]) == 2
    assert "the plugin http failed: ValueError: broken" in capsys.readouterr().err


def test_a_plugin_that_fails_to_say_what_it_serves_is_named(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: site.entry_points())
    site.plugin(
        "http", "@hookimpl\ndef mockforge_register_protocols():\n    raise ValueError('oh')\n"
    )
    for arguments in ([], ["--only", "http"]):
        assert run(["serve", *arguments]) == 2
        assert "the plugin http raised ValueError: oh" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("import errno; raise OSError(errno.EADDRINUSE, 'Address already in use')", "in use"),
        ("task_status.started('x'); raise ValueError('crashed')", "crashed"),
    ],
)
def test_a_server_that_cannot_start_or_go_on_exits_3(
    site: Site, tmp_path: Path, body: str, error: str
) -> None:
    site.plugin("odd", SERVER % body)
    done = mockforge(site.root, "serve", "--only", "odd", cwd=tmp_path)
    assert done.returncode == 3
    assert (
        f"error: the odd server {'failed' if error == 'crashed' else 'cannot start'}" in done.stderr
    )
    assert error in done.stderr


def test_settings_reach_the_servers_from_file_environment_and_flag(
    site: Site, tmp_path: Path
) -> None:
    printing = (
        ECHO_PLUGIN
        + """
@hookimpl
def mockforge_startup(kernel):
    import sys
    core = kernel.settings.section("core")
    print(kernel.settings.section("echo").word, core.max_request_logs, kernel.seed, core.only,
          file=sys.stderr)
"""
    )
    site.plugin("echo", printing)
    (tmp_path / "mockforge.yaml").write_text(
        "echo: {word: file}\ncore: {max_request_logs: 5, only: [echo]}\n"
    )
    env = {"MOCKFORGE_MAX_REQUEST_LOGS": "6"}
    with serving(site.root, "--seed", "9", cwd=tmp_path, env=env) as (child, _):
        assert stopped(child) == (0, "file 6 9 ('echo',)\n")
    with serving(site.root, "--echo-word=flag", "--only", "echo", cwd=tmp_path) as (child, _):
        code, errors = stopped(child)
        assert code == 0
        assert errors.startswith("flag 5 ")


def test_a_section_of_a_plugin_that_is_left_out_is_no_error(echo: Site, tmp_path: Path) -> None:
    echo.plugin("other", "@hookimpl\ndef mockforge_report_memory():\n    return {}\n")
    (tmp_path / "mockforge.yaml").write_text("other: {key: 1}\nhttp: {port: 1}\n")
    arguments = ("--only", "echo", "--without", "other")
    with serving(echo.root, *arguments, cwd=tmp_path) as (child, _):
        assert stopped(child)[0] == 0


def test_sighup_reloads_changed_settings_and_says_what_is_wrong_with_broken_ones(
    echo: Site, tmp_path: Path
) -> None:
    file = tmp_path / "mockforge.yaml"
    file.write_text("core: {max_request_logs: 5}\n")
    with serving(echo.root, "--only", "echo", cwd=tmp_path) as (child, _):
        assert child.stderr is not None
        child.send_signal(signal.SIGHUP)
        assert "info mockforge.kernel: reloaded" in child.stderr.readline()
        file.write_text("core: {max_request_logs: x}\n")
        child.send_signal(signal.SIGHUP)
        line = child.stderr.readline()
        assert "settings not reloaded, the last good state stays: mockforge.yaml:1:8" in line
        assert stopped(child)[0] == 0


@pytest.mark.shows("logging.json")
def test_logging_may_change_at_a_reload(echo: Site, tmp_path: Path) -> None:
    file = tmp_path / "mockforge.yaml"
    file.write_text("{}\n")
    with serving(echo.root, "--only", "echo", cwd=tmp_path) as (child, _):
        assert child.stderr is not None
        file.write_text("logging: {json: true}\n")
        child.send_signal(signal.SIGHUP)
        assert json.loads(child.stderr.readline())["message"] == "reloaded"
        assert stopped(child)[0] == 0
