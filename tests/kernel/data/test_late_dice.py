"""Dice that are seeded by the first draw draw what those that were seeded at once do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockforge.mocking.data.chance import Dice, LateDice


@pytest.mark.parametrize(
    "draw",
    [
        lambda dice: [dice.random() for _ in range(40)],
        lambda dice: [dice.getrandbits(70), dice.randint(1, 6), dice.choice("abc")],
        lambda dice: [dice.gauss(0, 1) for _ in range(3)],
        lambda dice: [dice.uniform(1, 2), dice.shuffle([1, 2, 3]), dice.random()],
    ],
)
def test_the_first_draw_seeds(draw: Callable[[Any], list[Any]]) -> None:
    late = LateDice()
    for _ in range(2):
        late.gauss(0, 1)  # leaves half a draw behind
        late.seed_later(7, "x", 3)
        assert draw(late) == draw(Dice("7/x/3"))


def test_a_hold_of_the_draw_from_before_it_does_not_start_over() -> None:
    late = LateDice()
    late.seed_later(7)
    held = late.random
    dice = Dice("7")
    assert [held(), held(), late.random()] == [dice.random() for _ in range(3)]
