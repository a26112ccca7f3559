"""Types that are there without being in any source: well-known types, googleapis' common protos, health
and reflection.

Those of Google come with installed packages as Python modules, which hold their descriptors in serialised
form; a module is imported when one of its types is first asked for.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Final

from .builtin import BUILTIN_FILES
from .descriptors import PlainFile
from .index import top_level

_PACKAGES: Final = (
    "google.protobuf",
    "google.rpc",
    "google.rpc.context",
    "google.api",
    "google.type",
    "google.longrunning",
    "google.logging.type",
    "google.cloud",
    "google.cloud.location",
)
_SUFFIX: Final = "_pb2.py"


ALIASES: Final = {
    "google/longrunning/operations.proto": "google/longrunning/operations_proto.proto"
}
"""By the name that everyone imports, what a file is called in the package of the common protos."""


def file_by_name(name: str) -> bytes | None:
    """The serialised FileDescriptorProto of a bundled file."""
    if (packaged := ALIASES.get(name)) is not None:
        data = file_by_name(packaged)
        if data is None:
            return None
        renamed = PlainFile.FromString(data)
        renamed.name = name
        return renamed.SerializeToString()
    if (own := BUILTIN_FILES.get(name)) is not None:
        return own().SerializeToString()
    folder, _, base = name.rpartition("/")
    package = folder.replace("/", ".")
    if package not in _PACKAGES or not base.endswith(".proto"):
        return None
    module = f"{package}.{base.removesuffix('.proto')}_pb2"
    return _serialized(import_module(module)) if module in _modules(package) else None


def file_with_symbol(symbol: str) -> bytes | None:
    """The bundled file that declares ``symbol`` (a full name) at its top level."""
    if (name := _builtin().get(symbol)) is not None:
        return BUILTIN_FILES[name]().SerializeToString()
    package = symbol.rpartition(".")[0]
    if package not in _PACKAGES:
        return None
    module = _symbols(package).get(symbol)
    return None if module is None else _serialized(import_module(module))


@lru_cache(maxsize=1)
def _builtin() -> dict[str, str]:
    return {symbol: name for name, make in BUILTIN_FILES.items() for symbol in top_level(make())}


@lru_cache(maxsize=len(_PACKAGES))
def _symbols(package: str) -> dict[str, str]:
    """By symbol the module that declares it. They are all imported for that, once: whoever asks for names
    that are not there is not to make anyone look for them again."""
    return {
        symbol: module
        for module in _modules(package)
        for symbol in top_level(PlainFile.FromString(_serialized(import_module(module))))
    }


def _serialized(module: ModuleType) -> bytes:
    data: bytes = module.DESCRIPTOR.serialized_pb
    return data


@lru_cache(maxsize=len(_PACKAGES))
def _modules(package: str) -> tuple[str, ...]:
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        return ()
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    found = {path.name for folder in folders for path in Path(folder).glob(f"*{_SUFFIX}")}
    return tuple(f"{package}.{name.removesuffix('.py')}" for name in sorted(found))
