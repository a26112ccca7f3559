"""The settings of latency and failures, in the ``grpc`` section."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mockforge.config.servers import Share
from mockforge.mocking.faults import Delay

Concerned = Annotated[
    str,
    Meta(
        description="The methods it is for: `pkg.Service/Method`; `*` stands for any text: "
        "`pkg.Service/*`"
    ),
]


class LatencyOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another delay for some methods."""

    method: Concerned
    delay: Annotated[Delay, Meta(description="How long their calls are held back")]


class Latency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long calls are held back before they are answered. Of several overrides that fit, the last
    counts."""

    enabled: Annotated[
        bool | None,
        Meta(
            description="Hold calls back; unset = where a delay is given below. Without one, calls are "
            "held back for 30 to 70 ms"
        ),
    ] = None
    default: Annotated[
        Delay | None,
        Meta(
            description="For every call: `80ms`, `{uniform: {min, max}}`, `{normal: {mean, stddev}}` or "
            "`{lognormal: {median, sigma}}`"
        ),
    ] = None
    overrides: Annotated[
        tuple[LatencyOverride, ...], Meta(description="Other delays for some methods")
    ] = ()

    @property
    def on(self) -> bool:
        """Whether any call may be held back."""
        if self.enabled is None:
            return self.default is not None or bool(self.overrides)
        return self.enabled


class FailureOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Other failures for some methods."""

    method: Concerned
    rate: Annotated[Share, Meta(description="The share of their calls that fails, from 0 to 1")]
    codes: Annotated[tuple[str, ...], Meta(description="Status codes to fail with")] = ()
    message: Annotated[str | None, Meta(description="Message of the status")] = None


class Failures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that fail by chance. Of several overrides that fit, the last counts."""

    enabled: Annotated[
        bool | None,
        Meta(
            description="Let calls fail; unset = where a rate is given below. Without one, a tenth of "
            "them fails"
        ),
    ] = None
    rate: Annotated[
        Share | None, Meta(description="The share of calls that fails, from 0 to 1")
    ] = None
    codes: Annotated[
        tuple[str, ...],
        Meta(
            description="Status codes to fail with, all alike: `UNAVAILABLE`, `INTERNAL` ...; without "
            "any, `UNAVAILABLE`"
        ),
    ] = ()
    message: Annotated[str | None, Meta(description="Message of the status")] = None
    overrides: Annotated[
        tuple[FailureOverride, ...], Meta(description="Other failures for some methods")
    ] = ()

    @property
    def on(self) -> bool:
        """Whether any call may fail."""
        if self.enabled is None:
            return self.rate is not None or bool(self.overrides)
        return self.enabled
