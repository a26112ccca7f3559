"""The options and short variables of ``mockforge serve``, each by what it does in a running process."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import inspect as mi

from mockforge.config.kinds import Kind, bare, item_of, members, type_name
from mockforge.testing import MockServer
from tests.e2e.processes import WINDOW, Serving, serving
from tests.e2e.raw import connected, get
from tests.e2e.wired.names import our_model
from tests.http.server.documents import PET, content, document
from tests.http.server.documents import get as get_operation
from tests.kernel.cli.running import ECHO_PLUGIN, mockforge
from tests.kernel.cli.running import serving as serve
from tests.kernel.site import Site

ORIGIN = b"Origin: http://app.test\r\n"
SHARED = "access-control-allow-origin"


def saying(path: str, word: str) -> dict[str, Any]:
    """A document whose ``path`` answers ``word`` as its example of some text."""
    media = {"schema": {"type": "string"}, "example": word}
    return document({path: get_operation(("200", content(json=media)))})


PETS = document(
    {"/pets": get_operation(("200", content(json={"schema": PET})))},
)


def project(folder: Path) -> Path:
    """Documents ``one.json``, ``two.json``, ``pets.json``, ``api/api.json`` that refers to a file above
    its folder, and fixtures."""
    for file, made in {
        "one.json": saying("/one", "one"),
        "two.json": saying("/two", "two"),
        "pets.json": PETS,
        "api/api.json": document({"/outside": {"$ref": "../shared.json"}}),
        "shared.json": saying("/x", "outside")["paths"]["/x"],
        "fixtures/GET/fixed.json": "fixture",
    }.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(json.dumps(made))
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ------------------------------------------------------------------ one process with many options

PORT = free_port()


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = project(tmp_path_factory.mktemp("flagged"))
    arguments = (
        *("one.json", "--spec", "two.json", "--spec", "api/api.json", "--spec", "pets.json"),
        *("--spec-root", ".", "--fixtures", "fixtures", "--http-port", str(PORT)),
        *("--seed", "7", "--max-request-logs", "2", "--no-cors", "--no-cache"),
    )
    with serving(folder, *arguments) as running:
        yield running


@pytest.mark.shows("--json", "--http-port", "http.port", "mockforge serve")
def test_the_ready_line_has_the_address_with_the_port_asked_for(flagged: Serving) -> None:
    assert flagged.url == f"http://127.0.0.1:{PORT}"
    assert flagged.fetch("/one").status == 200


@pytest.mark.shows("DOCUMENT", "--spec", "http.specs")
def test_documents_are_arguments_or_options(flagged: Serving) -> None:
    assert flagged.fetch("/one").json == "one"
    assert flagged.fetch("/two").json == "two"


@pytest.mark.shows("--spec-root", "http.spec_root")
def test_a_document_may_refer_to_files_below_the_root(flagged: Serving, tmp_path: Path) -> None:
    assert flagged.fetch("/outside").json == "outside"
    project(tmp_path)
    refused = mockforge(tmp_path, "serve", "--only=http", "api/api.json", cwd=tmp_path)
    assert refused.returncode == 3
    assert "shared.json" in refused.stderr


@pytest.mark.shows("--fixtures", "http.fixtures")
def test_fixtures_are_answered_from_their_folder(flagged: Serving) -> None:
    assert flagged.fetch("/fixed").json == "fixture"


@pytest.mark.shows("--seed", "core.seed")
def test_the_seed_decides_what_is_generated(flagged: Serving) -> None:
    def made(seed: int) -> bytes:
        with MockServer(PETS, seed=seed) as server, connected(server.url) as client:
            return client.ask(get("/pets")).body

    assert flagged.fetch("/pets").body == made(7) != made(0)


@pytest.mark.shows("--max-request-logs", "core.max_request_logs", "mockforge_register_responders")
def test_the_journal_holds_as_many_requests_as_it_may(flagged: Serving) -> None:
    for number in range(5):
        flagged.fetch(f"/one?{number}")
    assert flagged.window()["journal"] == ["/one?4", "/one?3"]


@pytest.mark.shows("--no-cors")
def test_sharing_with_other_origins_can_be_switched_off(flagged: Serving) -> None:
    assert SHARED not in flagged.fetch("/one", extra=ORIGIN).headers


# ------------------------------------------------------------------ what a file says, and taken back

FILE = """
core: {watch: true}
http:
  specs: [one.json]
  dynamic: true
  cors: {enabled: false}
  cache: true
  cache_dir: prepared
profiles:
  quiet:
    core: {watch: false}
    http: {dynamic: false, cors: {enabled: true}, cache: false}
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    project(tmp_path)
    (tmp_path / "settings.yaml").write_text(FILE)
    return tmp_path


def is_dynamic(running: Serving) -> bool:
    return bool(running.fetch("/one").json != "one")


def is_shared(running: Serving) -> bool:
    return SHARED in running.fetch("/one", extra=ORIGIN).headers


