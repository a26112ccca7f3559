"""The answers of stubs held against the operations of documents that describe the same requests: what a
client generated from the document would not understand is worth a warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from mockforge.findings import Finding
from mockforge.mocking.exchange import Response
from mockforge.mocking.routing import Match, PathTemplate
from mockforge_http.stubs.criteria import OperationCriterion
from mockforge_http.validation.response import declared_key

if TYPE_CHECKING:
    from mockforge.mocking.stubs import Stub
    from mockforge_http.operations.operation import Operation
    from mockforge_http.operations.responder import Routes
    from mockforge_http.operations.store import OperationSlot, OperationStore
    from mockforge_http.stubs.action import StubAction
    from mockforge_http.stubs.answer import StubAnswer

AT_START: Final = 500
"""Answers that are checked when a mock starts; ``mockforge lint`` checks all."""
_PER_ANSWER: Final = 3
"""Findings about one answer."""


class DocumentCheck:
    """Checks stubs against what ``routes`` lead to."""

    def __init__(self, routes: Routes, store: OperationStore[Operation]) -> None:
        self._routes = routes
        self._store = store

    def findings(self, stubs: Iterable[Stub[Any]], most: int | None = None) -> Iterator[Finding]:
        """What does not fit, at most ``most`` answers being looked at."""
        checked = 0
        for stub in stubs:
            if not stub.enabled:
                continue
            slots = list(self._slots(stub))
            action: StubAction = stub.action
            for slot in slots:
                for number, answer in enumerate(action.answers):
                    if checked == most:
                        yield Finding(
                            "stub.unchecked",
                            f"only the answers of the first stubs ({most}) were checked against the "
                            "documents",
                            "info",
                            hint="`mockforge lint` checks all of them",
                        )
                        return
                    checked += 1
                    several = len(action.answers) > 1
                    name = f"responses[{number}]" if several else "response"
                    yield from self._answer(stub, name, answer, slot)

    def _slots(self, stub: Stub[Any]) -> Iterator[OperationSlot[Operation]]:
        """The operations that a stub answers for, as far as its path tells."""
        for criterion in stub.criteria:
            if isinstance(criterion, OperationCriterion):
                yield from criterion.slots
                return
        path = stub.path
        if isinstance(path, PathTemplate):
            sample = "/".join(
                "0" if segment.whole else segment.text.replace("{", "").replace("}", "")
                for segment in path.segments
            )
            text = f"/{sample}"
        elif isinstance(path, str):
            text = path
        else:
            return
        for method in stub.methods or self._routes.miss(text).allowed:
            match: Match[OperationSlot[Operation]] | None = self._routes.find(method, text)
            if match is None or match.route.method != method:
                continue
            if isinstance(path, PathTemplate) and not _same(path, match.route.template):
                continue
            yield match.route.target

    def _answer(
        self, stub: Stub[Any], name: str, answer: StubAnswer, slot: OperationSlot[Operation]
    ) -> Iterator[Finding]:
        operation = self._store.get(slot)
        view = operation.view
        said = f"{view.method} {view.template}"
        try:
            if answer.sample is not None:
                found = operation.check_answer(answer.sample, _PER_ANSWER)
                messages = [finding.message for finding in found]
            elif answer.status is not None and declared_key(answer.status, view.responses) is None:
                found = operation.check_answer(Response(answer.status), 1)
                messages = [finding.message for finding in found]
            else:
                messages = []
        finally:
            self._store.settle(slot)
        for message in messages:
            yield Finding(
                "stub.contradicts-document",
                f"{name} of stub {stub.id} does not fit {said}: {message}",
                "warning",
                file=stub.file,
                line=stub.line,
                column=stub.column,
            )


def _same(template: PathTemplate, declared: str) -> bool:
    other = PathTemplate(declared)
    return [segment.shape for segment in template.segments] == [
        segment.shape for segment in other.segments
    ]
