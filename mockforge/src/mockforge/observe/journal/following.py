"""Following a journal: who is told of each new entry, in the order they are recorded."""

from __future__ import annotations

from threading import Lock
from typing import Final, Unpack

from mockforge.errors import MockForgeError
from mockforge.observe.journal.built import SharedEntries
from mockforge.observe.journal.filters import Filters, criteria
from mockforge.observe.journal.query import compile_query
from mockforge.observe.journal.subscription import (
    DEFAULT_BUFFER,
    DEFAULT_BUFFER_BYTES,
    Subscription,
)

MAX_SUBSCRIPTIONS: Final = 64
"""Subscriptions open at a time."""


class Followed:
    """A journal as far as it is followed. What records looks at ``_subscriptions``, and puts entries into
    them under ``_subscriptions_lock``; ``shared`` builds each entry once for all of them."""

    def __init__(self, shared: SharedEntries) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._subscriptions_lock = Lock()
        self._dropped_before = 0
        self._shared = shared

    def subscribe(
        self,
        buffer: int = DEFAULT_BUFFER,
        *,
        max_bytes: int = DEFAULT_BUFFER_BYTES,
        **filters: Unpack[Filters],
    ) -> Subscription:
        """Follow new entries that pass the filters: ``async with journal.subscribe() as tail: async
        for item in tail``. At most ``buffer`` entries and ``max_bytes`` wait for the reader.

        :class:`MockForgeError` when :data:`MAX_SUBSCRIPTIONS` are open.
        """
        if buffer < 1:
            raise MockForgeError(f"buffer is {buffer}", hint="give 1 or more")
        subscription = Subscription(
            compile_query(criteria(filters)),
            self._shared.build,
            self._forget,
            buffer=buffer,
            max_bytes=max_bytes,
        )
        with self._subscriptions_lock:
            if len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
                raise MockForgeError(
                    f"{MAX_SUBSCRIPTIONS} subscriptions to the journal are open already",
                    hint="close one: subscriptions are to be used with `with` or `async with`",
                )
            self._subscriptions = (*self._subscriptions, subscription)
            self._shared.share(among=len(self._subscriptions))
        return subscription

    def _forget(self, subscription: Subscription) -> None:
        with self._subscriptions_lock:
            if subscription in self._subscriptions:
                self._subscriptions = tuple(
                    each for each in self._subscriptions if each is not subscription
                )
                self._shared.share(among=len(self._subscriptions))
                self._dropped_before += subscription.dropped

    def close(self) -> None:
        """End all subscriptions, request loggers' included, so that whoever follows the journal stops
        waiting after what is buffered. The journal itself stays usable."""
        for subscription in self._subscriptions:
            subscription.close()

    @property
    def subscription_bytes(self) -> int:
        """Bytes waiting for subscribers and request loggers; mostly those of entries in the ring."""
        return sum(each.bytes for each in self._subscriptions)

    def _dropped(self) -> int:
        with self._subscriptions_lock:
            return self._dropped_before + sum(each.dropped for each in self._subscriptions)