def reloads_on_change(running: Serving, folder: Path) -> bool:
    """Change the document, have it reloaded, and see whether that was done once more before."""
    (folder / "one.json").write_text(json.dumps(saying("/new", "new")))
    running.reload()
    assert "reloaded" in running.message()
    while running.fetch("/new").status != 200:
        pass
    return running.stop().count("reloaded") > 0


@pytest.mark.shows("--config", "http.dynamic", "http.cors.enabled", "http.cache", "http.cache_dir")
def test_a_settings_file_may_be_named(configured: Path) -> None:
    with serving(configured, "--config", "settings.yaml") as running:
        assert is_dynamic(running)
        assert not is_shared(running)
        assert list((configured / "prepared").rglob("*.pack"))


@pytest.mark.shows("--profile", "--watch", "--dynamic")
def test_options_win_over_the_profile_which_wins_over_the_file(configured: Path) -> None:
    arguments = ("--config", "settings.yaml", "--profile", "quiet", "--dynamic", "--watch")
    with serving(configured, *arguments) as running:
        assert is_dynamic(running)
        assert is_shared(running)
        assert not (configured / "prepared").exists()
        (configured / "one.json").write_text(json.dumps(saying("/new", "new")))
        assert "reloaded" in running.message()
        assert running.fetch("/new").status == 200


@pytest.mark.shows("--no-dynamic", "--cors", "--no-cache", "--no-watch")
def test_booleans_of_the_file_are_taken_back(configured: Path) -> None:
    arguments = ("--no-dynamic", "--cors", "--no-cache", "--no-watch")
    with serving(configured, "--config", "settings.yaml", *arguments) as running:
        assert not is_dynamic(running)
        assert is_shared(running)
        assert not (configured / "prepared").exists()
        assert not (configured / "home-cache").exists()
        assert not reloads_on_change(running, configured)


@pytest.mark.shows("--cache")
def test_prepared_documents_are_kept_in_the_cache_folder_of_the_user(configured: Path) -> None:
    with serving(configured, "one.json", "--cache", env={"MOCKFORGE_HTTP__CACHE": "false"}):
        assert list((configured / "home-cache/mockforge").rglob("*.pack"))
    assert not (configured / "prepared").exists()


