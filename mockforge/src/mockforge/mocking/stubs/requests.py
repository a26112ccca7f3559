"""What stubs of HTTP and of WebSocket look at in a request alike: its head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mockforge.explanations import CriterionResult, cut
from mockforge.mocking.matching.content import Content
from mockforge.mocking.pairs import query_fields
from mockforge.mocking.stubs.criteria import Criterion, F, Key

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Request
    from mockforge.mocking.matching import Predicate, Subject

ABSENT: Final = "absent"
_MOST_SHOWN: Final = 5
_NOTHING: Final[Sequence[str]] = ()


class RequestFacts:
    """The head of one request, decoded when first asked for and then shared by all stubs. No view raises."""

    __slots__ = ("_query", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self._query: Mapping[str, list[str]] | None = None

    @property
    def query(self) -> Mapping[str, list[str]]:
        """Query parameters, decoded (``+`` is a space), by name and in order."""
        query = self._query
        if query is None:
            query = self._query = query_fields(self.request.query)
        return query

    def header(self, name: bytes) -> Sequence[str]:
        """The values of a header, by lower-case name: one for each line."""
        value = self.request.fields.get(name)
        if value is None:
            return _NOTHING
        if b", " in value:  # lines may have been joined
            return [
                line.decode("latin-1")
                for given, line in self.request.raw_headers
                if given.lower() == name
            ]
        return (value.decode("latin-1"),)

    @property
    def hosts(self) -> Sequence[str]:
        """The host that was asked for, in lower case: its name and, with a port, both together."""
        host = self.request.header("host").lower()
        name, colon, port = host.rpartition(":")
        if colon and port.isdecimal():
            return (name, host)
        return (host,) if host else _NOTHING

    @property
    def clients(self) -> Sequence[str]:
        """The client's address without its port."""
        client = self.request.client
        host, colon, port = client.rpartition(":")
        address = host.strip("[]") if colon and port.isdecimal() else client
        return (address,) if address else _NOTHING


class Named(Criterion[F]):
    """A predicate on the values that ``read`` finds."""

    __slots__ = ("cost", "keys", "name", "predicate", "read")

    def __init__(
        self,
        name: str,
        read: Callable[[F], Sequence[Subject]],
        predicate: Predicate,
        keys: tuple[Key[F], ...] = (),
    ) -> None:
        self.name = name
        self.read = read
        self.predicate = predicate
        self.cost = predicate.cost
        self.keys = keys

    def matches(self, facts: F) -> bool:
        return self.predicate.among(self.read(facts))

    def explain(self, facts: F) -> CriterionResult:
        values = self.read(facts)
        return result(self.name, self.predicate, values)


def result(name: str, predicate: Predicate, values: Sequence[Subject]) -> CriterionResult:
    """What to say of one predicate."""
    miss = predicate.mismatch_among(values)
    if miss is None:
        actual = ", ".join(_shown(value) for value in values[:_MOST_SHOWN]) or ABSENT
        return CriterionResult(name, cut(str(predicate)), cut(actual), True, 0.0)
    if miss.path:
        name = f"{name} {miss.path}"
    actual = ABSENT if not values or values == (None,) else miss.actual
    return CriterionResult(name, cut(miss.expected), cut(actual), False, max(miss.distance, 0.01))


def _shown(value: Subject) -> str:
    if value is None:
        return ABSENT
    return value.preview(200) if isinstance(value, Content) else value
