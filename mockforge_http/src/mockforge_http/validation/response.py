"""Answers checked against the operation that they answer: status, headers, media type, body."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import UNSET

from mockforge.mocking.exchange import Response, join_fields
from mockforge_http.bodies import BodyDecoder, BodyResult
from mockforge_http.documents import OperationView, Parameter, ResponseView
from mockforge_http.findings import RequestFinding, found, shortened
from mockforge_http.parameters import ParameterDecoder
from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.parameters import ParameterCheck
from mockforge_http.validation.report import findings_of, problems_of
from mockforge_http.validation.request import MOST_FINDINGS
from mockforge_http.validation.schemas import BodySchemas
from mockforge_http.validation.specs import content_specs, parameter_spec

_BASE_BYTES: Final = 1_000
_BYTES_PER_ANSWER: Final = 3_000
_NO_BODY: Final = frozenset({204, 205, 304})
_WHAT: Final = "The response body"


class ResponseValidator:
    """Checks the answers of one operation; what it needs for a status is made when that status first comes.

    ``size`` is about how many bytes hang on it, and ``grown`` is set when that changed.
    """

    def __init__(self, view: OperationView, checks: DocumentChecks) -> None:
        self._view = view
        self._checks = checks
        self._answers: dict[str, _Answer] = {}
        self.size = _BASE_BYTES
        self.grown = False

    def check(self, response: Response, most: int = MOST_FINDINGS) -> tuple[RequestFinding, ...]:
        """What is wrong with ``response``, up to ``most`` findings. The body of a stream is not looked
        at."""
        key = declared_key(response.status, self._view.responses)
        if key is None:
            return (self._undeclared(response.status),)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = _Answer(self._view, key, self._checks)
            self.size += answer.size
            self.grown = True
        before = answer.size
        findings = answer.check(response, most, with_body=self._view.method != "HEAD")
        if answer.size != before:
            self.size += answer.size - before
            self.grown = True
        return tuple(msgspec.structs.replace(f, side="response") for f in findings[:most])

    def _undeclared(self, status: int) -> RequestFinding:
        declared = ", ".join(self._view.responses) or "none"
        return RequestFinding(
            "status",
            "",
            "status.undeclared",
            f"The operation declares no response {status}. Declared: {declared}.",
            expected=declared,
            actual=str(status),
            side="response",
        )


def declared_key(status: int, responses: Iterable[str]) -> str | None:
    """Which of the declared responses an answer with ``status`` is: "a response definition with an explicit
    code takes precedence over the range definition for that code" (OpenAPI 3.1.1 section 4.8.16)."""
    declared = set(responses)
    exact = str(status)
    return next((key for key in (exact, f"{exact[0]}XX", "default") if key in declared), None)


class _Answer:
    """One declared response."""

    def __init__(self, view: OperationView, key: str, checks: DocumentChecks) -> None:
        declared: ResponseView = view.responses[key]
        self._label = f"response {key} of {view.method} {view.template}"
        self._content = declared.content
        self._headers: dict[str, Parameter] = declared.headers
        self._decoder = ParameterDecoder(
            [parameter_spec(header, checks.shapes) for header in self._headers.values()]
        )
        self._values = ParameterCheck(self._headers.values(), checks, "response", self._label)
        self._body = BodyDecoder(
            content_specs(self._content, checks.shapes), required=True, limits=checks.limits
        )
        self._schemas = BodySchemas(self._content, checks, "response", self._label)
        self._own_size = self._values.size + _BYTES_PER_ANSWER * (1 + len(self._content))

    @property
    def size(self) -> int:
        """About how many bytes hang on it."""
        return self._own_size + self._schemas.size

    def check(self, response: Response, most: int, *, with_body: bool) -> list[RequestFinding]:
        fields = join_fields(
            (name.encode("latin-1", "replace"), value.encode("utf-8"))
            for name, value in response.headers
        )
        values, wrong = self._decoder.decode((), "", fields)
        findings = [self._header(finding) for finding in wrong]
        if values:
            findings += self._values.findings(values, most, sum(map(len, fields.values())))
        if with_body and response.stream is None and response.status not in _NO_BODY:
            body = self._body.decode(
                fields.get(b"content-type"), fields.get(b"content-encoding"), response.body
            )
            findings += map(self._reworded, body.findings)
            if body.value is not UNSET and body.checkable:
                findings += self._check_body(body, most, len(response.body))
        return findings

    def _header(self, finding: RequestFinding) -> RequestFinding:
        if finding.code == "parameter.missing":
            says = f"The response header `{finding.name}` is required, but it is not there."
            return found("header", finding.name, "header.missing", says)
        message = finding.message.replace("The header parameter", "The response header", 1)
        code = finding.code.replace("parameter.", "header.", 1)
        return msgspec.structs.replace(finding, code=code, message=message)

    def _reworded(self, finding: RequestFinding) -> RequestFinding:
        """A finding about a body, said of a response's."""
        declared = ", ".join(self._content)
        if finding.code == "body.missing":
            message = f"The {self._label} declares a body ({declared}), but there is none."
        elif finding.code == "body.unsupported-media-type":
            sent = shortened(finding.actual or "none")
            message = f"The {self._label} declares no body of type `{sent}`. Declared: {declared}."
        else:
            message = finding.message.replace("The request body", _WHAT, 1)
        return msgspec.structs.replace(finding, message=message)

    def _check_body(self, body: BodyResult, most: int, size: int) -> list[RequestFinding]:
        validator = self._schemas.refusing(body)
        if validator is None:
            return []
        return findings_of(problems_of(validator, body.value, most, size), "body", "", _WHAT)
