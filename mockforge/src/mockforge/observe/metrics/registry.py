"""The registry: every metric of the process, declared, bounded, and collected in one go.

Its own, and small, because it sits in every request: ``prometheus-client`` takes 3 MB to import and
over a microsecond per increment.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Final, TypeVar

from mockforge.observe.metrics.catalogue import CATALOGUE
from mockforge.observe.metrics.families import Collector, Family, Labels, MetricSpec, Sample
from mockforge.observe.metrics.instruments import Counter, Gauge, Histogram
from mockforge.observe.metrics.requests import DEFAULT_MAX_CELLS, OTHER, RequestMetrics
from mockforge.observe.metrics.text import render_families
from mockforge.observe.throttle import Throttle

_log: Final = logging.getLogger("mockforge.metrics")
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
DEFAULT_MAX_SERIES: Final = 1000

_Instrument = Counter | Gauge | Histogram | Callable[[], float]
_T = TypeVar("_T", Counter, Gauge, Histogram)


class Registry:
    """Metrics by name. Only what is declared (:data:`CATALOGUE`, :meth:`declare`) can be made.

    ``max_cells`` bounds the request metrics, ``max_series`` the label combinations of each other
    metric; past it, all further combinations count as one with every label ``other``.
    """

    def __init__(
        self, *, max_cells: int = DEFAULT_MAX_CELLS, max_series: int = DEFAULT_MAX_SERIES
    ) -> None:
        self.requests = RequestMetrics(max_cells)
        self.max_series = max_series
        self._specs = {spec.name: spec for spec in CATALOGUE}
        self._series: dict[str, dict[Labels, _Instrument]] = {}
        self._collectors: tuple[Collector, ...] = (self.requests.collect,)
        self._overflowed = Counter()
        self._failures = Counter()
        self._failure_report = Throttle()
        self._lock = Lock()

    # ---------------------------------------------------------------- declaring

    def declare(self, spec: MetricSpec) -> None:
        """Add a metric; declaring the same again is fine, declaring it otherwise is a ValueError."""
        if not _NAME.fullmatch(spec.name):
            raise ValueError(f"{spec.name!r} is not a metric name")
        for label in spec.labels:
            if not _LABEL.fullmatch(label) or label == "le":
                raise ValueError(f"{spec.name}: {label!r} is not a label name")
        if (spec.type == "counter") != spec.name.endswith("_total"):
            raise ValueError(f"{spec.name}: counters, and only they, end in _total")
        with self._lock:
            if self._specs.setdefault(spec.name, spec) != spec:
                raise ValueError(f"{spec.name} is declared already, differently")

    def declared(self) -> list[MetricSpec]:
        """All metrics that can occur, by name."""
        with self._lock:
            return sorted(self._specs.values(), key=lambda spec: spec.name)

    # ---------------------------------------------------------------- counting

    def counter(self, name: str, /, **labels: str) -> Counter:
        """The counter for these labels: the same object each time, so keep it where it is used."""
        return self._instrument(name, labels, "counter", Counter)

    def gauge(self, name: str, /, **labels: str) -> Gauge:
        """The gauge for these labels."""
        return self._instrument(name, labels, "gauge", Gauge)

    def histogram(self, name: str, /, **labels: str) -> Histogram:
        """The histogram (of durations) for these labels."""
        return self._instrument(name, labels, "histogram", Histogram)

    def read(self, name: str, function: Callable[[], float], /, **labels: str) -> None:
        """Have a counter or gauge whose value is what ``function`` says at each collection; it
        replaces what these labels had."""
        spec = self._spec(name, labels)
        if spec.type == "histogram":
            raise ValueError(f"{name} is a histogram")
        with self._lock:
            series = self._series.setdefault(name, {})
            key = _key(spec, labels)
            if key not in series and len(series) >= self.max_series:
                self._overflowed.inc()
                return
            series[key] = function

    def remove(self, name: str, /, **labels: str) -> None:
        """Let the series with these labels go, if there is one."""
        spec = self._spec(name, labels)
        with self._lock:
            self._series.get(name, {}).pop(_key(spec, labels), None)

    def add_collector(self, collector: Collector) -> None:
        """Ask ``collector`` for samples at each collection. One that raises is left out, counted and
        reported; the others are not affected."""
        with self._lock:
            self._collectors = (*self._collectors, collector)

    def _spec(self, name: str, labels: dict[str, str]) -> MetricSpec:
        spec = self._specs.get(name)
        if spec is None:
            raise ValueError(f"metric {name} is not declared")
        if set(labels) != set(spec.labels):
            raise ValueError(f"{name} has the labels {spec.labels}, not {tuple(labels)}")
        return spec

    def _instrument(
        self, name: str, labels: dict[str, str], kind: str, make: Callable[[], _T]
    ) -> _T:
        spec = self._spec(name, labels)
        if spec.type != kind:
            raise ValueError(f"{name} is a {spec.type}, not a {kind}")
        with self._lock:
            series = self._series.setdefault(name, {})
            key = _key(spec, labels)
            if key not in series and len(series) >= self.max_series - 1:
                self._overflowed.inc()
                key = tuple((label, OTHER) for label in spec.labels)
            found = series.get(key)
            if found is None:
                found = series[key] = make()
            if not isinstance(found, Counter | Gauge | Histogram):
                raise ValueError(f"{name}{labels} is read from a function")  # noqa: TRY004 - usage
            return found  # type: ignore[return-value]  # the spec's type fixes the class

    # ---------------------------------------------------------------- collecting

    def collect(self) -> list[Family]:
        """All families that have samples, by name."""
        samples: dict[str, list[Sample]] = {}
        for collector in self._collectors:
            self._ask(collector, samples)
        self._ask(self._own, samples)
        families = []
        for name in sorted(samples):
            spec = self._specs[name]
            families.append(Family(name, spec.type, spec.help, tuple(samples[name])))
        return families

    def render(self) -> str:
        """The text format that Prometheus reads (:data:`CONTENT_TYPE`)."""
        return render_families(self.collect())

    def _ask(self, collector: Collector, samples: dict[str, list[Sample]]) -> None:
        try:
            for name, found in collector():
                if name not in self._specs:
                    raise ValueError(f"metric {name} is not declared")  # noqa: TRY301 - reported
                samples.setdefault(name, []).extend(found)
        except Exception as error:  # a plugin's collector must not take the others' metrics along
            self._failed(error)

    def _own(self) -> Iterator[tuple[str, Iterable[Sample]]]:
        with self._lock:
            series = [(name, dict(cells)) for name, cells in self._series.items()]
        for name, cells in series:
            yield (
                name,
                [sample for key, cell in cells.items() for sample in self._read(name, key, cell)],
            )
        overflowed = Sample(
            "mockforge_dropped_total", (("component", "metrics.series"),), self._overflowed.value
        )
        yield "mockforge_dropped_total", [overflowed]
        failures = "mockforge_collect_failures_total"
        yield failures, [Sample(failures, (), self._failures.value)]

    def _read(self, name: str, labels: Labels, cell: _Instrument) -> Iterable[Sample]:
        if isinstance(cell, Histogram):
            return cell.samples(name, labels)
        if isinstance(cell, Counter | Gauge):
            return (Sample(name, labels, cell.value),)
        try:
            return (Sample(name, labels, cell()),)
        except Exception as error:  # the function is its owner's; see _ask
            self._failed(error)
            return ()

    def _failed(self, error: Exception) -> None:
        self._failures.inc()
        held_back = self._failure_report.ready()
        if held_back is not None:
            _log.warning("a metric could not be read: %s: %s", type(error).__name__, error)


def _key(spec: MetricSpec, labels: dict[str, str]) -> Labels:
    return tuple((label, labels[label]) for label in spec.labels)
