"""The Python in the docs does what the pages say."""

from __future__ import annotations

import ast
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from types import ModuleType
from typing import Any

import httpx
import pytest

from mockforge.cli import run
from mockforge.config import check_file
from mockforge.plugins import Plugins, load_plugins
from mockforge.testing import MockServer
from tests.e2e.wired.names import hooks, our_model
from tests.e2e.wired.pages import Pages, blocks, python_blocks

ROOT = Path(__file__).resolve().parents[2]
PAGES = Pages(ROOT / "docs")
BLOCKS = [
    pytest.param(page, block, id=f"{page}:{line}")
    for page, text in PAGES.texts.items()
    for line, block in python_blocks(text)
]
GUIDE = "plugins/development-guide.md"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where there is an ``openapi.yaml``."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "examples/petstore/openapi.yaml", folder)
    return folder


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_every_block_compiles(page: str, block: str) -> None:
    code = compile(block, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert code.co_filename == page
    assert ast.parse(block).body, "nothing but comments"


def execute(block: str, name: str, namespace: dict[str, Any]) -> None:
    code = compile(block, name, "exec", dont_inherit=True)
    exec(code, namespace)  # noqa: S102 - the page's own words


STUB = re.compile(
    r"(?:#.*\n)*(?:- )?(?:id|priority|request|response|responses|operation|scenario):"
)
PREDICATES = re.compile(
    r"(?:#.*\n)*(?:path|query|headers|cookies|body|host|client|where|anyOf|allOf|not):"
)


def yaml_blocks(begin: re.Pattern[str] | None) -> list[Any]:
    """The YAML blocks of all pages that begin so; with ``None`` those that begin like neither stubs nor
    conditions, which are settings."""
    return [
        pytest.param(block, id=f"{page}:{line}")
        for page, text in PAGES.texts.items()
        for line, block in blocks(text, "yaml")
        if begin is next((each for each in (STUB, PREDICATES) if each.match(block)), None)
    ]


@pytest.mark.parametrize("block", yaml_blocks(None))
def test_every_settings_file_is_right(block: str, tmp_path: Path) -> None:
    file = tmp_path / "mockforge.yaml"
    file.write_text(block)
    assert check_file(our_model(), file) == []


@pytest.mark.parametrize("block", yaml_blocks(STUB))
def test_every_stub_is_right(block: str, tmp_path: Path) -> None:
    (tmp_path / "stub.yaml").write_text(block)
    settings = {
        "http.mocks": [str(tmp_path)],
        "http.proxy.allow": ["*", "localhost"],
        "websocket.mocks": [str(tmp_path)],
        "grpc.mocks": [str(tmp_path)],
        "grpc.protos": [str(ROOT / "examples" / "greeter")],
    }
    with MockServer(settings=settings, only=("http", "ws", "grpc")) as server:
        assert server.url


@pytest.mark.parametrize("block", yaml_blocks(PREDICATES))
def test_every_condition_is_right(block: str, tmp_path: Path) -> None:
    for number, part in enumerate(re.split(r"\n(?=\S)", block.strip())):
        (tmp_path / f"{number}.yaml").write_text(
            f"request:\n{indent(part, '  ')}\nresponse: {{status: 204}}\n"
        )
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert server.url


def is_test(block: str) -> bool:
    return "\ndef test_" in block


def test_tests_on_the_pages_pass(project: Path) -> None:
    count = 0
    for page in ("testing.md", GUIDE):
        for line, block in python_blocks(PAGES.page(page)):
            if is_test(block):
                count += block.count("\ndef test_")
                (project / f"test_{Path(page).stem.replace('-', '_')}_{line}.py").write_text(block)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "."],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(rf"^{count} passed", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize(
    ("page", "shown"),
    [("metrics.md", "# TYPE mockforge_journal_entries"), ("memory.md", "journal ")],
)
def test_the_first_block_of_a_page_shows_what_it_is_about(
    page: str,
    shown: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(project)
    _, block = next(python_blocks(PAGES.page(page)))
    execute(block, page, {})
    assert shown in capsys.readouterr().out


# ------------------------------------------------------------------ the guide for plugins


def loaded(block: str, name: str) -> tuple[Plugins, ModuleType]:
    """A block of the guide, as a plugin."""
    module = ModuleType(f"guide_{name}")
    execute(block, name, vars(module))
    holders = [
        value
        for value in vars(module).values()
        if not isinstance(value, type) and any(hasattr(type(value), hook) for hook in hooks())
    ]
    plugin: Any = holders[-1] if holders else module
    return load_plugins(extra={name: plugin}, entry_points=()), plugin


def guide_blocks() -> Iterator[Any]:
    for line, block in python_blocks(PAGES.page(GUIDE)):
        if not is_test(block):
            yield pytest.param(block, id=f"line {line}")


@pytest.mark.parametrize("block", list(guide_blocks()))
def test_every_block_of_the_guide_is_a_plugin_that_loads(block: str) -> None:
    plugins, _ = loaded(block, "block")
    (row,) = plugins.rows
    assert (row.state, row.reason) == ("loaded", None)
    assert set(row.hooks) == set(re.findall(r"def (mockforge_\w+)", block))
    assert row.hooks
    # What it registers is of the right kind.
    plugins.config_sections()
    plugins.protocols()
    plugins.responders()
    plugins.fixture_loaders()
    plugins.commands()
    plugins.memory_report()
    plugins.lint_kinds()
    assert row.problems == []


def test_the_guide_has_an_example_of_every_hook() -> None:
    shown = {
        hook
        for _, block in python_blocks(PAGES.page(GUIDE))
        for hook in re.findall(r"def (mockforge_\w+)", block)
    }
    assert shown == set(hooks())


def plugin_with(text: str) -> Any:
    """The plugin of the guide's one block that holds ``text``."""
    (block,) = [
        block
        for _, block in python_blocks(PAGES.page(GUIDE))
        if text in block and not is_test(block)
    ]
    return loaded(block, "example")[1]


def test_the_examples_of_the_guide_do_what_it_says(project: Path, tmp_path: Path) -> None:
    (tmp_path / "GET").mkdir()
    (tmp_path / "GET/words.lines").write_text("one\ntwo\n")
    examples = {
        name: plugin_with(text)
        for name, text in {
            "stamp": "StampConfig",
            "time": "TimeServer",
            "health": "Health",
            "lines": "Lines(FixtureLoader)",
            "teapot": "x-teapot",
            "words": "words.cache",
        }.items()
    }
    settings = {"stamp.text": "mine", "http.fixtures": str(tmp_path)}
    with MockServer(
        project / "openapi.yaml", plugins=examples, settings=settings, only=("http", "time")
    ) as server:
        health = httpx.get(f"{server.url}/health")
        assert (health.text, health.headers["X-Stamp"]) == ("well", "mine")
        assert httpx.get(f"{server.url}/words").json() == ["one", "two"]
        assert httpx.get(f"{server.url}/pets", headers={"X-Teapot": "1"}).status_code == 418
        assert 'mockforge_memory_bytes{component="words.cache"} 0' in server.metrics.render()
        host, port = server.address("time").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            assert client.makefile("rb").read() == b"noon\n"


def test_the_linter_of_the_guide_finds_empty_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.lines").write_text("one\n\ntwo\n")
    plugins = load_plugins(extra={"lines": plugin_with("lines.empty")}, entry_points=())
    monkeypatch.setattr("mockforge.cli.lint.chosen_plugins", lambda **_: plugins)
    assert run(["lint", str(tmp_path / "a.lines")]) == 0
    assert "a.lines:2: warning: this line is empty [lines.empty]" in capsys.readouterr().out
