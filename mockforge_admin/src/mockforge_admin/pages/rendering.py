"""What all templates have: the menu, and how figures are written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from quart import Quart

from mockforge.observe.memory import size_text
from mockforge.structured.to_yaml import yaml_text

if TYPE_CHECKING:
    from mockforge_admin.pages.page import Page
    from mockforge_admin.server import AdminServer


def prepare(app: Quart, admin: AdminServer, pages: Sequence[Page]) -> None:
    """Give the templates of ``app`` what they use."""
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        pages=pages, version=version("mockforge"), servers=lambda: admin.kernel.addresses
    )
    environment.filters.update(
        size=lambda value: "" if value is None else size_text(value),
        span=span_text,
        clock=lambda moment: moment.astimezone().strftime("%H:%M:%S"),
        moment=moment_text,
        pretty=pretty,
        yaml=yaml_text,
        grade=grade,
    )


def span_text(microseconds: int) -> str:
    """``812 us``, ``12.4 ms``, ``3.1 s``."""
    if microseconds < 1000:
        return f"{microseconds} us"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds / 1_000_000:.1f} s"


def moment_text(nanoseconds: int) -> str:
    """A time of day, from nanoseconds since 1970."""
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).astimezone().strftime("%H:%M:%S")


def pretty(text: str) -> str:
    """``text`` with indentation, if it is JSON that is not large."""
    if len(text) > 256 * 1024 or text[:1] not in ("{", "["):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def grade(entry: Any) -> str:
    """How an entry of the journal turned out: ``good``, ``odd`` (4xx), ``bad`` or ``none``."""
    if entry.status is None:
        return "none"
    if entry.protocol == "grpc":
        return "bad" if entry.status else "good"
    if entry.status >= 500:
        return "bad" if entry.status < 1000 else "good"
    return "odd" if entry.status >= 400 else "good"
