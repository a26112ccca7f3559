"""Writing down conversations with an upstream server, to play them without it (``websocket.record``).

:class:`Recorder` is made by the server if ``websocket.record.to`` is set and there is an upstream server;
nothing of this package is imported otherwise.
"""

from __future__ import annotations

from mockforge_ws.recording.recorder import Recorder
from mockforge_ws.recording.transcript import Transcript

__all__ = ["Recorder", "Transcript"]
