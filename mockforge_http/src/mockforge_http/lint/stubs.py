"""``mockforge lint`` for files of stubs: they are compiled as a server would, and their answers are held
against the documents that the settings name.

The settings are those a server started in the file's folder would find. Where they name no document, what
a stub says of operations is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from mockforge.config import Settings, find_file, load_settings
from mockforge.errors import ConfigError, MockForgeError
from mockforge.findings import Finding
from mockforge.kernel import Kernel
from mockforge.mocking.stubs.files import is_stub_file
from mockforge.plugins import Plugins, load_plugins
from mockforge.plugins.settings import settings_model
from mockforge.progress import note
from mockforge_http.config import HttpConfig
from mockforge_http.mock import Mock

if TYPE_CHECKING:
    from mockforge.contracts import Responder

_MAPPINGS: Final = "mappings"
_SUFFIXES: Final = (".json", ".yaml", ".yml")


def lint_stubs(path: Path, *, fast: bool = False) -> Iterable[Finding] | None:
    """The findings about the stubs in a file, or ``None`` if it holds none. ``fast`` leaves the documents
    out."""
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return None
    if _MAPPINGS in (folder.name for folder in path.parents):
        return _of_wiremock(path)
    return _of_stubs(path, fast=fast) if is_stub_file(path) else None


def _of_wiremock(path: Path) -> Iterator[Finding]:
    from mockforge.mocking.stubs.errors import as_finding
    from mockforge_http.importing.wiremock.reading import read_wiremock

    try:
        yield from read_wiremock(path).findings
    except MockForgeError as error:
        yield as_finding(error)


def _of_stubs(path: Path, *, fast: bool) -> Iterator[Finding]:
    note("stubs")
    plugins = load_plugins()
    settings = _settings(plugins, path)
    config = settings.section("http", HttpConfig)
    kernel = Kernel(settings, plugins)
    try:
        mock = _Checked(_for_lint(config, with_documents=not fast), kernel)
    except MockForgeError:  # found when the settings and the documents are checked
        mock = _Checked(HttpConfig(max_stubs=config.max_stubs), kernel)
    try:
        yield from mock.stubs.check(path, mock.store)
    finally:
        mock.close()


class _Checked(Mock):
    """A mock that is only looked at: nothing but its documents and stubs is made."""

    def _responders(self, kernel: Kernel) -> Sequence[Responder]:
        return ()


def _settings(plugins: Plugins, path: Path) -> Settings:
    """The settings for the folder of ``path``. What is wrong with them is found when they are checked: the
    defaults then serve."""
    model = settings_model(plugins)
    # Nothing is to be opened for a look.
    flags = {"core.state.store": "memory"}
    try:
        file = find_file(path.parent)
        return load_settings(model, file=file, environ={}, search=False, flags=flags)
    except ConfigError:
        return load_settings(model, environ={}, search=False, flags=flags)


def _for_lint(config: HttpConfig, *, with_documents: bool) -> HttpConfig:
    specs = tuple(spec for spec in config.specs if spec.is_file()) if with_documents else ()
    return msgspec.structs.replace(config, specs=specs, mocks=(), stateful=False, resources={})
