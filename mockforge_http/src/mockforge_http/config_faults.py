"""The settings of latency, failures and rate limits, in the ``http`` section."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockforge.config.servers import Share
from mockforge.config.types import Duration
from mockforge.mocking.faults import Delay, Fault

Status = Annotated[int, Meta(ge=200, le=999)]


class Concerned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The requests that a rule concerns: those that all the keys given here fit."""

    tag: Annotated[str | None, Meta(description="A tag of the operation")] = None
    path: Annotated[
        str | None,
        Meta(description="The path, or its template; `*` stands for any text: `/pets/*`"),
    ] = None
    operation: Annotated[
        str | None, Meta(description="`operationId`, or method and path: `GET /pets/{petId}`")
    ] = None


class LatencyOverride(Concerned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another delay for some requests."""

    delay: Annotated[Delay, Meta(description="How long their answers are held back")]


class Latency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long answers are held back. Of several overrides the one with the narrowest key counts
    (operation, then path, tag), of equals the last."""

    enabled: Annotated[
        bool | None,
        Meta(
            description="Hold answers back; unset = where a delay is given below. Without one, answers "
            "are held back for 30 to 70 ms",
            extra={"env": "MOCKFORGE_LATENCY_ENABLED"},
        ),
    ] = None
    default: Annotated[
        Delay | None,
        Meta(
            description="For every answer: `80ms`, `{uniform: {min, max}}`, `{normal: {mean, stddev}}` or "
            "`{lognormal: {median, sigma}}`"
        ),
    ] = None
    overrides: Annotated[
        tuple[LatencyOverride, ...], Meta(description="Other delays for some requests")
    ] = ()

    @property
    def on(self) -> bool:
        """Whether any answer may be held back."""
        if self.enabled is None:
            return self.default is not None or bool(self.overrides)
        return self.enabled


class FailureOverride(Concerned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Other failures for some requests."""

    rate: Annotated[Share, Meta(description="The share of them that fails, from 0 to 1")]
    statuses: Annotated[tuple[Status, ...], Meta(description="Statuses to fail with")] = ()
    faults: Annotated[tuple[Fault, ...], Meta(description="Faults to fail with")] = ()
    body: Annotated[str | None, Meta(description="Body of the answers with these statuses")] = None


class Failures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requests that fail by chance. Of several overrides the one with the narrowest key counts (operation,
    then path, tag), of equals the last."""

    enabled: Annotated[
        bool | None,
        Meta(
            description="Let requests fail; unset = where a rate is given below. Without one, a tenth of "
            "them fails",
            extra={"env": "MOCKFORGE_FAILURES_ENABLED"},
        ),
    ] = None
    rate: Annotated[
        Share | None, Meta(description="The share of requests that fails, from 0 to 1")
    ] = None
    statuses: Annotated[
        tuple[Status, ...],
        Meta(
            description="Statuses to fail with, all alike; without any, and without faults, 500, 502, "
            "503 and 504"
        ),
    ] = ()
    faults: Annotated[
        tuple[Fault, ...],
        Meta(
            description="Faults to fail with, as likely as each status: `reset`, `empty`, `garbage`, "
            "`malformed_chunk`, `truncate`, `{dribble: {chunks, over}}`, `{bandwidth: 10KiB}`"
        ),
    ] = ()
    body: Annotated[
        str | None,
        Meta(description="Body of the answers with these statuses; default: a problem document"),
    ] = None
    overrides: Annotated[
        tuple[FailureOverride, ...], Meta(description="Other failures for some requests")
    ] = ()

    @property
    def on(self) -> bool:
        """Whether any request may fail."""
        if self.enabled is None:
            return self.rate is not None or bool(self.overrides)
        return self.enabled


class RateLimit(Concerned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many requests may come; further ones get 429 with `Retry-After`."""

    requests: Annotated[int, Meta(ge=1, le=1_000_000_000, description="So many requests ...")]
    window: Annotated[Duration, Meta(description="... in so much time, evenly")] = Duration(60)
    burst: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Most requests at once; default: as many as in the window"),
    ] = None
    per: Annotated[
        Literal["client", "global"],
        Meta(description="Each client (by its address) for itself, or all together"),
    ] = "client"

    def __post_init__(self) -> None:
        if not self.window:
            raise ValueError("window: expected more than no time")
