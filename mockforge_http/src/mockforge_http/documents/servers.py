"""Under which base paths a document's servers offer its operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice, product
from typing import Any, Final
from urllib.parse import urlsplit

from .index import Version
from .store import Missing, Store

_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_MOST: Final = 64
"""Most base paths of one server list: variables with many values multiply."""


def document_base_paths(store: Store, entry: str, version: Version) -> tuple[str, ...]:
    """The base paths of the whole document, without a slash at the end; ``""`` is the root."""
    if version == "2.0":
        return (_tidy(_member(store, entry, "basePath")),)
    return base_paths(_member(store, entry, "servers")) or ("",)


def _member(store: Store, entry: str, name: str) -> Any:
    try:
        return store.get(entry, (name,))
    except Missing:
        return None


def base_paths(servers: Any) -> tuple[str, ...]:
    """The path parts of Server Objects (3.x), each variable replaced by its default and by each of its
    enumerated values; relative addresses count from ``/``. Empty if there are no servers."""
    if not isinstance(servers, list):
        return ()
    found: dict[str, None] = {}
    for server in servers:
        if isinstance(server, dict) and isinstance(server.get("url"), str):
            for url in islice(_expand(server["url"], server.get("variables")), _MOST):
                found.setdefault(_path_of(url))
    return tuple(islice(found, _MOST))


def _expand(url: str, variables: Any) -> Iterable[str]:
    names = list(dict.fromkeys(_VARIABLE.findall(url)))
    values = [_values_of(variables, name) for name in names]
    for chosen in product(*values):
        by_name = dict(zip(names, chosen, strict=True))
        expanded = _VARIABLE.sub(lambda match: by_name[match[1]], url)  # noqa: B023 - used at once
        # An empty value must not turn a path into a host name.
        yield expanded if url.startswith("//") else re.sub(r"^/{2,}", "/", expanded)


def _values_of(variables: Any, name: str) -> list[str]:
    variable = variables.get(name) if isinstance(variables, dict) else None
    if not isinstance(variable, dict):
        return [""]
    listed = variable.get("enum")
    values = [variable.get("default"), *(listed if isinstance(listed, list) else ())]
    texts = [str(value) for value in values if isinstance(value, str | int | float)]
    return list(dict.fromkeys(texts)) or [""]


def _path_of(url: str) -> str:
    try:
        path = urlsplit(url.strip()).path
    except ValueError:
        return ""
    return _tidy(path)


def _tidy(path: Any) -> str:
    if not isinstance(path, str):
        return ""
    steps = [step for step in path.split("/") if step not in ("", ".")]
    kept: list[str] = []
    for step in steps:
        if step == "..":
            del kept[-1:]
        else:
            kept.append(step)
    return "".join(f"/{step}" for step in kept)
