"""Requests and answers checked against the operations of a document.

:class:`DocumentChecks` is made once for a document, a :class:`RequestValidator` or
:class:`ResponseValidator` for each operation on first use.
"""

from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.request import Checked, RequestValidator

__all__ = ["Checked", "DocumentChecks", "RequestValidator"]
