"""Writing down calls of an upstream server, to answer them without it (``grpc.record``).

:class:`Recorder` is made by the server if ``grpc.record.to`` is set and there is an upstream server; nothing
of this package is imported otherwise.
"""

from __future__ import annotations

from mockforge_grpc.recording.recorder import Recorder, Transcript

__all__ = ["Recorder", "Transcript"]
