"""Passing requests on to another server (``http.proxy``, and ``proxy`` of a stub's response).

:class:`Proxy` is made by the server, light, and lasts as long as it; what speaks HTTP is imported when the
first request is passed on.
"""

from __future__ import annotations

from mockforge_http.proxy.proxy import Proxy
from mockforge_http.proxy.responder import ProxyResponder
from mockforge_http.proxy.stub import Forward, ForwardError, compile_forward

__all__ = ["Forward", "ForwardError", "Proxy", "ProxyResponder", "compile_forward"]
