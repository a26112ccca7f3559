"""The protocols that reach a service over HTTP: JSON, gRPC-Web, Connect.

Each is a function ``(request, ...) -> Response | Awaitable[Response]`` over :class:`~..call.BridgeCall`.
"""

from __future__ import annotations
