"""The typed facade over the hooks: what plugins register, what they do in each request, and what they are
told of the life of the process."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

from mockforge.contracts import ConfigSection, ResponseTransformer
from mockforge.findings import Finding
from mockforge.plugins.record import PluginInfo, describe_error
from mockforge.plugins.registration import Registrations
from mockforge.plugins.selection import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from mockforge.kernel import Kernel
    from mockforge.observe.journal import JournalEntry


class RequestLogger:
    """A plugin's ``mockforge_log_request``: what it raises is booked on its row, and raised on to the
    dispatcher, which counts and reports it."""

    __slots__ = ("_function", "_row", "name")

    def __init__(self, row: PluginInfo, function: Callable[[JournalEntry], object]) -> None:
        self.name = f"plugin {row.name}"
        self._row = row
        self._function = function

    def __call__(self, entry: JournalEntry) -> None:
        try:
            self._function(entry)
        except Exception as error:
            self._row.note("mockforge_log_request", error, quiet=True)
            raise

    def __eq__(self, other: object) -> bool:
        # So that a dispatcher knows it again after a reload.
        return isinstance(other, RequestLogger) and other._function == self._function

    def __hash__(self) -> int:
        return hash(self._function)


class Plugins(Registrations):
    """What is loaded, and the one way to call it.

    Registration methods ask the plugins anew each time; the two per-request hooks are resolved into
    plain tuples here and again by :meth:`resolve`.
    """

    def __init__(
        self, manager: pluggy.PluginManager, rows: Mapping[str, PluginInfo], selection: Selection
    ) -> None:
        super().__init__(manager, rows, selection)
        self._owners: dict[Callable[..., Any], PluginInfo] = {}
        self._transformers: tuple[ResponseTransformer, ...] = ()
        self._loggers: tuple[RequestLogger, ...] = ()
        self.resolve()

    # -------------------------------------------------------------- per request

    def resolve(self) -> None:
        """Look the per-request hooks up again; called at start and at reload."""
        self._owners = {
            function: row for row, function in self._callables("mockforge_transform_response")
        }
        self._transformers = tuple(self._owners)
        self._loggers = tuple(
            RequestLogger(row, function)
            for row, function in self._callables("mockforge_log_request")
        )

    def response_transformers(self) -> tuple[ResponseTransformer, ...]:
        """``mockforge_transform_response`` as plain callables, in order.

        They may raise: skip the one that did and hand the error to :meth:`note_failure`.
        """
        return self._transformers

    def request_loggers(self) -> tuple[RequestLogger, ...]:
        """``mockforge_log_request`` as callables, in order; they raise what the plugin raises."""
        return self._loggers

    def note_failure(self, transformer: ResponseTransformer, error: BaseException) -> str:
        """Record that one of :meth:`response_transformers` raised: on the plugin's row and, now and
        then, in the log. Returns a line to keep in ``exchange.error``."""
        row = self._owners.get(transformer)
        if row is None:
            return describe_error(error)
        return row.note("mockforge_transform_response", error)

    # -------------------------------------------------------------- life cycle and observation

    def fail_section(self, section: ConfigSection, error: BaseException) -> None:
        """The plugin that brought ``section`` takes no further part: its settings cannot be used."""
        row = self._section_owners[section.name]
        self._drop(row, f"its settings cannot be used: {error}")
        self.resolve()

    async def startup(self, kernel: Kernel) -> None:
        """``mockforge_startup``. A plugin that raises here takes no further part: what it did not
        set up, its other hooks would miss on every request."""
        for row, function in list(self._bound("mockforge_startup", kernel=kernel)):
            try:
                result: object = function()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                row.note("mockforge_startup", error)
                self._drop(row, f"mockforge_startup raised {describe_error(error)}")
        self.resolve()

    async def shutdown(self, kernel: Kernel) -> None:
        """``mockforge_shutdown``."""
        for row, function in self._bound("mockforge_shutdown", kernel=kernel):
            try:
                result: object = function()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                row.note("mockforge_shutdown", error)

    def memory_report(self) -> dict[str, int]:
        """``mockforge_report_memory``: bytes by component; equal names are added up."""
        report: dict[str, int] = {}
        for row, function in self._bound("mockforge_report_memory"):
            try:
                held = {str(name): int(size) for name, size in dict(function()).items()}
            except Exception as error:
                row.note("mockforge_report_memory", error)
                continue
            for name, size in held.items():
                report[name] = report.get(name, 0) + size
        return report

    def lint_file(self, path: Path, *, fast: bool = False) -> Iterator[Finding] | None:
        """``mockforge_lint_file``: the findings as they come, ``None`` if no plugin knows the kind.

        A plugin that fails while checking is a finding of its own: the file was not checked.
        """
        results: list[tuple[PluginInfo, Iterable[Finding]]] = []
        for row, function in self._bound("mockforge_lint_file", path=path, fast=fast):
            try:
                result = function()
            except Exception as error:
                result = [_lint_failed(row.note("mockforge_lint_file", error), path)]
            if result is not None:
                results.append((row, result))
        return self._findings(results, path) if results else None

    def _findings(
        self, results: Iterable[tuple[PluginInfo, Iterable[Finding]]], path: Path
    ) -> Iterator[Finding]:
        for row, findings in results:
            try:
                yield from findings
            except Exception as error:
                yield _lint_failed(row.note("mockforge_lint_file", error), path)


def _lint_failed(message: str, path: Path) -> Finding:
    return Finding(code="plugin.failed", message=message, file=str(path))
