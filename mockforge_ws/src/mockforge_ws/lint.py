"""``mockforge lint`` for stubs with ``websocket``, for replay files and for AsyncAPI documents: compiled as a
server would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from mockforge.config import load_settings
from mockforge.findings import Finding
from mockforge.kernel import Kernel
from mockforge.mocking.matching import predicate_names
from mockforge.mocking.stubs import StubSource
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.errors import as_finding
from mockforge.mocking.stubs.linting import StubFile, check_stubs, read_stubs
from mockforge.mocking.stubs.plain import definition_text
from mockforge.mocking.templating import make_templates
from mockforge.plugins import load_plugins
from mockforge.plugins.settings import settings_model
from mockforge.structured import SUFFIXES
from mockforge.structured.roots import has_root_key
from mockforge_ws.stubs.compiler import KEY, TEMPLATE_NAMES, Kit, WebSocketStubCompiler

ASYNCAPI: Final = "asyncapi"
REPLAY: Final = ".jsonl"
_HEAD: Final = 4096


def lint_file(path: Path) -> Iterable[Finding] | None:
    """The findings about a file, or ``None`` if there is no WebSocket stub in it, and it is neither a
    replay file nor an AsyncAPI document."""
    suffix = path.suffix.lower()
    if suffix == REPLAY:
        return _of_replay(path) if _looks_like_replay(path) else None
    if suffix not in SUFFIXES or not path.is_file():
        return None
    if has_root_key(path, ASYNCAPI):
        from mockforge_ws.asyncapi.lint import lint_document

        return lint_document(path)
    file = read_stubs(path, KEY)
    return None if file is None else _of_stubs(file)


def _of_stubs(file: StubFile) -> Iterator[Finding]:
    yield from check_stubs(file, KEY, {KEY: WebSocketStubCompiler(_kit())})


def _of_replay(path: Path) -> Iterator[Finding]:
    definition = {KEY: {"path": "/", "replay": path.name}}
    source = StubSource(definition, file=path)
    compilers = {KEY: WebSocketStubCompiler(_kit())}
    build(source, compilers, text=definition_text(definition), default_id=path.stem)
    for problem in source.problems:
        yield as_finding(problem, code="replay.invalid")


def _looks_like_replay(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return b'"ts"' in head or b'"waitFor"' in head


def _kit() -> Kit:
    plugins = load_plugins()
    # Nothing is to be opened for a look.
    flags = {"core.state.store": "memory"}
    settings = load_settings(settings_model(plugins), environ={}, search=False, flags=flags)
    kernel = Kernel(settings, plugins)
    return Kit(
        lambda: make_templates(kernel, names=TEMPLATE_NAMES), plugins.predicates(predicate_names())
    )
