"""Where values come from: one layer per file, profile, variable and flag, merged key by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from msgspec import inspect as mi

from mockforge.config.convert import KeyPath
from mockforge.config.kinds import Kind, nullable, struct_of
from mockforge.errors import Place
from mockforge.structured import Structured, format_path

OriginKind = Literal["default", "file", "environment", "flag"]


class Origin(NamedTuple):
    """Where the value of a setting was given: ``where`` is ``mockforge.yaml:12:3``, the name of the
    variable, or the flag; empty for a default."""

    kind: OriginKind
    where: str = ""

    def __str__(self) -> str:
        return self.where or self.kind


DEFAULT: Final = Origin("default")


class Layer(NamedTuple):
    """One source of values. ``name`` is that of the variable or flag (empty if there is none); a file
    is read from ``structured``, its values standing below ``prefix``. Relative paths are relative to
    ``folder``."""

    kind: OriginKind
    name: str
    folder: Path
    structured: Structured | None = None
    prefix: KeyPath = ()

    def place(self, path: KeyPath) -> Place:
        """Where the value at ``path`` was given."""
        if self.structured is not None:
            return self.structured.place((*self.prefix, *path))
        return Place(self.name or None, path=format_path(path))

    def origin(self, path: KeyPath) -> Origin:
        """The same, for showing where a value comes from."""
        if self.structured is None:
            return Origin(self.kind, self.name or format_path(path))
        line, column = self.structured.position((*self.prefix, *path))
        return Origin(self.kind, f"{self.structured.file}:{line}:{column}")


class Merged:
    """Values of several layers, each put over those before it, and which layer each came from."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}
        self._layers: dict[KeyPath, Layer] = {}

    def put(self, path: tuple[str, ...], value: Any, layer: Layer) -> None:
        """Put ``value`` at ``path``. Mappings are merged key by key, everything else is replaced."""
        target = self.value
        for part in path[:-1]:
            below = target.get(part)
            if not isinstance(below, dict):
                below = target[part] = {}
            target = below
        self._put(target, path[-1], value, layer, path)

    def _put(
        self, target: dict[str, Any], key: str, value: Any, layer: Layer, path: KeyPath
    ) -> None:
        if isinstance(value, dict):
            if not isinstance(target.get(key), dict):
                self._forget(path)
                target[key] = {}
                self._layers[path] = layer
            for name, item in value.items():
                self._put(target[key], name, item, layer, (*path, name))
            return
        self._forget(path)
        target[key] = value
        self._layers[path] = layer

    def _forget(self, path: KeyPath) -> None:
        size = len(path)
        for known in [known for known in self._layers if known[:size] == path]:
            del self._layers[known]

    def layer_at(self, path: KeyPath) -> Layer | None:
        """The layer that the value at ``path`` came from; for a mapping, the last one that
        contributed to it; inside a list, the one that gave the list. None if none did."""
        size = len(path)
        below = [layer for known, layer in self._layers.items() if known[:size] == path]
        if below:
            return max(below, key=_rank)
        value: Any = self.value
        for end, part in enumerate(path, start=1):
            value = value.get(part) if isinstance(value, dict) else None
            if not isinstance(value, dict):
                return self._layers.get(path[:end])
        return None


def _rank(layer: Layer) -> tuple[int, int]:
    order = ("default", "file", "environment", "flag")
    return order.index(layer.kind), len(layer.prefix)


def without_empty_sections(value: Any, kind: Kind) -> Any:
    """``value`` with ``None`` replaced by an empty mapping wherever a section is due: in YAML a
    section whose keys are all commented out is ``None``, and must not wipe out what it is put over."""
    struct = struct_of(kind)
    if struct is None:
        return value
    if value is None:
        return None if nullable(kind) else {}
    return _fill(value, struct) if isinstance(value, dict) else value


def _fill(value: dict[str, Any], struct: mi.StructType) -> dict[str, Any]:
    kinds = {field.encode_name: field.type for field in struct.fields}
    return {
        key: without_empty_sections(item, kinds[key]) if key in kinds else item
        for key, item in value.items()
    }
