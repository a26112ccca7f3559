"""From ``.proto`` files, descriptor sets or an upstream to methods and message types.

Never imports grpc, except to ask an upstream. The server, the data generator and the HTTP bridge use what
is named here and nothing else of this room.
"""

from .errors import MalformedMessageError, MessageError, ProtoError, ProtoErrors
from .linting import lint_proto
from .loading import load_schema
from .model import Schema
from .services import HttpRule, Method, Service
from .types import MessageType
from .upstream import Upstream

__all__ = [
    "HttpRule",
    "MalformedMessageError",
    "MessageError",
    "MessageType",
    "Method",
    "ProtoError",
    "ProtoErrors",
    "Schema",
    "Service",
    "Upstream",
    "lint_proto",
    "load_schema",
]
