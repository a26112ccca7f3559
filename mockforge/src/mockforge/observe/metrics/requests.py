"""Request metrics: one update per request, from which four families are made when asked for.

Labels cannot multiply: a method that nobody declared is ``other``, a request without a template is
``unmatched``, and past ``max_cells`` combinations the path is ``other``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Final

from mockforge.observe.metrics.families import Labels, Sample
from mockforge.observe.metrics.instruments import DURATION_BUCKETS, histogram_samples

OTHER: Final = "other"
UNMATCHED: Final = "unmatched"
KNOWN_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
"""Methods that are labels without having been declared (RFC 9110 section 9.3, RFC 5789, QUERY)."""
DEFAULT_MAX_CELLS: Final = 10_000
MIN_CELLS: Final = 16
_MAX_ERRORS: Final = 256

Key = tuple[str, str, str | None, int | None]
"""Protocol, method, template, status."""
_REST: Final[Key] = (OTHER, OTHER, OTHER, -1)

_BOUNDS_NS: Final = tuple(round(bound * 1e9) for bound in DURATION_BUCKETS)
_SUM: Final = len(DURATION_BUCKETS) + 1
_BYTES: Final = len(DURATION_BUCKETS) + 2


class _Cell:
    """The count of one key, and the numbers that all keys of its protocol and method share: a count
    per duration bound, the sum of nanoseconds, and body bytes."""

    __slots__ = ("count", "shared")

    def __init__(self, shared: list[int]) -> None:
        self.count = 0
        self.shared = shared


class RequestMetrics:
    """Counts requests by protocol, method, path template and status, in at most ``max_cells`` cells
    (some 250 bytes each)."""

    def __init__(
        self,
        max_cells: int = DEFAULT_MAX_CELLS,
        methods: Iterable[str] = KNOWN_METHODS,
    ) -> None:
        if max_cells < MIN_CELLS:
            raise ValueError(f"max_cells is {max_cells}, and must be at least {MIN_CELLS}")
        self.max_cells = max_cells
        self.dropped = 0
        """Requests whose path was replaced by ``other`` because all cells were taken."""
        self._methods = frozenset(methods)
        self._cells: dict[Key, _Cell] = {}
        self._shared: dict[tuple[str, str], list[int]] = {}
        self._errors: dict[tuple[str, str], int] = {}
        # Kept free for combinations with the path "other", and the last for the rest of all.
        self._reserve = min(256, max_cells // 4)
        self._lock = Lock()

    def allow_methods(self, methods: Iterable[str]) -> None:
        """Let these be labels too: methods that a document declares, operations of a protocol."""
        self._methods = self._methods.union(methods)

    def observe(
        self,
        protocol: str,
        method: str,
        template: str | None,
        status: int | None,
        duration_ns: int,
        sent_bytes: int = 0,
    ) -> None:
        """Count one finished request. ``template`` is the matched path template, never a path that a
        client made up; ``status`` is ``None`` if there was no answer."""
        cell = self._cells.get((protocol, method, template, status))
        if cell is None:
            cell = self._new_cell(protocol, method, template, status)
        if duration_ns < 0:
            duration_ns = 0
        shared = cell.shared
        with self._lock:
            cell.count += 1
            shared[bisect_left(_BOUNDS_NS, duration_ns)] += 1
            shared[_SUM] += duration_ns
            shared[_BYTES] += sent_bytes

    def error(self, protocol: str, error_type: str) -> None:
        """Count a failure that no status tells: a malformed request, a responder that raised.
        ``error_type`` is one of a few names that the caller has, not a message."""
        with self._lock:
            key = (protocol, error_type)
            if key not in self._errors and len(self._errors) >= _MAX_ERRORS:
                key = (OTHER, OTHER)
            self._errors[key] = self._errors.get(key, 0) + 1

    def _new_cell(
        self, protocol: str, method: str, template: str | None, status: int | None
    ) -> _Cell:
        if method not in self._methods:
            method = OTHER
        with self._lock:
            key: Key = (protocol, method, template, status)
            if key not in self._cells and len(self._cells) >= self.max_cells - self._reserve:
                self.dropped += 1
                key = (protocol, method, OTHER, status)
                if key not in self._cells and len(self._cells) >= self.max_cells - 1:
                    key = _REST
            cell = self._cells.get(key)
            if cell is None:
                shared = self._shared.get(key[:2])
                if shared is None:
                    shared = [0] * (_BYTES + 1)
                    self._shared[key[:2]] = shared
                cell = self._cells[key] = _Cell(shared)
            return cell

    def counts(self) -> dict[tuple[str, str], int]:
        """Requests by method and path template, all statuses together."""
        with self._lock:
            cells = [(key, cell.count) for key, cell in self._cells.items()]
        found: dict[tuple[str, str], int] = {}
        for (_, method, template, _), count in cells:
            if template is not None:
                found[method, template] = found.get((method, template), 0) + count
        return found

    def durations(self) -> list[tuple[int, ...]]:
        """Requests by duration bucket, one tuple for each protocol and method; the last number is for what
        took longer than all buckets."""
        with self._lock:
            return [tuple(numbers[:_SUM]) for numbers in self._shared.values()]

    @property
    def cells(self) -> int:
        """Combinations of labels counted apart, of ``max_cells``."""
        return len(self._cells)

    @property
    def bytes(self) -> int:
        """Bytes held, roughly: keys and cells, and the shared numbers."""
        return 250 * len(self._cells) + 900 * len(self._shared)

    def collect(self) -> Iterator[tuple[str, Iterable[Sample]]]:
        """Samples of the families that are derived from requests."""
        with self._lock:
            cells = [(key, cell.count) for key, cell in self._cells.items()]
            shared = [(key, tuple(numbers)) for key, numbers in self._shared.items()]
            errors = dict(self._errors)
        requests: dict[Labels, int] = {}
        paths: dict[Labels, int] = {}
        for (protocol, method, template, status), count in cells:
            code = _status_label(status)
            path = UNMATCHED if template is None else template
            _add(requests, count, protocol=protocol, method=method, status=code)
            _add(paths, count, path=path, method=method, status=code)
            kind = error_type(status)
            if kind is not None:
                errors[protocol, kind] = errors.get((protocol, kind), 0) + count
        yield _samples("mockforge_requests_total", requests)
        yield _samples("mockforge_requests_by_path_total", paths)
        yield _samples(
            "mockforge_errors_total",
            {
                (("protocol", protocol), ("error_type", kind)): count
                for (protocol, kind), count in errors.items()
            },
        )
        for (protocol, method), numbers in shared:
            labels = (("protocol", protocol), ("method", method))
            name = "mockforge_request_duration_seconds"
            yield (
                name,
                histogram_samples(name, labels, DURATION_BUCKETS, numbers[:_SUM], numbers[_SUM]),
            )
            yield _samples("mockforge_response_body_bytes_total", {labels: numbers[_BYTES]})
        yield _samples("mockforge_dropped_total", {(("component", "metrics"),): self.dropped})


def error_type(status: int | None) -> str | None:
    """What kind of error ``status`` is, if it is one: ``client_error`` (4xx), ``server_error`` (5xx),
    ``call_failed`` (a gRPC code other than OK) or ``no_answer``."""
    if status is None:
        return "no_answer"
    if 400 <= status <= 499:
        return "client_error"
    if 500 <= status <= 599:
        return "server_error"
    return "call_failed" if 1 <= status <= 99 else None


def _status_label(status: int | None) -> str:
    if status is None:
        return "none"
    return OTHER if status < 0 else str(status)


def _add(counts: dict[Labels, int], count: int, **labels: str) -> None:
    key = tuple(labels.items())
    counts[key] = counts.get(key, 0) + count


def _samples(name: str, counts: dict[Labels, int]) -> tuple[str, Iterable[Sample]]:
    return name, [Sample(name, labels, count) for labels, count in counts.items()]
