"""Metrics: counted in the process, rendered for Prometheus.

:class:`Registry` is what the kernel makes one of; servers call ``registry.requests.observe(...)`` per
request and register gauges for what they hold.
"""

from __future__ import annotations

from mockforge.observe.metrics.catalogue import CATALOGUE
from mockforge.observe.metrics.collectors import (
    budget_collector,
    journal_collector,
    memory_collector,
    process_collector,
)
from mockforge.observe.metrics.families import Collector, Family, MetricSpec, Sample, labelled
from mockforge.observe.metrics.instruments import Counter, Gauge, Histogram
from mockforge.observe.metrics.registry import Registry
from mockforge.observe.metrics.requests import KNOWN_METHODS, RequestMetrics
from mockforge.observe.metrics.text import CONTENT_TYPE, render_families

__all__ = [
    "CATALOGUE",
    "CONTENT_TYPE",
    "KNOWN_METHODS",
    "Collector",
    "Counter",
    "Family",
    "Gauge",
    "Histogram",
    "MetricSpec",
    "Registry",
    "RequestMetrics",
    "Sample",
    "budget_collector",
    "journal_collector",
    "labelled",
    "memory_collector",
    "process_collector",
    "render_families",
]
