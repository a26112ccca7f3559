"""An OpenAPI 3.1 document of what the bridge serves, made from descriptors, rules and comments.

:func:`describe_in_turns` is called when somebody asks for ``{prefix}/openapi.json``.
"""

from __future__ import annotations

from mockforge_grpc.bridge.openapi.document import describe, describe_in_turns

__all__ = ["describe", "describe_in_turns"]
