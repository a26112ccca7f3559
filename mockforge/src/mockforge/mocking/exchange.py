"""``Request``, ``Response`` and ``Exchange``: what every protocol speaks.

A protocol's wire layer makes a :class:`Request`, its pipeline answers with a :class:`Response`, and
the :class:`Exchange` that holds both is what responders, transformers and the journal see. All three
are plain slotted classes because one of each is made per request on the hot path; whatever costs
something (decoded header mapping, cookies) is derived when first asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from time import perf_counter_ns, time_ns
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockforge.explanations import Explanation
    from mockforge.mocking.faults import Fault

RawHeaders = list[tuple[bytes, bytes]]


def join_fields(raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header fields by lower-case name; repeated fields joined (RFC 9110 section 5.3), ``cookie`` with
    ``"; "`` (RFC 9113 section 8.2.3), all others with ``", "``."""
    fields: dict[bytes, bytes] = {}
    repeated: dict[bytes, list[bytes]] = {}
    for name, value in raw_headers:
        key = name.lower()
        if key in fields:
            repeated.setdefault(key, [fields[key]]).append(value)
        else:
            fields[key] = value
    for key, values in repeated.items():
        fields[key] = (b"; " if key == b"cookie" else b", ").join(values)
    return fields


class BrokenOffError(Exception):
    """Raised by a ``stream`` to have the answer broken off on purpose: the connection is cut, and nothing is
    said of it in the log."""


class Request:
    """One request as it arrived. Treat as immutable.

    ``target`` is the request target as sent (``/pets/1?limit=2``); ``path`` and ``query`` are its
    two halves, still percent-encoded (RFC 3986 section 3.3, 3.4), without the ``?``.
    ``raw_headers`` keeps arrival order and spelling; use :attr:`fields` or :attr:`headers` to look
    one up. ``client`` is ``host:port`` (or ``unix``). ``head_size`` is the byte size of the head.
    ``fields`` may be given where it is known already (the HTTP wire shares it between requests with
    the same header lines). For gRPC ``path`` is ``/package.Service/Method`` and the headers are the
    call's metadata.
    """

    __slots__ = (
        "_fields",
        "_headers",
        "body",
        "client",
        "head_size",
        "method",
        "path",
        "protocol",
        "query",
        "raw_headers",
        "scheme",
        "target",
        "version",
    )

    def __init__(
        self,
        method: str,
        target: str,
        raw_headers: RawHeaders,
        body: bytes = b"",
        *,
        protocol: str = "http",
        client: str = "",
        scheme: str = "http",
        version: str = "1.1",
        head_size: int = 0,
        fields: dict[bytes, bytes] | None = None,
    ) -> None:
        self.protocol = protocol
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.raw_headers = raw_headers
        self.body = body
        self.client = client
        self.scheme = scheme
        self.version = version
        self.head_size = head_size
        self._fields = fields
        self._headers: dict[str, str] | None = None

    @property
    def fields(self) -> Mapping[bytes, bytes]:
        """Header fields as bytes, see :func:`join_fields`."""
        fields = self._fields
        if fields is None:
            fields = self._fields = join_fields(self.raw_headers)
        return fields

    @property
    def headers(self) -> Mapping[str, str]:
        """:attr:`fields` as text (ISO 8859-1, which maps every byte)."""
        headers = self._headers
        if headers is None:
            headers = {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in self.fields.items()
            }
            self._headers = headers
        return headers

    def header(self, name: str, default: str = "") -> str:
        """The value of header ``name`` (any case), or ``default``."""
        return self.headers.get(name.lower(), default)

    def __repr__(self) -> str:
        return f"<Request {self.protocol} {self.method} {self.target}>"