# ------------------------------------------------------------------ the address


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short name: the path of a Unix socket has at most some hundred characters."""
    with tempfile.TemporaryDirectory(prefix="mf-") as folder:
        yield Path(folder)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no Unix sockets here")
@pytest.mark.shows("--host", "http.host", "MOCKFORGE_HTTP_HOST")
@pytest.mark.parametrize("way", ["flag", "variable"])
def test_the_host_may_be_a_unix_socket(tmp_path: Path, short: Path, way: str) -> None:
    host = f"unix:{short}/mock.sock"
    project(tmp_path)
    arguments = ("one.json", "--host", host) if way == "flag" else ("one.json",)
    env = {"MOCKFORGE_HTTP_HOST": host} if way == "variable" else {}
    with serving(tmp_path, *arguments, env=env) as running:
        assert running.url == host
        assert running.fetch("/one").json == "one"
        assert (running.ready["ws"] == host) == (way == "flag")


# ------------------------------------------------------------------ messages


@pytest.mark.shows("--log-level", "logging.level", "MOCKFORGE_LOG_LEVEL")
@pytest.mark.parametrize("way", ["flag", "variable"])
def test_less_severe_messages_are_not_shown(tmp_path: Path, way: str) -> None:
    project(tmp_path)
    arguments = ("one.json", "--log-level", "error") if way == "flag" else ("one.json",)
    env = {"MOCKFORGE_LOG_LEVEL": "error"} if way == "variable" else {}
    with serving(tmp_path, *arguments, env=env) as running:
        (tmp_path / "one.json").write_text(json.dumps(saying("/new", "new")))
        running.reload()
        while running.fetch("/new").status != 200:
            pass
        (tmp_path / "one.json").write_text("{")
        running.reload()
        assert "error mockforge.kernel: http not reloaded" in running.message()
        assert running.stop() == ""


# ------------------------------------------------------------------ which plugins


@pytest.mark.shows("--only", "core.only", "MOCKFORGE_ONLY")
@pytest.mark.parametrize("way", ["flag", "file", "variable"])
def test_only_what_is_named_runs(tmp_path: Path, way: str) -> None:
    site = Site(tmp_path / "site")
    site.plugin("echo", ECHO_PLUGIN)
    if way == "file":
        (tmp_path / "mockforge.yaml").write_text("core: {only: [echo]}\n")
    arguments = ("--only", "echo") if way == "flag" else ()
    env = {"MOCKFORGE_ONLY": "echo"} if way == "variable" else {}
    with serve(site.root, *arguments, cwd=tmp_path, env=env) as (_, ready):
        assert set(ready) == {"event", "echo"}


@pytest.mark.shows("--without", "core.without", "MOCKFORGE_WITHOUT")
@pytest.mark.parametrize("way", ["flag", "file", "variable"])
def test_what_is_left_out_is_not_imported(tmp_path: Path, way: str) -> None:
    site = Site(tmp_path / "site")
    site.plugin("window", WINDOW)
    site.plugin("loud", "import sys\nprint('imported', file=sys.stderr)\n" + ECHO_PLUGIN)
    if way == "file":
        (tmp_path / "mockforge.yaml").write_text("core: {without: [loud]}\n")
    arguments = ("--without", "loud") if way == "flag" else ()
    env = {"MOCKFORGE_WITHOUT": "loud"} if way == "variable" else {}
    with serving(tmp_path, *arguments, env=env) as running:
        assert running.window()["plugins"] == {
            "admin": "loaded",
            "http": "loaded",
            "loud": "blocked",
            "window": "loaded",
            "ws": "loaded",
        }
        assert running.stop() == ""


# ------------------------------------------------------------------ the environment


@pytest.mark.shows(
    "MOCKFORGE_CONFIG",
    "MOCKFORGE_PROFILE",
    "MOCKFORGE_HTTP_PORT",
    "MOCKFORGE_FIXTURES_DIR",
    "MOCKFORGE_MAX_REQUEST_LOGS",
)
def test_variables_have_the_effect_of_their_settings(configured: Path) -> None:
    port = free_port()
    env = {
        "MOCKFORGE_CONFIG": "settings.yaml",
        "MOCKFORGE_PROFILE": "quiet",
        "MOCKFORGE_HTTP_PORT": str(port),
        "MOCKFORGE_FIXTURES_DIR": "fixtures",
        "MOCKFORGE_MAX_REQUEST_LOGS": "1",
    }
    with serving(configured, env=env) as running:
        assert running.url == f"http://127.0.0.1:{port}"
        assert running.fetch("/fixed").json == "fixture"
        assert not is_dynamic(running)
        assert is_shared(running)
        assert len(running.window()["journal"]) == 1


SPECIAL = {
    "core.only": ("admin,http,ws", ["admin", "http", "ws"]),
    "core.without": ("wasm", ["wasm"]),
    "admin.token": ("correct horse battery staple", "********"),
    "websocket.proxy.upstream": ("ws://127.0.0.1:9", "ws://127.0.0.1:9"),
    "websocket.proxy.headers": ('{"one": "secret"}', "********"),
    "http.proxy.headers": ('{"one": "secret"}', "********"),
}
"""Values of the settings that decide which others there are, and of those that are not shown or
have to look in a certain way."""


def another_value(kind: Kind, default: Any) -> tuple[str, Any]:
    """A value that is not the default, as a variable spells it and as it is shown."""
    name = type_name(kind)
    if name == "boolean":
        return str(not default).lower(), not default
    if name == "integer":
        number = default + 1 if isinstance(default, int) else 2
        return str(number), number
    if name == "number":
        return "0.5", 0.5
    if " | " in name:
        value = next(each for each in name.split(" | ") if each != default)
        return value, value
    if name in ("list of texts", "list of paths", "list of hostpatterns"):
        return "one,two", ["one", "two"]
    if name == "list of sections":
        (struct,) = members(item_of(kind) or kind)
        item = section(struct)
        return json.dumps([item]), [item]
    (only,) = members(kind)[:1]
    if isinstance(only, mi.DictType):
        inner = bare(only.value_type)
        is_section = isinstance(inner, mi.StructType)
        named = {"one": section(inner) if is_section else another_value(inner, None)[1]}
        return json.dumps(named), named
    if isinstance(only, mi.StrType) and only.pattern == "^/":
        return "/other", "/other"
    if name.startswith("list of integers"):
        return "300,301", [300, 301]
    if name == "list of faults":
        return "reset,empty", ["reset", "empty"]
    value = {
        "text": "other",
        "path": "some/file",
        "size": "4321",
        "duration": "7s",
        "delay": "7s",
        "upstream": "http://127.0.0.1:9",
    }[name]
    return value, value


def section(kind: Kind) -> dict[str, Any]:
    """A section with other values than the defaults."""
    assert isinstance(kind, mi.StructType)
    return {field.encode_name: another_value(field.type, field.default)[1] for field in kind.fields}


@pytest.mark.shows(
    "MOCKFORGE_<SECTION>__<KEY>", "mockforge config show", "mockforge config show --json"
)
def test_every_setting_can_be_given_by_its_general_variable(tmp_path: Path) -> None:
    settings = our_model().settings
    values = {
        key: SPECIAL.get(key) or another_value(setting.kind, setting.default)
        for key, setting in settings.items()
    }
    variables = {setting.env[-1]: values[key][0] for key, setting in settings.items()}
    given = {**variables, "MOCKFORGE_WS_PORT": "", "MOCKFORGE_ADMIN_PORT": ""}
    done = mockforge(tmp_path, "config", "show", "--json", cwd=tmp_path, env=given)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)["settings"]
    assert {key: row["value"] for key, row in shown.items()} == {
        key: value for key, (_, value) in values.items()
    }
    assert {row["where"] for row in shown.values()} == set(variables)
