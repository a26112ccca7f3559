"""The HTTP/1.1 data plane: bytes to :class:`Request`, :class:`Response` to bytes, and nothing else.

The room knows nothing of documents or stubs. It is given an :class:`Application`, parses strictly
(RFC 9112; what could be understood in two ways is refused), bounds everything a client can make grow,
and answers inside the read callback where the application answers at once.

    listener -> connection (head, body) -> answering -> application
                                              |
                     turns (answers that must be waited for), streaming
                                              |
                     channel (back-pressure, deadlines, closing) -> transport
"""

from mockforge_http.wire.application import Application, Upgrading
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.listener import HttpListener
from mockforge_http.wire.stats import WireStats

__all__ = ["Application", "HttpListener", "Limits", "Upgrading", "WireStats"]
