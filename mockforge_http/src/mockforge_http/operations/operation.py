"""One operation of a document, prepared to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockforge.mocking.exchange import Request, Response
from mockforge_http.operations.collector import collector_paused
from mockforge_http.operations.media import MediaAnswers
from mockforge_http.operations.negotiate import IN_ORDER, Chosen, choose_media_type, choose_status
from mockforge_http.operations.plan import FixedPlan, Plan
from mockforge_http.operations.prefer import NO_PREFERENCE, Preference, preference
from mockforge_http.problems import problem
from mockforge_http.validation.rejection import refusal, rejection

if TYPE_CHECKING:
    from mockforge_http.documents import OperationRef, OperationView
    from mockforge_http.findings import RequestFinding
    from mockforge_http.operations.answering import Answering
    from mockforge_http.validation.request import Checked, RequestValidator
    from mockforge_http.validation.response import ResponseValidator

_MOST_PLANS = 32
_BASE_SIZE = 4_000
_NO_BODY = frozenset({204, 205, 304})

PlanKey = tuple[bytes | None, Preference]


class Operation:
    """Answers requests for one operation.

    ``source`` is what the journal says answered. ``size`` is about how many bytes hang on it, and
    ``grown`` is set when that changed. At most ``_MOST_PLANS`` plans are kept, one for each combination
    of ``Accept`` and wishes; when clients send more, the plans start anew.
    """

    def __init__(self, ref: OperationRef, answering: Answering) -> None:
        view = answering.operation(ref)
        self.ref = ref
        self.mode = answering.mode_of(ref)
        self.has_callbacks = bool(view.callbacks)
        self._declared = frozenset(view.responses)
        self._validator: RequestValidator | None = None
        self._answer_validator: ResponseValidator | None = None
        self.source = ref.source
        self.answering = answering
        self._plans: dict[PlanKey, Plan] = {}
        self.size = _BASE_SIZE
        self.grown = False

    @property
    def view(self) -> OperationView:
        """The operation as the document has it. Read anew each time: it is large, with all its examples,
        and what is kept was made from it."""
        return self.answering.operation(self.ref)

    def respond(self, request: Request, values: tuple[str, ...]) -> Response:
        """The answer to ``request``, whose path parameters are ``values``."""
        if b"prefer" in request.fields or "__" in request.query:
            return self._respond(request, values, preference(request))
        return self._respond(request, values, NO_PREFERENCE)

    def give(self, request: Request, values: tuple[str, ...], status: int) -> Response:
        """The answer that the document declares for ``status``, whatever the client wishes."""
        return self._respond(request, values, Preference(str(status)))

    def check(self, request: Request, values: tuple[str, ...], most: int) -> Checked:
        """What is wrong with ``request``, up to ``most`` findings."""
        validator = self._validator
        if validator is None:
            validator = self._validator = self.answering.validator(self.view)
            self.size += validator.size
            self.grown = True
        before = validator.size
        checked = validator.check(request, values, most)
        if validator.size != before:
            self.size += validator.size - before
            self.grown = True
        return checked

    def refuse(self, request: Request, values: tuple[str, ...], checked: Checked) -> Response:
        """The answer to a request that was checked and does not fit: what the document declares for
        that, else a problem document."""
        accepted = self._validator.accepted_types if self._validator is not None else ()
        chosen = rejection(checked, self._declared, accepted)
        if chosen.key is None:
            return refusal(checked, chosen)
        wish = Preference(str(chosen.status), self._example_for(request, chosen.key))
        response = self._respond(request, values, wish)
        for name, value in chosen.headers:
            response = response.with_header(name, value)
        return response

    def _example_for(self, request: Request, key: str) -> str | None:
        """The example that the client wishes for, where the response under ``key`` has it."""
        wanted = preference(request).example
        if wanted is None:
            return None
        content = self.view.responses[key].content
        return wanted if any(wanted in media.examples for media in content.values()) else None

    def check_answer(self, response: Response, most: int) -> tuple[RequestFinding, ...]:
        """What is wrong with an answer, up to ``most`` findings."""
        validator = self._answer_validator
        if validator is None:
            validator = self._answer_validator = self.answering.answer_validator(self.view)
            self.size += validator.size
            self.grown = True
        before = validator.size
        findings = validator.check(response, most)
        if validator.size != before:
            self.size += validator.size - before
            self.grown = True
        return findings

    def _respond(self, request: Request, values: tuple[str, ...], wish: Preference) -> Response:
        key = (request.fields.get(b"accept"), wish)
        plan = self._plans.get(key)
        if plan is None:
            with collector_paused():
                plan = self._make(request.header("accept"), wish)
                self._keep(key, plan)
                return self._by(plan, request, values)
        return self._by(plan, request, values)

    def _by(self, plan: Plan, request: Request, values: tuple[str, ...]) -> Response:
        before = plan.size
        response = plan.answer(request, values)
        if plan.size != before:
            self.size += plan.size - before
            self.grown = True
        return response

    def _keep(self, key: PlanKey, plan: Plan) -> None:
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
            validators = (self._validator, self._answer_validator)
            self.size = _BASE_SIZE + sum(each.size for each in validators if each is not None)
        self._plans[key] = plan
        self.size += plan.size
        self.grown = True

    def _make(self, accept: str, wish: Preference) -> Plan:
        view = self.view
        responses = view.responses
        chosen = choose_status(responses, wish.code)
        if chosen is None:
            if wish.code is None and not responses:
                # OpenAPI 3.1 lets an operation say nothing of its answers: then any will do.
                return FixedPlan(Response(200))
            return FixedPlan(_no_response(responses, wish.code))
        response = responses[chosen.key]
        content = {} if chosen.status in _NO_BODY else response.content
        if not content:
            headers = self.answering.headers(response, self.source)
            return FixedPlan(Response(chosen.status, headers))
        offered = list(content)
        media_type = choose_media_type(
            offered, accept, in_order=view.extensions.get(IN_ORDER) is True
        )
        if media_type is None:
            if wish == NO_PREFERENCE or wish.code is None:
                return FixedPlan(_not_acceptable(offered, accept))
            # A status that was asked for is given in the form there is.
            media_type = offered[0]
        media = MediaAnswers(content[media_type], media_type, accept, self.answering)
        if wish.example is not None and wish.example not in media.names():
            return FixedPlan(_no_example(wish.example, media.names(), chosen))
        return media.plan(
            chosen.status,
            self.answering.headers(response, self.source),
            wish,
            view,
        )


def _no_response(declared: Mapping[str, object], wanted: str | None) -> Response:
    names = ", ".join(declared) or "none"
    if wanted is None:
        return problem(
            501,
            "no-response-declared",
            "The operation declares no response that could be given. "
            f"Add one to the document (declared: {names}).",
        )
    return problem(
        404,
        "response-not-declared",
        f"The operation declares no response for status {wanted}. Declared: {names}.",
        declared=list(declared),
    )


def _not_acceptable(offered: list[str], accept: str) -> Response:
    return problem(
        406,
        "not-acceptable",
        f"No declared media type is accepted by `Accept: {accept}`. Declared: {', '.join(offered)}.",
        declared=offered,
    )


def _no_example(wanted: str, names: list[str], chosen: Chosen) -> Response:
    return problem(
        404,
        "example-not-declared",
        f"Response {chosen.key} has no example named {wanted!r}. "
        f"Declared: {', '.join(names) or 'none'}.",
        declared=names,
    )
