"""``mockforge lint`` for stubs with ``websocket``, for replay files and for AsyncAPI documents: compiled as a
server would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from mockforge.config import load_settings
from mockforge.findings import Finding
from mockforge.kernel import Kernel
from mockforge.mocking.matching import predicate_names
from mockforge.mocking.stubs import LoadLimits, StubError, StubSource
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.errors import as_finding
from mockforge.mocking.stubs.plain import definition_text
from mockforge.mocking.templating import make_templates
from mockforge.plugins import load_plugins
from mockforge.plugins.settings import settings_model
from mockforge.structured import SUFFIXES, Structured, read_structured
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
    try:
        read = read_structured(path, limits=LoadLimits().file, error=StubError, problems=[])
    except StubError:  # said by whoever knows stubs
        return None
    listed = read.value if isinstance(read.value, list) else [read.value]
    if not any(_is_ours(each) for each in listed):
        return None
    return _of_stubs(path, read, listed)


def _is_ours(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get(KEY), dict)


def _of_stubs(path: Path, read: Structured, listed: list[Any]) -> Iterator[Finding]:
    compilers = {KEY: WebSocketStubCompiler(_kit())}
    places = read.items()
    for number, definition in enumerate(listed):
        if not _is_ours(definition):
            continue
        at = (number,) if isinstance(read.value, list) else ()
        line, column = places[number] if at else (1, 1)
        source = StubSource(definition, file=path, line=line, column=column, structured=read, at=at)
        build(source, compilers, text=definition_text(definition), default_id=path.stem)
        yield from source.findings
        yield from map(as_finding, source.problems)


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
