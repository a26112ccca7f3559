"""Waits of scripts: from when they were due, not from when their turn came."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, cast

from mockforge.mocking.scripts import Made, Program
from mockforge.mocking.scripts.program import Expect, Leave, Send, Step, Wait
from mockforge_ws.conversation import Conversation
from mockforge_ws.scripts import Player
from mockforge_ws.scripts.player import MOST_BEHIND
from mockforge_ws.wire import Connection


class Clock:
    """A loop whose time is set by hand, and a connection that takes anything."""

    blocked = 0
    is_open = True

    def __init__(self) -> None:
        self.now = 100.0
        self.due = 0.0
        self.sent: list[str] = []
        self._call: Callable[[], None] | None = None
        self.loop = self

    def time(self) -> float:
        return self.now

    def call_at(self, due: float, call: Callable[[], None]) -> Clock:
        self.due, self._call = due, call
        return self

    def cancel(self) -> None:
        self._call = None

    def pass_by(self, late: float) -> None:
        """The timer goes off, so much too late."""
        call, self._call = self._call, None
        assert call is not None
        self.now = self.due + late
        call()

    def send(self, data: str) -> None:
        self.sent.append(data)

    def close(self, *_: object) -> None:
        self.is_open = False


class Noted:
    """The conversation of a :class:`Clock`."""

    context: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def chance(self) -> Random:
        raise AssertionError("nothing is drawn")

    def sent(self, _: object) -> None:
        """Noted."""

    received = sent


def always(value: object) -> Made:
    return lambda _: value


def playing(*steps: Step) -> tuple[Clock, Player]:
    clock = Clock()
    player = Player(Program(steps), cast("Conversation", Noted()))
    player.start(cast("Connection", clock))
    return clock, player


def every(seconds: float) -> list[Step]:
    return [step for _ in range(3) for step in (Wait(always(seconds)), Send(always("tick")))]


def test_being_late_does_not_add_up() -> None:
    clock, _ = playing(*every(0.25))
    for number in (1, 2):
        clock.pass_by(late=0.125)
        assert clock.due == 100 + 0.25 * (number + 1)
    clock.pass_by(late=0.5)
    assert clock.sent == ["tick"] * 3


def test_who_is_far_behind_does_not_catch_up() -> None:
    clock, _ = playing(*every(0.01))
    clock.pass_by(late=MOST_BEHIND + 1)
    assert clock.due == clock.now + 0.01


def test_after_a_message_waits_count_from_when_it_came() -> None:
    expect = Expect(lambda _: True, None, None, "is any")
    clock, player = playing(Wait(always(1)), expect, Wait(always(2)), Leave("end", None))
    clock.pass_by(late=0.1)
    clock.now += 0.3
    player.message("here")
    assert clock.due == clock.now + 2
