"""Examples that contradict their own schema: kept where they are right, replaced where they are not.

Published documents are full of them: a number written as text, a required property forgotten, a relative
address where a URI is asked for. Sent as they are, they would teach clients what the contract forbids.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Accepts = Callable[[Any], bool]
"""Whether a whole value satisfies the schema."""

_MOST_CHECKS = 400


class _Mending:
    """Grafts as much of the example as the schema accepts onto a value that is valid already.

    ``whole`` is valid after each step, so it does not matter when the checks run out.
    """

    def __init__(self, whole: Any, accepts: Accepts) -> None:
        self.whole = [whole]
        self._accepts = accepts
        self._left = _MOST_CHECKS

    def graft(self, holder: Any, key: Any, example: Any) -> None:
        """Put ``example`` at ``holder[key]``, or as much of it as fits."""
        if self._try(holder, key, example):
            return
        grown = holder[key]
        if isinstance(grown, dict) and isinstance(example, dict):
            for name, part in example.items():
                if name in grown:
                    self.graft(grown, name, part)
                else:
                    self._add(grown, name, part)
        elif isinstance(grown, list) and isinstance(example, list):
            self._graft_items(grown, example)

    def _graft_items(self, grown: list[Any], example: list[Any]) -> None:
        for position, part in enumerate(example):
            if position < len(grown):
                self.graft(grown, position, part)
            else:
                grown.append(part)
                if not self._fits():
                    grown.pop()
        while len(grown) > max(len(example), 1):
            last = grown.pop()
            if not self._fits():
                grown.append(last)
                break

    def _try(self, holder: Any, key: Any, value: Any) -> bool:
        before = holder[key]
        holder[key] = value
        if self._fits():
            return True
        holder[key] = before
        return False

    def _add(self, holder: dict[str, Any], name: str, value: Any) -> None:
        holder[name] = value
        if not self._fits():
            del holder[name]

    def _fits(self) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        return self._accepts(self.whole[0])


def mend(example: Any, valid: Any, accepts: Accepts) -> Any:
    """The value nearest to ``example`` that ``accepts`` accepts; ``valid`` is one to start from and is
    used up. At most ``_MOST_CHECKS`` checks are made."""
    mending = _Mending(valid, accepts)
    mending.graft(mending.whole, 0, example)
    return mending.whole[0]
