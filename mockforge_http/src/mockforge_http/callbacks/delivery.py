"""Requests that wait to be sent: a bounded queue, and a few workers that empty it.

Each server has a line of its own, from which one request at a time is sent: they arrive in order, and a slow
server holds up no other, as long as there are workers left.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import anyio
import h11

from mockforge.errors import MockForgeError
from mockforge.observe.throttle import Throttle
from mockforge_http.callbacks.client import Outgoing, send
from mockforge_http.callbacks.target import RefusedError, allowed_addresses, parse_target
from mockforge_http.config import CallbackSettings

log = logging.getLogger("mockforge.http.callbacks")

Result = Literal["sent", "failed", "refused", "dropped"]

_ITEM_BYTES: Final = 2_000
"""About what one that waits holds besides its URL."""
_STOPPED: Final = "the server stopped"
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_BAD: Final = 400
_WORTH_ANOTHER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class Outcome(NamedTuple):
    """What became of a delivery: the ``status`` it was answered with, if it was, and what else there is to
    say."""

    result: Result
    status: int | None = None
    reason: str = ""


TOO_MANY: Final = Outcome("dropped", reason="too many wait (`max_queue`)")
TOO_MUCH: Final = Outcome("dropped", reason="too much waits (`max_bytes`)")


class Delivery:
    """A request to send to ``url``; ``make`` makes the rest of it when its turn comes, and holds ``content``
    bytes until then. ``label`` names it in the log, ``server`` is whose line it stands in. ``done`` is set
    when there is an ``outcome``."""

    __slots__ = ("content", "done", "label", "make", "outcome", "server", "url")

    def __init__(
        self,
        label: str,
        url: str,
        make: Callable[[str], tuple[str, Outgoing]],
        *,
        content: int = 0,
    ) -> None:
        self.content = content
        self.label = label
        self.url = url
        self.server = _server_of(url)
        self.make = make
        self.outcome: Outcome | None = None
        self.done = anyio.Event()

    @property
    def size(self) -> int:
        """About how many bytes it holds while it waits."""
        return _ITEM_BYTES + len(self.url) + self.content


class Sender:
    """Sends what it is offered, in order to each server. ``settings`` may be changed while it runs (except
    ``workers``)."""

    def __init__(self, settings: CallbackSettings) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self.held = 0
        """Bytes that wait or are being sent, those included that are held back before they are offered."""
        self._lines: dict[str, deque[Delivery]] = {}
        """What waits, by server; a line is gone when nothing waits in it and nothing of it is being sent."""
        self._next: deque[str] = deque()
        """The lines that a worker may take, each once, in the order of their turns."""
        self._takes = anyio.Semaphore(0)
        """One for each of them; when there will be no more, one more for each worker."""
        self._waiting = 0
        self._workers = settings.workers
        self._ended = False
        self._overload = Throttle()

    def offer(self, delivery: Delivery) -> None:
        """Have ``delivery`` sent. If too many wait already, or too much, it is dropped."""
        if not self.fits(delivery):
            self.conclude(delivery, TOO_MUCH)
        elif self._waiting >= self.settings.max_queue or self._ended:
            self.conclude(delivery, TOO_MANY)
        else:
            self.held += delivery.size
            self._waiting += 1
            line = self._lines.get(delivery.server)
            if line is None:
                line = self._lines[delivery.server] = deque()
                self._take_later(delivery.server)
            line.append(delivery)

    def fits(self, delivery: Delivery) -> bool:
        """Whether there is room for its bytes."""
        return self.held + delivery.size <= self.settings.max_bytes

    def conclude(self, delivery: Delivery, outcome: Outcome) -> None:
        """Note what became of ``delivery``: in the log (of those that there is no room for one a minute), in
        the counts, and for who waits for it."""
        delivery.outcome = outcome
        self.counts[outcome.result] += 1
        delivery.done.set()
        level = logging.INFO if outcome.result == "sent" else logging.WARNING
        says = ": ".join(str(part) for part in (outcome.status, outcome.reason) if part)
        if outcome is TOO_MANY or outcome is TOO_MUCH:
            held_back = self._overload.ready()
            if held_back is None:
                return
            if held_back:
                says += f"; {held_back} more since the last time this was said"
        log.log(level, "%s to %s %s (%s)", delivery.label, delivery.url, outcome.result, says)

    async def run(self) -> None:
        """Send until :meth:`finish`."""
        async with anyio.create_task_group() as tasks:
            for _ in range(self._workers):
                tasks.start_soon(self._work)

    def finish(self) -> None:
        """Take no more; :meth:`run` ends when what waits has had one attempt."""
        self._ended = True
        for _ in range(self._workers):
            self._takes.release()

    def close(self) -> None:
        """Give up what waits."""
        self._ended = True
        for line in self._lines.values():
            for delivery in line:
                self.conclude(delivery, Outcome("dropped", reason=_STOPPED))
        self._lines.clear()
        self._next.clear()
        self._waiting = 0
        self.held = 0

    def _take_later(self, server: str) -> None:
        self._next.append(server)
        self._takes.release()

    async def _work(self) -> None:
        while True:
            await self._takes.acquire()
            if not self._next:
                return
            server = self._next.popleft()
            line = self._lines[server]
            delivery = line.popleft()
            self._waiting -= 1
            outcome = Outcome("dropped", reason=_STOPPED)
            try:
                outcome = await self._deliver(delivery)
            finally:
                self.held -= delivery.size
                self.conclude(delivery, outcome)
            if line:
                self._take_later(server)
            else:
                del self._lines[server]

    async def _deliver(self, delivery: Delivery) -> Outcome:
        try:
            url, outgoing = delivery.make(delivery.url)
            target = parse_target(url)
        except RefusedError as error:
            return Outcome("refused", reason=str(error))
        except MockForgeError as error:
            return Outcome("failed", reason=f"its request cannot be made: {error}")
        except Exception as error:
            # Whatever a document makes go wrong concerns this delivery; the worker goes on.
            log.exception("%s: its request cannot be made", delivery.label)
            return Outcome("failed", reason=f"its request cannot be made: {error!r}")
        pause = _FIRST_PAUSE
        for attempts_left in range(self.settings.retries, -1, -1):
            outcome = Outcome("failed", reason=f"no answer within {self.settings.timeout!s}")
            with anyio.move_on_after(float(self.settings.timeout)):
                try:
                    addresses = await allowed_addresses(target, self.settings.allow)
                    status = await send(target, addresses, outgoing)
                    outcome = Outcome("sent" if status < _BAD else "failed", status)
                except RefusedError as error:
                    return Outcome("refused", reason=str(error))
                except (OSError, h11.ProtocolError, anyio.BrokenResourceError) as error:
                    outcome = Outcome("failed", reason=str(error) or type(error).__name__)
            final = outcome.status is not None and outcome.status not in _WORTH_ANOTHER
            if final or not attempts_left or self._ended:
                break
            await anyio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return outcome


def _server_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:  # refused when its turn comes
        return ""
