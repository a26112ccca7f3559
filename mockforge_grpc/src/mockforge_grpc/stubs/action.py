"""What a stub does with a call that it was chosen for: which of its answers is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from mockforge_grpc.stubs.answer import Answer, FixedAnswer, Key, PlayedAnswer, key_of

if TYPE_CHECKING:
    from mockforge_grpc.schema import Method

Order = Literal["sequence", "loop", "random"]
ORDERS: Final[tuple[Order, ...]] = ("sequence", "loop", "random")


class StubAction:
    """``answers`` by what they are compiled for, in ``order``: one after the other and then the last
    (``sequence``), over and over (``loop``), or at random.

    ``fixed`` is the answer where it is the same for every call. ``collects`` is whether all messages of a
    client stream are to be kept, because templates speak of them, ``tells`` whether they may speak of
    metadata. ``source`` is what the journal says answered; see :meth:`name`.
    """

    __slots__ = ("_answers", "_only", "collects", "fixed", "order", "source", "tells")

    def __init__(
        self,
        answers: Mapping[Key, Sequence[Answer]],
        order: Order,
        *,
        collects: bool,
        tells: bool = True,
    ) -> None:
        self._answers = {key: tuple(each) for key, each in answers.items()}
        self._only = next(iter(self._answers.values())) if len(self._answers) == 1 else None
        self.order = order
        self.collects = collects
        self.tells = tells
        self.source = ""
        alone = self._only[0] if self._only is not None and len(self._only) == 1 else None
        self.fixed = alone if isinstance(alone, FixedAnswer) else None

    def name(self, stub_id: str) -> str:
        """Set ``source``: a stub may get its id only after it was compiled."""
        self.source = f"stub:{stub_id}"
        return self.source

    def of(self, method: Method) -> tuple[Answer, ...]:
        """The answers to calls of ``method``."""
        return self._answers[key_of(method)] if self._only is None else self._only

    def choose(self, method: Method, number: int, chance: Random) -> Answer:
        """The answer to the ``number``-th call, from 1."""
        answers = self.of(method)
        count = len(answers)
        if count == 1:
            return answers[0]
        if self.order == "random":
            return answers[int(chance.random() * count)]
        if self.order == "loop":
            return answers[(number - 1) % count]
        return answers[min(number, count) - 1]

    def is_scripted(self, method: Method) -> bool:
        """Whether a script of the stub's own sees the messages of a client as they come."""
        return any(
            isinstance(answer, PlayedAnswer) and answer.scripted for answer in self.of(method)
        )
