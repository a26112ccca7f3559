"""Files to plain JSON values: JSON, and YAML as YAML 1.2 reads it.

OpenAPI asks for the JSON schema of YAML 1.2, so ``no`` is a word, ``2020-01-01`` a string and
``012`` twelve; PyYAML on its own reads YAML 1.1. What a slow YAML parse gave is kept as JSON in the
temporary folder, by content.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

_CACHE_FROM = 64 * 1024
"""Smaller files are parsed faster than they are hashed, looked up and checked."""
_CACHE_FILES = 64
_CACHE_VERSION = b"1\n"

_Base: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableError(Exception):
    """A file is not JSON or YAML."""


class _Loader(_Base):  # type: ignore[misc]  # the C loader exists only where libyaml does
    """Only the tags of the YAML 1.2 core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own shape


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolve("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolve("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789")
_resolve(
    "float",
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
    "-+0123456789.",
)
_resolve("null", r"^(?:~|null|Null|NULL|)$", "~nN\0")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
_resolve("merge", r"^<<$", "<")


def _integer(loader: Any, node: Any) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def load(path: Path) -> Any:
    """The value of a JSON or YAML file; :class:`UnreadableError` when it is neither."""
    data = path.read_bytes()
    if path.suffix == ".json" or data.lstrip()[:1] in {b"{", b"["}:
        try:
            return json.loads(data)
        except ValueError:
            if path.suffix == ".json":
                raise UnreadableError(f"{path} is not JSON") from None
    if len(data) < _CACHE_FROM:
        return _parse_yaml(path, data)
    cached = _cache_folder() / hashlib.sha256(_CACHE_VERSION + data).hexdigest()
    if cached.exists():
        return json.loads(cached.read_bytes())
    value = _parse_yaml(path, data)
    _keep(cached, value)
    return value


def _parse_yaml(path: Path, data: bytes) -> Any:
    try:
        value = yaml.load(data, Loader=_Loader)  # noqa: S506  # derived from the safe loader
    except (yaml.YAMLError, ValueError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path} is not YAML: {error}") from None
    # Through JSON once: keys such as 200 become "200", as they are in the JSON form.
    return json.loads(json.dumps(value, default=str))


def _cache_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"openapi-walk-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _keep(file: Path, value: Any) -> None:
    kept = sorted(file.parent.iterdir(), key=lambda entry: entry.stat().st_mtime)
    for old in kept[: max(0, len(kept) - _CACHE_FILES + 1)]:
        old.unlink(missing_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(value))
    partial.replace(file)
