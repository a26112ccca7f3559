"""The readable form of a record: what queries return, loggers get and the log file holds."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from mockforge.explanations import Explanation
from mockforge.findings import Finding
from mockforge.observe.journal.record import Record, strip
from mockforge.observe.journal.redaction import Redaction

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_READERS: Final[Mapping[str, BodyReader]] = {}
_BINARY: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


BodyReader = Callable[[str, str, bytes, bytes], tuple[bytes, bytes]]
"""What makes bodies of a protocol readable that are recorded as they were sent: from method, target, request
body and response body to both as text. Either may have been cut."""
Readers = Mapping[str, BodyReader]
"""By protocol."""


class JournalEntry(msgspec.Struct, frozen=True):
    """One finished exchange. Encodes to JSON with ``msgspec.json.encode``."""

    id: int
    """Counts up by one per exchange since the process started."""
    time: datetime
    """When the request arrived, UTC."""
    protocol: str
    method: str
    """The HTTP method, or what the protocol has in its place."""
    target: str
    """Path and query as sent."""
    path: str
    template: str | None
    """The matched path template (``/pets/{petId}``), if any."""
    query: str
    status: int | None
    """``None`` if there was no answer."""
    duration_us: int
    """From the arrival of the request until its answer was handed to the transport."""
    client: str
    request_headers: tuple[tuple[str, str], ...]
    response_headers: tuple[tuple[str, str], ...]
    request_size: int
    """Body bytes received."""
    response_size: int
    """Body bytes sent."""
    request_body: str
    """Text, or base64 where ``request_body_base64`` is set."""
    request_body_base64: bool
    request_body_truncated: bool
    """Less is kept than was received."""
    response_body: str
    response_body_base64: bool
    response_body_truncated: bool
    """Less is kept than was sent; streamed bodies are not kept."""
    source: str
    """What answered: ``stub:<id>``, ``fixture:<path>``, ``operation:<id>`` ..., or ``none``."""
    findings: tuple[Finding, ...]
    error: str | None
    explanation: Explanation | None
    """Which stubs came nearest, where there are stubs and none answered."""
    stripped: bool
    """Bodies or headers were left out because the entry alone was over the journal's byte limit."""


def build_entry(
    entry_id: int, record: Record, redaction: Redaction, readers: Readers = _NO_READERS
) -> JournalEntry:
    """The entry for ``record``, with secrets replaced.

    Headers, bodies, findings and explanations may come from plugins: where they are not what they
    should be, the entry goes without them and says so, rather than spoil every query that meets it.
    """
    try:
        return _build(entry_id, record, redaction, readers)
    except Exception as error:  # anything: the values are foreign
        problem = f"headers, bodies and findings cannot be shown: {type(error).__name__}: {error}"
        entry = _build(entry_id, strip(record, 0), redaction, _NO_READERS)
        kept = f"{entry.error}; {problem}" if entry.error else problem
        return msgspec.structs.replace(entry, error=kept)


def _build(entry_id: int, record: Record, redaction: Redaction, readers: Readers) -> JournalEntry:
    (
        _,
        received_ns,
        duration_ns,
        protocol,
        method,
        target,
        template,
        status,
        client,
        source,
        request_headers,
        request_body,
        request_size,
        response_headers,
        response_body,
        response_size,
        response_cut,
        findings,
        error,
        explanation,
        stripped,
    ) = record
    path, mark, query = target.partition("?")
    query = redaction.query(query)
    request_cut = len(request_body) < request_size
    read = readers.get(protocol)
    if read is not None:
        request_body, response_body = read(method, target, request_body, response_body)
    request_text, request_base64 = body_text(request_body, cut=request_cut)
    response_text, response_base64 = body_text(response_body, cut=response_cut)
    return JournalEntry(
        id=entry_id,
        time=_EPOCH + timedelta(microseconds=received_ns // 1000),
        protocol=protocol,
        method=method,
        target=path + mark + query,
        path=path,
        template=template,
        query=query,
        status=status,
        duration_us=duration_ns // 1000,
        client=client,
        request_headers=redaction.request_headers(request_headers),
        response_headers=redaction.response_headers(response_headers),
        request_size=request_size,
        response_size=response_size,
        request_body=request_text,
        request_body_base64=request_base64,
        request_body_truncated=request_cut,
        response_body=response_text,
        response_body_base64=response_base64,
        response_body_truncated=response_cut,
        source=source,
        findings=tuple(map(_finding, findings)),
        error=error,
        explanation=None if explanation is None else redaction.explanation(explanation),
        stripped=stripped,
    )


def body_text(body: bytes, *, cut: bool) -> tuple[str, bool]:
    """``body`` as text, or as base64 and ``True`` where it is not UTF-8 or holds control characters
    that text has no use for. Of a ``cut`` body, a character split by the cut is left off."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        if not cut or error.reason != "unexpected end of data":
            return base64.b64encode(body).decode("ascii"), True
        text = body[: error.start].decode()
    if _BINARY.search(text):
        return base64.b64encode(body).decode("ascii"), True
    return text, False


def _finding(found: object) -> Finding:
    """A finding as recorded; a protocol may hand over anything that has a text."""
    if isinstance(found, Finding):
        return found
    return Finding("request.finding", str(found))
