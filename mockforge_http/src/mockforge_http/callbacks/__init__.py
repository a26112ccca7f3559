"""Callbacks and webhooks: requests that the mock sends, where it is told that it may.

:class:`Callbacks` is made by the server if ``http.callbacks.enabled`` is set; nothing of this package is
imported otherwise.
"""

from __future__ import annotations

from mockforge_http.callbacks.delivery import Outcome
from mockforge_http.callbacks.service import Callbacks

__all__ = ["Callbacks", "Outcome"]
