"""Compiled scripts: trees of steps, shared by all connections that run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from mockforge.mocking.scripts.scope import Scope

Made = Callable[[Scope], Any]
"""Makes a value (a payload, a number of seconds, a condition) when its step is reached."""

Ending = Literal["end", "close", "error", "disconnect"]


class Send(NamedTuple):
    """Send what ``payload`` makes."""

    payload: Made


class Wait(NamedTuple):
    """Let ``seconds`` go by."""

    seconds: Made


class Expect(NamedTuple):
    """Wait for a message that ``accepts`` takes, for as long as ``within`` says; what else arrives is
    passed over. ``otherwise`` is run when the time is up (``None``: that is an error)."""

    accepts: Callable[[Any], bool]
    within: Made | None
    otherwise: Program | None
    says: str


class Loop(NamedTuple):
    """Run ``body`` as often as ``times`` says (``None``: for ever), with a pause of ``every`` between."""

    body: Program
    times: Made | None
    every: Made | None


class Case(NamedTuple):
    """``body`` is run if ``holds``."""

    holds: Made | None
    body: Program


class Branch(NamedTuple):
    """Run the first of ``cases`` that holds."""

    cases: tuple[Case, ...]


class Assign(NamedTuple):
    """Keep what ``value`` makes as ``name``."""

    name: str
    value: Made


class Leave(NamedTuple):
    """End the run; ``payload`` makes what the protocol wants to know about it."""

    kind: Ending
    payload: Made | None


Step = Send | Wait | Expect | Loop | Branch | Assign | Leave


class Program(NamedTuple):
    """A row of steps."""

    steps: tuple[Step, ...]
