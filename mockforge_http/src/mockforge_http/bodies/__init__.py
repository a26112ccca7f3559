"""Request bodies: from bytes to values, by media type.

:class:`BodyDecoder` is made once for an operation and used for each request; what is wrong with a body is
returned as findings, never raised.
"""

from mockforge_http.bodies.decoder import BodyDecoder, decode_body
from mockforge_http.bodies.result import BodyResult, PartInfo
from mockforge_http.bodies.spec import BodyLimits, EncodingSpec, MediaSpec

__all__ = [
    "BodyDecoder",
    "BodyLimits",
    "BodyResult",
    "EncodingSpec",
    "MediaSpec",
    "PartInfo",
    "decode_body",
]
