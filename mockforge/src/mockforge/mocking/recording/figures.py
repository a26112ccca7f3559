"""What the metrics tell of a recorder; protocols call this where they register theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from mockforge.mocking.recording.queue import OUTCOMES

if TYPE_CHECKING:
    from mockforge.mocking.recording.queue import RecordingQueue
    from mockforge.observe.metrics import Registry


def register_recorder(
    metrics: Registry,
    recorder: RecordingQueue[Any],
    protocol: str,
    dropped: Callable[[], int] | None = None,
) -> None:
    """Have ``recorder`` seen as ``mockforge_<protocol>_recorded_total``, which is declared, and as component
    ``<protocol>.record``. ``dropped`` counts what it let go; default: what there was no room for."""
    for outcome in OUTCOMES:
        metrics.read(
            f"mockforge_{protocol}_recorded_total",
            partial(recorder.counts.__getitem__, outcome),
            outcome=outcome,
        )
    metrics.read(
        "mockforge_dropped_total",
        dropped or partial(recorder.counts.__getitem__, "dropped"),
        component=f"{protocol}.record",
    )
