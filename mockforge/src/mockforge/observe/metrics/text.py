"""The Prometheus text format, version 0.0.4 (prometheus.io, "Exposition formats")."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from mockforge.observe.metrics.families import Family, Labels

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def render_families(families: Iterable[Family]) -> str:
    """``families`` as text; each name once, its samples together."""
    return "".join(line for family in families for line in _family(family))


def _family(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_help(family.help)}\n"
    yield f"# TYPE {family.name} {family.type}\n"
    for sample in family.samples:
        yield f"{sample.name}{_labels(sample.labels)} {_number(sample.value)}\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_label(value)}"' for name, value in labels) + "}"


def _label(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))
