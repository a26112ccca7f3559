"""What a stub asks of a request besides method and path: the contract between protocols and selection.

A protocol reads a request through its own *facts* object (headers, query, body, decoded when first
asked for); a :class:`Criterion` of the protocol looks at one of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

from mockforge.explanations import CriterionResult

F = TypeVar("F")
F_contra = TypeVar("F_contra", contravariant=True)


class Probe(Protocol[F_contra]):
    """Reads one thing out of a request for a look-up in a dictionary. Probes that read the same thing are
    equal and hash alike (a frozen ``msgspec.Struct`` with the header's name, say)."""

    def read(self, facts: F_contra) -> Iterable[Hashable]:
        """The values that came, few or none. Never raises."""

    def __hash__(self) -> int: ...


class Key(NamedTuple, Generic[F]):
    """Whenever the criterion matches, ``value`` is among what ``probe`` reads. Comparing is Python's
    (``1 == 1.0 == True``): a key may let too much through, never too little."""

    probe: Probe[F]
    value: Hashable


class Criterion(ABC, Generic[F]):
    """One condition on a request.

    ``name`` is what explanations call it (``headers.X-Trace``, ``body``). ``cost`` orders the criteria
    of a stub, cheap ones are asked first (0 equality of text ... 3 a parsed body). ``keys`` are what it
    implies for the index: with them, one of many stubs on a path is found through a dictionary.
    """

    __slots__ = ()

    name: str
    cost: int
    keys: tuple[Key[F], ...]

    @abstractmethod
    def matches(self, facts: F) -> bool:
        """Whether the request fits. Never raises."""

    @abstractmethod
    def explain(self, facts: F) -> CriterionResult:
        """The same for a person, with the distance. Asked only when nothing matched."""
