"""What ``mockforge serve`` prints when all servers accept connections."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

import click
import msgspec

from mockforge.plugins import PROTOCOLS

if TYPE_CHECKING:
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel


def print_ready(kernel: Kernel) -> None:
    """One line of JSON: ``{"event":"ready","http":"http://127.0.0.1:3000"}``, flushed."""
    line = msgspec.json.encode({"event": "ready", **_addresses(kernel)}).decode()
    click.echo(line)


def print_summary(kernel: Kernel) -> None:
    """A few lines for people, warnings last."""
    for line in _summary(kernel):
        click.echo(line)


def _addresses(kernel: Kernel) -> dict[str, str]:
    ours = [name for name in PROTOCOLS if name in kernel.addresses]
    others = [name for name in kernel.addresses if name not in ours]
    return {name: kernel.addresses[name] for name in (*ours, *others)}


def _summary(kernel: Kernel) -> Iterator[str]:
    yield f"MockForge {version('mockforge')}"
    servers = {server.name: server for server in kernel.servers}
    addresses = _addresses(kernel)
    width = max(map(len, addresses))
    for name, address in addresses.items():
        yield f"  {name:{width}}  {click.style(address, bold=True)}"
        for line in servers[name].summary() if name in servers else ():
            yield f"  {'':{width}}  {line}"
    loaded = [row for row in kernel.plugins.rows if row.state == "loaded"]
    yield "  plugins: " + ", ".join(f"{row.name} {row.version or ''}".rstrip() for row in loaded)
    settings = kernel.settings
    if settings.file is not None:
        profile = f", profile {settings.profile}" if settings.profile else ""
        yield f"  settings: {settings.file}{profile}"
    for row in kernel.plugins.rows:
        if row.state == "failed":
            yield _warning(f"the plugin {row.name} failed: {row.reason}")
    for finding in settings.findings:
        yield _finding(finding)
    for server in kernel.servers:
        for finding in server.warnings():
            yield _finding(finding)


def _finding(finding: Finding) -> str:
    hint = f" ({finding.hint})" if finding.hint else ""
    where = str(finding.place)
    return _warning(f"{where}: {finding.message}{hint}".removeprefix(": "), finding.severity)


def _warning(text: str, severity: str = "warning") -> str:
    return f"  {click.style(severity, fg='yellow')}: {text}"
