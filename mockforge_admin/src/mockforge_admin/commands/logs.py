"""``mockforge logs``: the journal of a running server, as a list or followed."""

from __future__ import annotations

import shutil
from typing import Any, Final

import click
import msgspec

from mockforge.observe.journal import JournalEntry
from mockforge_admin.commands.asking import AdminClient, admin_options, visible

_COLORS: Final = {1: "cyan", 2: "green", 3: "cyan", 4: "yellow", 5: "red"}
_NARROWEST: Final = 20


class _Page(msgspec.Struct):
    entries: list[JournalEntry]


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with entries as they are recorded.")
@click.option("-n", "--limit", default=20, show_default=True, help="Entries from before.")
@click.option("--protocol", help="http, websocket or grpc.")
@click.option("--method", help="One, or several: GET,HEAD.")
@click.option("--path", help="As sent, its beginning and *, or the matched template.")
@click.option("--status", help="404, 4xx, 400-499, none, or several with commas.")
@click.option("--source", help="What answered, or its beginning and *: 'stub:*'.")
@click.option("--text", help="Occurs in the target, a header, a body or an error.")
@click.option("--json", "as_json", is_flag=True, help="Print entries whole, as JSON Lines.")
@admin_options
def logs(
    url: str, token: str | None, follow: bool, limit: int, as_json: bool, **filters: str | None
) -> None:
    """Print what was asked of a running server, and what it answered."""
    client = AdminClient(url, token)
    if not follow:
        body = client.get("/logs", {**filters, "limit": limit})
        for entry in reversed(msgspec.json.decode(body, type=_Page).entries):
            _print(entry, as_json)
        return
    for name, data in client.events("/logs/stream", {**filters, "last": limit}):
        if name == "entry":
            _print(msgspec.json.decode(data, type=JournalEntry), as_json)
        elif name == "dropped":
            count = msgspec.json.decode(data)["count"]
            click.secho(f"({count} entries came too fast to be shown)", fg="yellow", err=True)
    click.echo("the server has ended", err=True)


def _print(entry: JournalEntry, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(entry))
        return
    click.echo(line_of(entry, shutil.get_terminal_size().columns))
    if entry.error:
        click.secho(f"         {visible(entry.error)}", fg="red")
    if entry.explanation is not None:
        for each in entry.explanation.lines():
            click.secho(f"         {visible(each)}", dim=True)


def line_of(entry: JournalEntry, columns: int) -> str:
    """An entry as one line of ``columns``: time, status, method, target, duration, what answered."""
    time = entry.time.astimezone().strftime("%H:%M:%S")
    status = "-" if entry.status is None else str(entry.status)
    took = _span(entry.duration_us)
    room = max(_NARROWEST, columns - len(f"{time}   {entry.method:7}   {took:>8}  {entry.source}"))
    target = visible(entry.target)
    if len(target) > room:
        target = target[: room - 1] + "…"
    shown: Any = click.style(f"{status:>3}", fg=_color(entry))
    source = click.style(visible(entry.source), dim=True)
    return f"{time} {shown} {visible(entry.method):7} {target:{room}} {took:>8}  {source}".rstrip()


def _color(entry: JournalEntry) -> str | None:
    if entry.protocol == "grpc":
        return "green" if entry.status == 0 else "red"
    return None if entry.status is None else _COLORS.get(entry.status // 100)


def _span(microseconds: int) -> str:
    if microseconds < 1000:
        return f"{microseconds} us"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds / 1_000_000:.1f} s"
