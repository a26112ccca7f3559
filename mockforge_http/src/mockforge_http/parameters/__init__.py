"""Parameters: from the raw path, query string, header fields and cookies to values, by ``in`` and name.

:class:`ParameterDecoder` is made once for an operation and used for each request; what is wrong with a
parameter is returned as findings, never raised. :func:`format_parameter` is the way back.
"""

from mockforge_http.parameters.decoder import ParameterDecoder
from mockforge_http.parameters.format import format_parameter
from mockforge_http.parameters.spec import ParameterSpec

__all__ = ["ParameterDecoder", "ParameterSpec", "format_parameter"]
