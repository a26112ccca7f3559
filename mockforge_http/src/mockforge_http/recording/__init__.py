"""Writing down what upstream servers answer, to serve it without them (``http.record``).

:class:`Recorder` is made by the server if ``http.record.to`` is set; nothing of this package is imported
otherwise.
"""

from __future__ import annotations

from mockforge_http.recording.recorder import Recorder

__all__ = ["Recorder"]
