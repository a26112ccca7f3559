"""Every metric that the kernel exposes. Plugins declare theirs with :meth:`Registry.declare`."""

from __future__ import annotations

from typing import Final

from mockforge.observe.metrics.families import MetricSpec

CATALOGUE: Final = (
    # ------------------------------------------------------------ requests
    MetricSpec(
        "mockforge_requests_total",
        "counter",
        ("protocol", "method", "status"),
        "Requests answered.",
    ),
    MetricSpec(
        "mockforge_request_duration_seconds",
        "histogram",
        ("protocol", "method"),
        "From the arrival of a request until its answer was handed to the transport.",
    ),
    MetricSpec(
        "mockforge_requests_by_path_total",
        "counter",
        ("path", "method", "status"),
        "Requests answered, by matched path template ('unmatched' for none).",
    ),
    MetricSpec(
        "mockforge_response_body_bytes_total",
        "counter",
        ("protocol", "method"),
        "Body bytes sent.",
    ),
    MetricSpec(
        "mockforge_errors_total",
        "counter",
        ("protocol", "error_type"),
        "Answers that were errors, and exchanges that failed.",
    ),
    MetricSpec(
        "mockforge_requests_in_flight",
        "gauge",
        ("protocol",),
        "Requests that are being answered.",
    ),
    MetricSpec(
        "mockforge_connections_active",
        "gauge",
        ("protocol",),
        "Open connections.",
    ),
    # ------------------------------------------------------------ limits
    MetricSpec(
        "mockforge_memory_bytes",
        "gauge",
        ("component",),
        "Bytes held, as each component accounts for them.",
    ),
    MetricSpec(
        "mockforge_limit_bytes",
        "gauge",
        ("component",),
        "Most bytes that a component may hold.",
    ),
    MetricSpec(
        "mockforge_dropped_total",
        "counter",
        ("component",),
        "What a component let go because a limit was reached.",
    ),
    MetricSpec(
        "mockforge_journal_entries",
        "gauge",
        (),
        "Entries in the request journal.",
    ),
    MetricSpec(
        "mockforge_journal_bytes",
        "gauge",
        (),
        "Bytes of the entries in the request journal.",
    ),
    MetricSpec(
        "mockforge_request_logger_failures_total",
        "counter",
        ("logger",),
        "Calls of a request logger that raised an error.",
    ),
    MetricSpec(
        "mockforge_collect_failures_total",
        "counter",
        (),
        "Metrics left out because reading them raised an error.",
    ),
    # ------------------------------------------------------------ the process, under Prometheus's
    # own names (prometheus.io, "Writing client libraries", process metrics)
    MetricSpec(
        "mockforge_memory_sheds_total",
        "counter",
        (),
        "Times that caches were given back because the process took more than core.memory_budget.",
    ),
    MetricSpec(
        "mockforge_memory_over_budget",
        "gauge",
        (),
        "1 while it takes more than core.memory_budget and new connections are refused, else 0.",
    ),
    MetricSpec(
        "process_resident_memory_bytes",
        "gauge",
        (),
        "Resident memory size in bytes.",
    ),
    MetricSpec(
        "process_cpu_seconds_total",
        "counter",
        (),
        "Total user and system CPU time spent in seconds.",
    ),
    MetricSpec(
        "process_open_fds",
        "gauge",
        (),
        "Number of open file descriptors.",
    ),
    MetricSpec(
        "process_max_fds",
        "gauge",
        (),
        "Maximum number of open file descriptors.",
    ),
    MetricSpec(
        "process_start_time_seconds",
        "gauge",
        (),
        "Start time of the process since unix epoch in seconds.",
    ),
)
"""What the reference page lists and the tests check against."""
