"""What a recorded stub asks of the target of a request."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from mockforge.mocking.recording.secrets import Secrets

_MOST_FIELDS: Final = 1000


def path_condition(path: str) -> Any:
    """``path`` as a stub says it, which takes braces for a template."""
    return {"equals": path} if "{" in unquote(path) or "}" in unquote(path) else path


def query_conditions(query: str, secrets: Secrets) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Each parameter of ``query`` by its first value, secret ones left out, and the further values."""
    first: dict[str, Any] = {}
    more: list[dict[str, Any]] = []
    for name, value in pairs_of(query):
        if secrets.is_parameter(name):
            continue
        if name in first:
            more.append({name: value})
        else:
            first[name] = value
    return first, more


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Names and values of ``query`` or a form; none if there are too many."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


def key_of(definition: Any) -> bytes:
    """The same for definitions that say the same."""
    return blake2b(msgspec.json.encode(definition, order="deterministic"), digest_size=16).digest()
