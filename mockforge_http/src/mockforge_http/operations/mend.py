"""Examples that contradict their own schema: kept where they are right, replaced where they are not.

Published documents are full of them: a number written as text, a required property forgotten, a relative
address where a URI is asked for. Sent as they are, they would teach clients what the contract forbids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Accepts = Callable[[Any], bool]
"""Whether a whole value satisfies the schema."""

_MOST_CHECKS = 200


class _Mending:
    """Grafts as much of the example as the schema accepts onto a value that is valid already.

    ``whole`` is valid after each step, so it does not matter when the checks run out.
    """

    def __init__(self, whole: Any, accepts: Accepts) -> None:
        self.whole = [whole]
        self._accepts = accepts
        self._left = _MOST_CHECKS

    def graft(self, holder: Any, parts: Sequence[tuple[Any, Any]]) -> None:
        """Put each part ``(key, value)`` at ``holder[key]``, or as much of it as fits.

        All at once where that fits; else halves apart, so that the cost goes with the number of parts
        that are wrong and not with the number of parts.
        """
        if not parts or self._try(holder, parts):
            return
        if len(parts) > 1:
            middle = len(parts) // 2
            self.graft(holder, parts[:middle])
            self.graft(holder, parts[middle:])
            return
        key, example = parts[0]
        grown = holder[key] if isinstance(holder, list) else holder.get(key)
        if isinstance(grown, dict) and isinstance(example, dict):
            self.graft(grown, list(example.items()))
        elif isinstance(grown, list) and isinstance(example, list):
            self._graft_items(grown, example)

    def _graft_items(self, grown: list[Any], example: list[Any]) -> None:
        self.graft(grown, list(enumerate(example[: len(grown)])))
        for part in example[len(grown) :]:
            grown.append(part)
            if not self._fits():
                grown.pop()
        while len(grown) > max(len(example), 1):
            last = grown.pop()
            if not self._fits():
                grown.append(last)
                break

    def _try(self, holder: Any, parts: Sequence[tuple[Any, Any]]) -> bool:
        present = range(len(holder)) if isinstance(holder, list) else holder.keys()
        before = [(key, holder[key]) for key, _ in parts if key in present]
        added = [key for key, _ in parts if key not in present]
        for key, value in parts:
            holder[key] = value
        if self._fits():
            return True
        for key, value in before:
            holder[key] = value
        for key in added:
            del holder[key]
        return False

    def _fits(self) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        return self._accepts(self.whole[0])


def mend(example: Any, valid: Any, accepts: Accepts) -> Any:
    """The value nearest to ``example`` that ``accepts`` accepts; ``valid`` is one to start from and is
    used up. At most ``_MOST_CHECKS`` checks are made. One object where a list of them is wanted is taken
    for its first item, ``null`` for no example at all. Any other example of another kind, of which nothing
    could be kept, is given back as it is: it is what the author wrote, and ``lint`` reports it."""
    if example is None:
        return valid
    if isinstance(example, dict) and isinstance(valid, list):
        example = [example]
    if type(example) is not type(valid):
        return example
    mending = _Mending(valid, accepts)
    mending.graft(mending.whole, [(0, example)])
    return mending.whole[0]
