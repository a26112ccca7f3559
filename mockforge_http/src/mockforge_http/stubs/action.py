"""What a stub does when it is chosen: which of its answers is given, and what is sent afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from mockforge.mocking.exchange import Response

if TYPE_CHECKING:
    from mockforge_http.stubs.answer import StubAnswer
    from mockforge_http.stubs.push import Push
    from mockforge_http.stubs.turn import Turn
    from mockforge_http.stubs.webhook import Webhook

Order = Literal["sequence", "loop", "random"]
ORDERS: Final[tuple[Order, ...]] = ("sequence", "loop", "random")


class StubAction:
    """``answers`` in ``order``: one after the other and then the last (``sequence``), over and over
    (``loop``), or at random. ``label`` is the path as metrics show it (``None``: that of the document).

    ``fixed`` is the response where it is the same for everyone, and all there is to do. ``source`` is what
    the journal says answered; see :meth:`name`. ``follows`` is whether anything is to be sent afterwards.
    """

    __slots__ = ("answers", "fixed", "follows", "label", "order", "pushes", "source", "webhooks")

    def __init__(
        self,
        label: str | None,
        answers: Sequence[StubAnswer],
        order: Order = "sequence",
        webhooks: Sequence[Webhook] = (),
        pushes: Sequence[Push] = (),
    ) -> None:
        self.source = ""
        self.label = label
        self.answers = tuple(answers)
        self.order = order
        self.webhooks = tuple(webhooks)
        self.pushes = tuple(pushes)
        self.follows = bool(webhooks or pushes)
        only = self.answers[0].fixed if len(self.answers) == 1 else None
        self.fixed: Response | None = None if self.follows else only

    def name(self, stub_id: str) -> str:
        """Set ``source``: a stub may get its id only after it was compiled."""
        self.source = f"stub:{stub_id}"
        return self.source

    def answer(self, turn: Turn) -> Response | Awaitable[Response]:
        """The answer for one request."""
        answers = self.answers
        count = len(answers)
        if count == 1:
            return answers[0].make(turn)
        if self.order == "random":
            place = int(turn.chance.random() * count)
        elif self.order == "loop":
            place = (turn.number - 1) % count
        else:
            place = min(turn.number, count) - 1
        return answers[place].make(turn)
