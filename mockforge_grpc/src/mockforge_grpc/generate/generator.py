"""The way in: messages of a type, made by chance that the caller seeds."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final, Protocol

from mockforge.mocking.data.runtime import Context

from .fields import Fields
from .rules import FieldRules
from .scalars import LIMITS

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.descriptor_pool import DescriptorPool

    from .plans import Fill

_PLACE_SIZE: Final = 3000
"""Bytes per compiled scalar, as measured for JSON Schemas."""


class Pooled(Protocol):
    """What is asked of a schema: the pool that its types are in."""

    @property
    def pool(self) -> DescriptorPool: ...


class Typed(Protocol):
    """What is asked of a message type."""

    @property
    def descriptor(self) -> Descriptor: ...

    def new(self) -> Any: ...


class Generator:
    """Makes messages of the types of one schema.

    Types are compiled when they are first asked for; what is kept grows with the types in use, of which the
    schema has a fixed number. Not for use by two threads at once.
    """

    def __init__(self, schema: Pooled) -> None:
        self._fields = Fields(schema.pool)
        self._fillers: dict[str, Fill] = {}

    def make(self, message_type: Typed, chance: Random) -> Any:
        """A message with plausible values. Equal seeds give equal messages in every process (but for
        timestamps that the rules want ``within`` a distance from now). UnsatisfiableRulesError: there can
        be none."""
        message = message_type.new()
        self.fill(message, message_type.descriptor, chance)
        return message

    def fill(self, message: Any, descriptor: Descriptor, chance: Random) -> None:
        """Give values to the fields of ``message``, which is of the type that ``descriptor`` says."""
        fill = self._fillers.get(descriptor.full_name)
        if fill is None:
            fill = self._fields.filler(descriptor, "", FieldRules(), None)
            self._fillers[descriptor.full_name] = fill
        fill(message, Context(chance, LIMITS))

    def footprint(self) -> int:
        """About how many bytes are held."""
        return self._fields.scalars.places * _PLACE_SIZE
