"""Requests and answers checked against the operations of a document.

:class:`DocumentChecks` is made once for a document, a :class:`RequestValidator` (and, where answers are
checked, a :class:`ResponseValidator`) for each operation on first use. :func:`rejection` says how a request
that was found wrong is to be refused, :class:`Modes` whether it is.
"""

from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.header import findings_header
from mockforge_http.validation.modes import Modes, OperationMode
from mockforge_http.validation.rejection import Rejection, refusal, rejection
from mockforge_http.validation.request import Checked, RequestValidator
from mockforge_http.validation.response import ResponseValidator

__all__ = [
    "Checked",
    "DocumentChecks",
    "Modes",
    "OperationMode",
    "Rejection",
    "RequestValidator",
    "ResponseValidator",
    "findings_header",
    "refusal",
    "rejection",
]
