"""``/metrics``: the registry in the formats that Prometheus asks for, written by its own client library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mockforge.observe.metrics import Registry


class Families(Collector):
    """Hands the families of ``registry`` to prometheus_client."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        """All families, as the client library has them."""
        for family in self._registry.collect():
            name = family.name.removesuffix("_total") if family.type == "counter" else family.name
            metric = Metric(name, family.help, family.type)
            for sample in family.samples:
                metric.add_sample(sample.name, dict(sample.labels), sample.value)
            yield metric


def expose(registry: Registry, accept: str) -> tuple[bytes, str]:
    """The text for a client that sends ``Accept: accept``, and its media type."""
    encode, media_type = choose_encoder(accept)
    collectors = CollectorRegistry(auto_describe=False)
    collectors.register(Families(registry))
    made: Any = encode(collectors)
    return made, media_type
