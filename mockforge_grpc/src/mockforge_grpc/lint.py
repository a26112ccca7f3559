"""``mockforge lint`` for protos and for stubs with ``grpc``: compiled as a server would.

Stubs are held against the protos of the settings that a server started in the folder of the file would find,
or else against those that lie in that folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mockforge.errors import ConfigError, MockForgeError
from mockforge.findings import Finding
from mockforge.mocking.stubs.linting import StubFile, check_stubs, read_stubs
from mockforge.mocking.stubs.loader import SUFFIXES

if TYPE_CHECKING:
    from mockforge.config import Settings
    from mockforge.plugins import Plugins
    from mockforge_grpc.config import GrpcConfig
    from mockforge_grpc.schema import Schema

KEY = "grpc"


def lint_file(path: Path, *, fast: bool = False) -> Iterable[Finding] | None:
    """The findings about a file, or ``None`` if it is neither protos nor has stubs of gRPC."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return _of_stubs(path)
    from mockforge_grpc.bridge.rules.compiled import check_rules
    from mockforge_grpc.generate import lint_rules
    from mockforge_grpc.schema.linting import lint_proto

    return lint_proto(path, fast=fast, checks=[check_rules, lint_rules])


def _of_stubs(path: Path) -> Iterable[Finding] | None:
    if not path.is_file():
        return None
    file = read_stubs(path, KEY)
    return None if file is None else _checked(file)


def _checked(file: StubFile) -> Iterator[Finding]:
    from mockforge.plugins import load_plugins
    from mockforge_grpc.config import GrpcConfig

    path = file.path
    plugins = load_plugins()
    settings = _settings(plugins, path)
    config = settings.section("grpc", GrpcConfig)
    try:
        schema = _schema(config, path)
    except MockForgeError:  # found when the protos are checked
        schema = None
    if schema is None:
        yield Finding(
            "grpc.no-protos",
            "there are no protos to hold these stubs against",
            "info",
            file=str(path),
            hint="name them in `grpc.protos` of mockforge.yaml, or put them beside the stubs",
        )
        return
    try:
        yield from _compiled(file, schema, plugins, settings)
    finally:
        schema.close()


def _compiled(
    file: StubFile,
    schema: Schema,
    plugins: Plugins,
    settings: Settings,
) -> Iterator[Finding]:
    from mockforge.kernel import Kernel
    from mockforge.mocking.matching import predicate_names
    from mockforge.mocking.templating import make_templates
    from mockforge_grpc.config import GrpcConfig
    from mockforge_grpc.stubs import TEMPLATE_NAMES, GrpcStubCompiler, Kit
    from mockforge_grpc.transport import engine_class

    engine = settings.section("grpc", GrpcConfig).engine
    kernel = Kernel(settings, plugins)
    kit = Kit(
        lambda: make_templates(kernel, names=TEMPLATE_NAMES),
        schema,
        predicates=plugins.predicates(predicate_names()),
        wire_faults=engine_class(engine).wire_faults,
        engine=engine,
    )
    yield from check_stubs(file, KEY, {KEY: GrpcStubCompiler(kit)})


def _schema(config: GrpcConfig, path: Path) -> Schema | None:
    """``None`` where there are no protos. ProtoError."""
    from mockforge_grpc.schema import load_schema

    sources = [proto for proto in config.protos if proto.exists()]
    sources = sources or sorted(path.parent.glob("*.proto"))
    return load_schema(sources, config.roots) if sources else None


def _settings(plugins: Plugins, path: Path) -> Settings:
    """The settings for the folder of ``path``. What is wrong with them is found when they are checked: the
    defaults then serve."""
    from mockforge.config import find_file, load_settings
    from mockforge.plugins.settings import settings_model

    model = settings_model(plugins)
    # Nothing is to be opened for a look.
    flags = {"core.state.store": "memory"}
    try:
        file = find_file(path.parent)
        return load_settings(model, file=file, environ={}, search=False, flags=flags)
    except ConfigError:
        return load_settings(model, environ={}, search=False, flags=flags)
