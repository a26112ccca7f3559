"""Requests and answers checked against the operations of a document.

:class:`~.document.DocumentChecks` is made once for a document, a :class:`~.request.RequestValidator` (and,
where answers are checked, a :class:`~.response.ResponseValidator`) for each operation on first use.
:func:`~.rejection.rejection` says how a request that was found wrong is to be refused,
:class:`~.modes.Modes` whether it is.

This file imports nothing: the modes and the header are wanted at start, the rest when an operation is first
called.
"""
