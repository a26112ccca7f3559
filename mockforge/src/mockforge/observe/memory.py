"""Who holds how many bytes: components report, and the rest is what Python and the system need.

The kernel keeps one :class:`MemoryLedger`; ``mockforge memory``, the admin page and the metrics show
its report.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final

import msgspec

from mockforge.observe.process import proportional_bytes, resident_bytes

log = logging.getLogger("mockforge.memory")

Bytes = Callable[[], int]
GiveBack = Callable[[], object]
Source = Callable[[], Mapping[str, int]]

_UNITS: Final = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


class ComponentMemory(msgspec.Struct, frozen=True):
    """What one component holds. ``bytes`` is ``None`` if asking failed: then ``error`` says why."""

    name: str
    bytes: int | None
    limit: int | None = None
    error: str | None = None


class MemoryReport(msgspec.Struct, frozen=True):
    """Bytes by component against what the operating system says of the process."""

    rss: int | None
    pss: int | None
    """RSS with shared pages divided among their users; only if asked for, on Linux."""
    baseline: int | None
    """RSS when the ledger was made: Python and the modules loaded until then."""
    components: tuple[ComponentMemory, ...]
    """Largest first."""
    accounted: int
    """Sum over the components."""
    unaccounted: int | None
    """RSS without baseline and components: modules loaded since, connections, the allocator's free
    lists. Below 0 where pages of the baseline were given back, or bytes are shared by components."""


class MemoryLedger:
    """The components that report bytes. ``baseline`` is measured when it is made: make it early."""

    def __init__(self) -> None:
        self.baseline = resident_bytes()
        self._reporters: dict[str, tuple[Bytes, Bytes | int | None]] = {}
        self._sources: tuple[Source, ...] = ()
        self._givers: dict[str, GiveBack] = {}
        self._lock = Lock()

    def register(self, name: str, read: Bytes, limit: Bytes | int | None = None) -> None:
        """Ask ``read`` for the bytes of component ``name`` (``http.documents``), which may not go
        over ``limit`` (a function where it can change). A later registration replaces it."""
        with self._lock:
            self._reporters = {**self._reporters, name: (read, limit)}

    def unregister(self, name: str) -> None:
        """Ask component ``name`` no longer."""
        with self._lock:
            self._reporters = {key: value for key, value in self._reporters.items() if key != name}

    def add_source(self, source: Source) -> None:
        """Ask ``source`` for bytes by component name (plugins, by ``mockforge_report_memory``)."""
        with self._lock:
            self._sources = (*self._sources, source)

    def on_shed(self, name: str, give_back: GiveBack) -> None:
        """Have component ``name`` asked by :meth:`shed` to let go of what it can make again."""
        with self._lock:
            self._givers = {**self._givers, name: give_back}

    def shed(self) -> None:
        """Ask all components to let go of what they can make again; one that raises is passed over."""
        for name, give_back in self._givers.items():
            try:
                give_back()
            except Exception:
                log.exception("%s could not give its memory back", name)

    def components(self) -> list[ComponentMemory]:
        """Every component, largest first. One that raises is listed with its error."""
        found: dict[str, ComponentMemory] = {}
        for source in self._sources:
            found.update(_ask_source(source))
        for name, (read, limit) in self._reporters.items():
            found[name] = _ask(name, read, limit)
        return sorted(found.values(), key=lambda each: (-(each.bytes or 0), each.name))

    def report(self, *, pss: bool = False) -> MemoryReport:
        """The state of now. ``pss`` costs about a millisecond per 100 MB."""
        components = tuple(self.components())
        accounted = sum(component.bytes or 0 for component in components)
        rss = resident_bytes()
        known = rss is not None and self.baseline is not None
        return MemoryReport(
            rss=rss,
            pss=proportional_bytes() if pss else None,
            baseline=self.baseline,
            components=components,
            accounted=accounted,
            unaccounted=(rss or 0) - (self.baseline or 0) - accounted if known else None,
        )


def _ask(name: str, read: Bytes, limit: Bytes | int | None) -> ComponentMemory:
    try:
        most = limit() if callable(limit) else limit
        return ComponentMemory(name, read(), most)
    except Exception as error:  # a plugin's function: the report names it and goes on
        return ComponentMemory(name, None, error=f"{type(error).__name__}: {error}")


def _ask_source(source: Source) -> dict[str, ComponentMemory]:
    try:
        return {name: ComponentMemory(name, held) for name, held in source().items()}
    except Exception as error:  # see _ask
        name = getattr(source, "__module__", None) or type(source).__name__
        return {name: ComponentMemory(name, None, error=f"{type(error).__name__}: {error}")}


def render_report(report: MemoryReport) -> str:
    """``report`` as a table for a terminal, with a line break at its end."""
    rows = [("component", "bytes", "limit", "full"), *map(_row, report.components)]
    rows.append(("accounted", size_text(report.accounted), "", ""))
    rows.append(("baseline (Python, modules)", _known(report.baseline), "", ""))
    rows.append(("unaccounted", _known(report.unaccounted), "", ""))
    rows.append(("process (RSS)", _known(report.rss), "", ""))
    if report.pss is not None:
        rows.append(("process (PSS)", size_text(report.pss), "", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(
            (row[0].ljust(widths[0]), *(row[at].rjust(widths[at]) for at in range(1, 4)))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    body = [lines[0], rule, *lines[1 : len(report.components) + 1]]
    if report.components:
        body.append(rule)
    body += lines[len(report.components) + 1 :]
    body += [
        f"{component.name}: {component.error}"
        for component in report.components
        if component.error is not None
    ]
    return "\n".join(body) + "\n"


def _row(component: ComponentMemory) -> tuple[str, str, str, str]:
    return (
        component.name,
        "failed" if component.bytes is None else size_text(component.bytes),
        "" if component.limit is None else size_text(component.limit),
        _fill(component),
    )


def _fill(component: ComponentMemory) -> str:
    if component.bytes is None or not component.limit:
        return ""
    return f"{100 * component.bytes / component.limit:.0f}%"


def _known(size: int | None) -> str:
    return "unknown" if size is None else size_text(size)


def size_text(size: int) -> str:
    """``size`` bytes to read: ``812 B``, ``12.4 MiB``."""
    for scale, unit in _UNITS:
        if abs(size) >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} B"
