"""Did these things happen, in this order?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.query import Selector
from mockforge.observe.journal.record import Record


class SequenceResult(msgspec.Struct, frozen=True):
    """The outcome of :meth:`Journal.sequence`: true in a condition if every step was found."""

    matched: tuple[int, ...]
    """The id of the entry found for each step, up to the one that failed."""
    failed_at: int | None
    """Index of the first step with no entry after those before it; ``None`` if all were found."""
    earlier: tuple[int, ...]
    """Entries that would have done for the failed step, had they come later (at most ten)."""
    reason: str

    def __bool__(self) -> bool:
        return self.failed_at is None


_MAX_EARLIER = 10


def find_sequence(
    steps: Sequence[Selector],
    first_id: int,
    records: Sequence[Record],
    build: Callable[[int, Record], JournalEntry],
) -> SequenceResult:
    """Look for ``steps`` as a subsequence of ``records`` (oldest first): each takes the first entry
    after the one before, which finds a solution whenever there is one."""

    def matching(step: Selector, start: int, stop: int) -> Iterable[int]:
        for index in range(start, stop):
            entry_id = first_id + index
            record = records[index]
            if step.sees(entry_id, record) and (
                not step.entry_tests or step.takes(build(entry_id, record))
            ):
                yield entry_id

    matched: list[int] = []
    position = 0
    for number, step in enumerate(steps):
        found = next(iter(matching(step, position, len(records))), None)
        if found is None:
            earlier = tuple(matching(step, 0, position))[-_MAX_EARLIER:]
            return SequenceResult(
                tuple(matched), number, earlier, _reason(number, matched, earlier)
            )
        matched.append(found)
        position = found - first_id + 1
    return SequenceResult(tuple(matched), None, (), f"all {len(steps)} steps found in order")


def _reason(number: int, matched: Sequence[int], earlier: Sequence[int]) -> str:
    after = f" after entry {matched[-1]}" if matched else ""
    seen = f"; only before it: {', '.join(map(str, earlier))}" if earlier else ""
    return f"step {number + 1}: nothing matches{after}{seen}"
