"""The answer to a request that is refused: which of the document's responses says so, or else a problem
document (RFC 9457).

As Prism chooses: 401 for missing credentials; 415, 422, 400 for a media type that is not declared; 422,
400 for everything else; the first of these that the document declares for the operation, then its 4XX,
then its default response.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final, NamedTuple

from mockforge.mocking.exchange import Response
from mockforge_http.bodies.coding import SUPPORTED
from mockforge_http.findings import RequestFinding, status_of
from mockforge_http.problems import problem
from mockforge_http.validation.header import findings_header
from mockforge_http.validation.request import Checked

_CANDIDATES: Final[dict[int, tuple[int, ...]]] = {
    400: (400, 422),
    401: (401,),
    413: (413, 400, 422),
    415: (415, 422, 400),
    422: (422, 400),
}
_CODES: Final = {
    400: "malformed-body",
    401: "unauthorized",
    413: "content-too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
}
_NAMED: Final = 3
"""Findings whose sentences are in the detail."""


class Rejection(NamedTuple):
    """How to refuse: with ``status``, and, where the document declares one for it, its response
    ``key`` (``422``, ``4XX``, ``default``); ``headers`` belong to the answer either way. ``reason`` is the
    status that the findings call for, whatever the document declares."""

    reason: int
    status: int
    key: str | None
    headers: tuple[tuple[str, str], ...] = ()


def rejection(
    checked: Checked, responses: Container[str], accepted: Sequence[str] = ()
) -> Rejection:
    """How to refuse a request that was ``checked``. ``responses`` are the keys of those that its
    operation declares,
    ``accepted`` the media types that its body may have."""
    reason = 401 if checked.denial is not None else status_of(checked.findings)
    status, key = _declared(_CANDIDATES[reason], responses)
    return Rejection(reason, status, key, _headers(reason, checked, accepted))


def _declared(candidates: tuple[int, ...], responses: Container[str]) -> tuple[int, str | None]:
    for status in candidates:
        if str(status) in responses:
            return status, str(status)
    for key in ("4XX", "default"):
        if key in responses:
            return candidates[0], key
    return candidates[0], None


def _headers(reason: int, checked: Checked, accepted: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What the status asks for: challenges (RFC 9110 section 11.6.1), or what would have been accepted (RFC
    9110 section 15.5.16)."""
    if reason not in (401, 415):
        return ()
    if checked.denial is not None:
        challenges = ", ".join(checked.denial.challenges)
        return (("WWW-Authenticate", challenges),) if challenges else ()
    codes = {finding.code for finding in checked.findings}
    if "body.unsupported-media-type" in codes and accepted:
        return (("Accept", ", ".join(accepted)),)
    if "body.unsupported-coding" in codes:
        return (("Accept-Encoding", ", ".join(SUPPORTED)),)
    return ()


def refusal(checked: Checked, chosen: Rejection) -> Response:
    """The problem document that refuses a request, with its findings."""
    code = _CODES[chosen.reason]
    if checked.denial is not None:
        reasons = [
            {"scheme": name, "message": f"{sentence[:1].upper()}{sentence[1:]}."}
            for name, sentence in checked.denial.reasons
        ]
        detail = " ".join(reason["message"] for reason in reasons[:_NAMED])
        return problem(chosen.status, code, detail, headers=chosen.headers, reasons=reasons)
    findings = checked.findings
    headers = (*chosen.headers, findings_header(findings))
    return problem(chosen.status, code, _detail(findings), headers=headers, findings=findings)


def _detail(findings: Sequence[RequestFinding]) -> str:
    sentences = [finding.message for finding in findings[:_NAMED]]
    left = len(findings) - len(sentences)
    if left > 0:
        sentences.append(f"({left} more {'finding' if left == 1 else 'findings'}.)")
    return " ".join(sentences)
