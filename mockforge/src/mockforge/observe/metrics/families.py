"""The shape of metrics between those who count and those who render."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

MetricType = Literal["counter", "gauge", "histogram"]
Labels = tuple[tuple[str, str], ...]
"""Label names and values, in the order declared."""


class MetricSpec(msgspec.Struct, frozen=True):
    """The declaration of a metric: its full ``name`` (a counter's ends in ``_total``), ``type``,
    label names and one line of ``help``."""

    name: str
    type: MetricType
    labels: tuple[str, ...]
    help: str


class Sample(msgspec.Struct, frozen=True):
    """One value. ``name`` is the family's, or for histograms that with ``_bucket``, ``_sum`` or
    ``_count``; of a ``_bucket`` the last label is ``le``."""

    name: str
    labels: Labels
    value: float


class Family(msgspec.Struct, frozen=True):
    """All samples of one metric at one moment."""

    name: str
    type: MetricType
    help: str
    samples: tuple[Sample, ...]


Collector = Callable[[], Iterable[tuple[str, Iterable[Sample]]]]
"""Asked at every collection for samples, by the name of a declared metric."""


def labelled(name: str, label: str, values: Mapping[str, float]) -> tuple[str, list[Sample]]:
    """What a collector yields for metric ``name``, whose one ``label`` has these values."""
    return name, [Sample(name, ((label, key),), value) for key, value in values.items()]
