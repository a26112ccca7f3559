"""What is wrong with an AsyncAPI document, as errors."""

from __future__ import annotations

from collections.abc import Iterable

from mockforge.errors import DocumentError, SeveralErrors
from mockforge.findings import Finding


class DocumentErrors(SeveralErrors, DocumentError):  # noqa: N818 - it stands for several
    """Several things are wrong with AsyncAPI documents."""

    subject = "the AsyncAPI documents"


def raise_found(findings: Iterable[Finding]) -> None:
    """Raise the errors among ``findings``: nothing, the one there is, or all as DocumentErrors."""
    errors = [
        DocumentError(each.message, hint=each.hint, place=each.place)
        for each in findings
        if each.severity == "error"
    ]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise DocumentErrors(errors)
