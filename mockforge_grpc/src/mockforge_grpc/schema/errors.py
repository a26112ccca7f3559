"""What can be wrong with protos, messages and their JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from mockforge.errors import MockForgeError, Place, SeveralErrors, StartError
from mockforge.explanations import cut

_LONGEST: Final = 100
"""Of one key in a path: those who send it may choose any."""


class ProtoError(StartError):
    """A ``.proto`` file, descriptor set or upstream could not be used."""


class ProtoErrors(SeveralErrors, ProtoError):  # noqa: N818 - it stands for several
    """Several things are wrong with the protos."""

    subject: ClassVar[str] = "the protos"


class MalformedMessageError(MockForgeError):
    """Bytes that are no message of the type they should be."""


class MessageError(MockForgeError):
    """A value that is not the JSON form of a message type.

    ``parts`` are the keys and indexes that lead to the wrong place, as they are spelt in the value
    (``("order", "items", 2, "price")``); ``field_path`` is the same as text (``order.items[2].price``).
    ``place`` is what the caller knows about where the value stands.
    """

    def __init__(
        self,
        message: str,
        *,
        parts: Sequence[str | int] = (),
        hint: str | None = None,
        place: Place | None = None,
    ) -> None:
        super().__init__(message, hint=hint, place=place)
        self.parts = tuple(parts)

    @property
    def field_path(self) -> str:
        """Where in the value, "" for the value itself."""
        return field_path(self.parts)


def field_path(parts: Iterable[str | int]) -> str:
    """``order.items[2].price``."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = cut(part, _LONGEST)
            text += f".{name}" if text else name
    return text


def raise_all(errors: Sequence[ProtoError]) -> None:
    """Raise what is in ``errors``: nothing, the one error there is, or all as ProtoErrors."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ProtoErrors(errors)


def single_errors(error: ProtoError) -> list[ProtoError]:
    """The errors that ``error`` stands for."""
    listed = error.errors if isinstance(error, ProtoErrors) else (error,)
    return [each for each in listed if isinstance(each, ProtoError)]
