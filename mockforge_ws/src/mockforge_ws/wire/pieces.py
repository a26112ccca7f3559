"""A message that comes in pieces: of several frames, or of one that is not all there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockforge_ws.wire.limits import Limits


class Pieces:
    """What has come of one message. One buffer, because a piece may be a single octet: as objects of their
    own they would take fifty times their size."""

    __slots__ = ("_frame_start", "_octets")

    def __init__(self) -> None:
        self._octets = bytearray()
        self._frame_start = 0

    def __len__(self) -> int:
        return len(self._octets)

    def add(self, octets: bytes, *, ends_frame: bool) -> None:
        """The next piece."""
        self._octets += octets
        if ends_frame:
            self._frame_start = len(self._octets)

    def exceeds(self, octets: bytes, limits: Limits) -> tuple[str, str] | None:
        """The limit that ``octets`` would break as the next piece, and what to say of it."""
        size = len(self._octets) + len(octets)
        if size - self._frame_start > limits.max_frame:
            return "frame", f"a frame is larger than {limits.max_frame} bytes"
        if size > limits.max_message:
            return "message", f"a message is larger than {limits.max_message} bytes"
        return None

    def whole(self) -> bytes:
        """The message; text is UTF-8."""
        return bytes(self._octets)
