"""Requests checked against an operation: credentials, parameters, body.

A validator is made when its operation is first called, and each body's schema is compiled when a body of
its media type first comes. What it finds is a verdict, no answer: see
:mod:`~mockforge_http.validation.rejection`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from mockforge.mocking.exchange import Request
from mockforge.mocking.remembered import Remembered
from mockforge_http.bodies import BodyDecoder, BodyResult
from mockforge_http.bodies.result import NO_BODY
from mockforge_http.documents import MediaType, OperationView
from mockforge_http.findings import RequestFinding
from mockforge_http.parameters import ParameterDecoder
from mockforge_http.security import Denial, SecurityCheck
from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.parameters import ParameterCheck
from mockforge_http.validation.report import findings_of, problems_of
from mockforge_http.validation.schemas import BodySchemas
from mockforge_http.validation.specs import content_specs, parameter_spec

MOST_FINDINGS: Final = 20
_BASE_BYTES: Final = 4_000
_REMEMBERED: Final = 16
"""Targets that were found in order, for operations that nothing else in a request decides: the same few come
again and again."""
_EXPLAINED_BYTES: Final = 8 * 1024
"""Bytes of bodies whose mistakes are known: a client that retries sends the same again."""
_LONGEST_TARGET: Final = 256
_BYTES_PER_VERDICT: Final = 800
_TARGET: Final = frozenset({"path", "query", "querystring"})
_BYTES_PER_PARAMETER: Final = 1_500
_WHAT: Final = "The request body"


class Checked(NamedTuple):
    """What a request turned out to be. ``parameters`` are the decoded values by ``in`` and name, ``body``
    the decoded body; both are there as far as they could be read, whatever the ``findings`` say.
    ``denial`` is set if credentials are missing or have the wrong shape."""

    findings: tuple[RequestFinding, ...]
    parameters: Mapping[tuple[str, str], Any]
    body: BodyResult
    denial: Denial | None

    @property
    def denials(self) -> tuple[RequestFinding, ...]:
        """What is wrong with the credentials, as findings."""
        if self.denial is None:
            return ()
        return tuple(
            RequestFinding("security", name, "security.denied", reason)
            for name, reason in self.denial.reasons
        )

    @property
    def accepted(self) -> bool:
        """Whether there is nothing to object to."""
        return not self.findings and self.denial is None


class RequestValidator:
    """Checks the requests of one operation.

    ``size`` is about how many bytes hang on it, and ``grown`` is set when that changed. ``defaults`` are
    the schemas' defaults of optional parameters.
    """

    def __init__(self, view: OperationView, checks: DocumentChecks) -> None:
        label = f"{view.method} {view.template}"
        self._security = SecurityCheck(view.security or (), checks.schemes)
        self._decoder = ParameterDecoder(
            [parameter_spec(parameter, checks.shapes) for parameter in view.parameters],
            view.template,
            claimed=checks.api_keys,
        )
        self.defaults = self._decoder.defaults
        self._parameters = ParameterCheck(view.parameters, checks, "request", label)
        self._body: BodyDecoder | None = None
        self._content: Mapping[str, MediaType] = {}
        if view.request_body is not None and view.request_body.content:
            self._content = view.request_body.content
            self._body = BodyDecoder(
                content_specs(self._content, checks.shapes),
                required=view.request_body.required,
                limits=checks.limits,
            )
        self._schemas = BodySchemas(self._content, checks, "request", f"body of {label}")
        self._explained: Remembered[tuple[str | None, int, bytes], list[RequestFinding]] = (
            Remembered(most=_REMEMBERED, most_bytes=_EXPLAINED_BYTES, longest=_EXPLAINED_BYTES // 4)
        )
        self.size = _BASE_BYTES + self._parameters.size
        if self._body is not None:
            self.size += 2 * _EXPLAINED_BYTES
        self.size += _BYTES_PER_PARAMETER * (len(view.parameters) + 2 * len(self._content))
        decided_by_target = (
            self._body is None
            and self._security.open
            and all(parameter.where in _TARGET for parameter in view.parameters)
        )
        self._accepted: Remembered[str, Checked] | None = None
        if decided_by_target:
            self._accepted = Remembered(
                most=_REMEMBERED, most_bytes=_REMEMBERED * _LONGEST_TARGET, longest=_LONGEST_TARGET
            )
            self.size += _REMEMBERED * _BYTES_PER_VERDICT
        self._own_size = self.size
        self.grown = False

    @property
    def accepted_types(self) -> tuple[str, ...]:
        """The media types that a body may have."""
        return tuple(self._content)

    def check(
        self, request: Request, path_values: tuple[str, ...], most: int = MOST_FINDINGS
    ) -> Checked:
        """The verdict on ``request``, with up to ``most`` findings; never raises for what a client sent.

        ``path_values`` are the decoded values of the path's parameters, in the order of the template.
        """
        if self._accepted is None:
            return self._check(request, path_values, most)
        target = request.target
        checked = self._accepted.known.get(target)
        if checked is None:
            checked = self._check(request, path_values, most)
            if checked.accepted:
                self._accepted.offer(target, checked, len(target))
        return checked

    def _check(self, request: Request, path_values: tuple[str, ...], most: int) -> Checked:
        fields = request.fields
        denial = self._security.check(request)
        values, wrong = self._decoder.decode(path_values, request.query, fields, request.path)
        if values:
            more = self._parameters.findings(values, most, len(request.target))
            if more:
                wrong = [*wrong, *more]
        body = NO_BODY
        if self._body is not None:
            body = self._body.decode(
                fields.get(b"content-type"), fields.get(b"content-encoding"), request.body
            )
            if body.findings:
                wrong = [*wrong, *body.findings]
            if body.value is not UNSET and body.checkable:
                more = self._check_body(body, most, request.body)
                if more:
                    wrong = [*wrong, *more]
        return Checked(tuple(wrong[:most]), values, body, denial)

    def _check_body(self, body: BodyResult, most: int, raw: bytes) -> list[RequestFinding]:
        validator = self._schemas.refusing(body)
        size = self._own_size + self._schemas.size
        if size != self.size:
            self.size = size
            self.grown = True
        if validator is None:
            return []
        key = (body.media_type, most, raw)
        known = self._explained.known.get(key)
        if known is None:
            problems = problems_of(validator, body.value, most, len(raw))
            known = findings_of(problems, "body", "", _WHAT)
            self._explained.offer(key, known, len(raw))
        return known
