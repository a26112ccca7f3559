"""What all templates have: the menu, and how figures and times are written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from quart import Quart

from mockforge.html import Html
from mockforge.observe.memory import size_text
from mockforge_admin.pages.page import Page

if TYPE_CHECKING:
    from mockforge_admin.pages.page import Group
    from mockforge_admin.server import AdminServer

_LARGE: Final = 256 * 1024
_TIME: Final = '<time datetime="{iso}" data-as="{form}">{text}</time>'


def prepare(app: Quart, admin: AdminServer, groups: Sequence[Group]) -> None:
    """Give the templates of ``app`` what they use."""
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        groups=groups,
        panels=lambda: [
            Page(panel.title, f"/panels/{name}", "", ())
            for name, panel in sorted(admin.panels.items())
        ],
        version=version("mockforge"),
        servers=lambda: admin.kernel.addresses,
        asks_for_token=lambda: admin.config.token is not None,
    )
    environment.filters.update(
        size=lambda value: "" if value is None else size_text(value),
        count=lambda value: "" if value is None else f"{value:,}",
        span=span_text,
        clock=clock,
        stamp=stamp,
        moment=lambda nanoseconds: clock(nanoseconds / 1e9),
        pretty=pretty,
        brief=brief,
        grade=grade,
        segments=lambda text: quote(text, safe="/"),
    )


def span_text(microseconds: int) -> str:
    """``812 us``, ``12.4 ms``, ``3.1 s``, ``4 min 10 s``."""
    if microseconds < 1000:
        return f"{microseconds} µs"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms"
    if microseconds < 60_000_000:
        return f"{microseconds / 1_000_000:.1f} s"
    minutes, seconds = divmod(microseconds // 1_000_000, 60)
    return f"{minutes} min {seconds} s"


def clock(moment: datetime | float) -> Html:
    """A time of day. Scripts show it in the zone of who looks; without them it is UTC."""
    when = _when(moment)
    return Html.fill(_TIME, iso=when.isoformat(), form="clock", text=f"{when:%H:%M:%S}")


def stamp(moment: datetime | float) -> Html:
    """A date and time, see :func:`clock`."""
    when = _when(moment)
    text = f"{when:%Y-%m-%d %H:%M:%S} UTC"
    return Html.fill(_TIME, iso=when.isoformat(), form="full", text=text)


def _when(moment: datetime | float) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.fromtimestamp(moment, UTC)


def pretty(text: str) -> str:
    """``text`` with indentation, if it is JSON that is not large."""
    if len(text) > _LARGE or text[:1] not in ("{", "["):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def brief(text: str, most: int = 200) -> str:
    """The beginning of a long ``text``."""
    return text if len(text) <= most else f"{text[:most]}…"


def grade(entry: Any) -> str:
    """How an entry of the journal turned out: ``good``, ``odd`` (4xx), ``bad`` or ``none``."""
    if entry.status is None:
        return "none"
    if entry.protocol == "grpc":
        return "bad" if entry.status else "good"
    if entry.status >= 500:
        return "bad" if entry.status < 1000 else "good"
    return "odd" if entry.status >= 400 else "good"
