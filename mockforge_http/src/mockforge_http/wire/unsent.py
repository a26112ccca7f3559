"""What the system still holds of what was written: asked before a reset, which would drop it."""

from __future__ import annotations

import asyncio
import sys
from struct import unpack


def unacknowledged(transport: asyncio.Transport) -> int:
    """Bytes that the other side has not acknowledged yet; 0 where the system does not tell (it does on
    Linux, for TCP: tcp(7), SIOCOUTQ)."""
    plain = transport.get_extra_info("socket")
    if sys.platform != "linux" or plain is None:
        return 0
    from fcntl import ioctl
    from termios import TIOCOUTQ  # the same number as SIOCOUTQ

    try:
        return int(unpack("i", ioctl(plain.fileno(), TIOCOUTQ, bytes(4)))[0])
    except OSError:
        return 0