class Response:
    """One answer. Immutable by contract: it may be shared between requests; change it with
    :meth:`replace`.

    ``headers`` hold what the answer says about itself (``Content-Type`` ...); framing fields
    (``Content-Length``, ``Transfer-Encoding``, ``Connection``, ``Date``) are the wire's to write.
    Either ``body`` or ``stream`` (an async iterator of chunks) is used, ``stream`` if it is set.
    ``fault`` is what the wire does to the answer (:mod:`mockforge.mocking.faults`), ``None`` for nothing.
    ``prepared`` belongs to the wire layer, which keeps the rendered head there; ``model`` is another
    response with the same status and headers, whose rendered head serves for this one too.
    """

    __slots__ = ("body", "fault", "headers", "model", "prepared", "status", "stream")

    def __init__(
        self,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        stream: AsyncIterator[bytes] | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.status = status
        self.headers: tuple[tuple[str, str], ...] = tuple(headers)
        self.body = body
        self.stream = stream
        self.fault = fault
        self.prepared: Any = None
        self.model: Response | None = None

    def with_body(self, body: bytes) -> Response:
        """A response like this one with another body: what to use where many answers differ in nothing
        else, as the wire then renders their head just once."""
        made = Response.__new__(Response)
        made.status = self.status
        made.headers = self.headers
        made.body = body
        made.stream = made.prepared = None
        made.fault = self.fault
        made.model = self
        return made

    def header(self, name: str, default: str = "") -> str:
        """The first value of header ``name`` (any case), or ``default``."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return default

    def replace(
        self,
        *,
        status: int | None = None,
        headers: Iterable[tuple[str, str]] | None = None,
        body: bytes | None = None,
        stream: AsyncIterator[bytes] | None = None,
    ) -> Response:
        """A copy with the given parts changed; a new ``body`` ends the ``stream`` and the reverse."""
        if stream is None and body is None:
            stream = self.stream
        return Response(
            self.status if status is None else status,
            self.headers if headers is None else headers,
            self.body if body is None else body,
            stream=stream,
            fault=self.fault,
        )

    def with_fault(self, fault: Fault | None) -> Response:
        """A copy to which ``fault`` is done."""
        return Response(self.status, self.headers, self.body, stream=self.stream, fault=fault)

    def with_header(self, name: str, value: str) -> Response:
        """A copy in which header ``name`` (any case) has just this value."""
        wanted = name.lower()
        kept = [(key, old) for key, old in self.headers if key.lower() != wanted]
        return self.replace(headers=[*kept, (name, value)])

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"


class Exchange:
    """A request, its answer, and how the answer came about.

    ``source`` says what answered: ``stub:<id>``, ``fixture:<path>``, ``proxy:<host>``,
    ``operation:<operationId>`` or ``none``. ``template`` is the matched path template
    (``/pets/{petId}``), the label of metrics. ``operation`` is the protocol's own object for what was
    matched. ``findings`` are what validation had to say; ``error`` is set when answering failed.
    ``explanation`` says which stubs came nearest where none answered. ``after`` is called by the server when
    the answer is out.
    ``received_ns`` is wall-clock time, ``started_ns`` and ``duration_ns`` are monotonic; the wire sets
    ``duration_ns`` and ``sent_bytes`` (body bytes) when the answer was handed to the transport.
    """

    __slots__ = (
        "after",
        "duration_ns",
        "error",
        "explanation",
        "findings",
        "operation",
        "received_ns",
        "request",
        "response",
        "sent_bytes",
        "source",
        "started_ns",
        "template",
    )

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response: Response | None = None
        self.source = "none"
        self.template: str | None = None
        self.operation: Any = None
        self.findings: tuple[Any, ...] = ()
        self.error: str | None = None
        self.explanation: Explanation | None = None
        self.after: Callable[[], None] | None = None
        self.received_ns = time_ns()
        self.started_ns = perf_counter_ns()
        self.duration_ns = 0
        self.sent_bytes = 0

    def __repr__(self) -> str:
        return f"<Exchange {self.request!r} -> {self.response!r} by {self.source}>"
