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
    for make in BUILTIN_FILES.values():
        if symbol in top_level(make()):
            return make().SerializeToString()
    package, _, name = symbol.rpartition(".")
    if package not in _PACKAGES:
        return None
    for module, path in _modules(package).items():
        # The text tells whether it is worth importing: the descriptor in it has all names in clear.
        if name.encode() not in path.read_bytes():
            continue
        data = _serialized(import_module(module))
        if symbol in top_level(PlainFile.FromString(data)):
            return data
    return None


def _serialized(module: ModuleType) -> bytes:
    data: bytes = module.DESCRIPTOR.serialized_pb
    return data


@lru_cache(maxsize=len(_PACKAGES))
def _modules(package: str) -> dict[str, Path]:
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        return {}
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    found = {path for folder in folders for path in Path(folder).glob(f"*{_SUFFIX}")}
    return {f"{package}.{path.name.removesuffix('.py')}": path for path in sorted(found)}
