"""What the journal keeps of one exchange: a tuple of objects that exist already, and its cost.

:func:`make_record` runs once per request, so nothing is decoded, formatted or copied here beyond the
cut of a long body; :mod:`mockforge.observe.journal.entry` turns a record into something readable when
somebody asks. The exchange itself is not kept: it would hold whole bodies and the caches on the
request.
"""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from mockforge.explanations import Explanation

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange, Request

Record = tuple[
    int,  # size: bytes this record is accounted with
    int,  # received_ns
    int,  # duration_ns
    str,  # protocol
    str,  # method
    str,  # target
    str | None,  # template
    int | None,  # status; None if there was no answer
    str,  # client
    str,  # source
    list[tuple[bytes, bytes]],  # request headers
    bytes,  # request body, cut
    int,  # request body size as received
    tuple[tuple[str, str], ...],  # response headers
    bytes,  # response body, cut
    int,  # response body bytes as sent
    bool,  # response body cut (or streamed, and so not kept)
    tuple[Any, ...],  # findings
    str | None,  # error
    Explanation | None,  # explanation
    bool,  # stripped: dropped bodies or headers to fit
]
SIZE: Final = 0
RECEIVED: Final = 1
PROTOCOL: Final = 3
METHOD: Final = 4
TARGET: Final = 5
TEMPLATE: Final = 6
STATUS: Final = 7
SOURCE: Final = 9
REQUEST_HEADERS: Final = 10
REQUEST_BODY: Final = 11
RESPONSE_HEADERS: Final = 13
RESPONSE_BODY: Final = 14
RESPONSE_CUT: Final = 16
FINDINGS: Final = 17
ERROR: Final = 18
EXPLANATION: Final = 19
STRIPPED: Final = 20

# Measured with tracemalloc on CPython 3.11 (64 bit); tests/kernel/observe/test_accounting.py holds
# the sums against the truth. Text and bytes are counted by their length on top of these.
RECORD_COST: Final = 548
"""Bytes of a record without its headers and bodies: the tuple (21 fields, 224 with its collector
head), its integers (about 120), target, client and source without the target's text (about 180), its
slot in the ring (8), and a little for the heads of bodies (66 if there are two)."""
REQUEST_HEADER_COST: Final = 150
"""Bytes of a request header beyond its text: a pair (72), two ``bytes`` heads (66), a list slot."""
RESPONSE_HEADER_COST: Final = 180
"""Bytes of a response header beyond its text: a pair (72), two ``str`` heads (98), a slot."""
FINDING_COST: Final = 600
"""Bytes of a finding: the struct (about 130), its message and paths."""
EXPLANATION_COST: Final = 150
"""Bytes of an explanation, and again of each stub and of each criterion in it, beyond their text."""
MAX_FINDINGS: Final = 20
"""Findings kept per record."""
MAX_ERROR: Final = 2048
"""Characters of an error message kept."""
_NO_HEADERS: Final[list[tuple[bytes, bytes]]] = []
MAX_TARGET: Final = 2048
"""Characters of the target kept where even the headers do not fit."""


def make_record(exchange: Exchange, max_body: int, max_bytes: int) -> Record:
    """The record of a finished ``exchange``, bodies cut to ``max_body`` bytes each.

    A record that would be larger than ``max_bytes`` alone goes without its bodies, then without its
    headers.
    """
    request = exchange.request
    headers = request.raw_headers
    body = request.body
    kept = body[:max_body]
    size = (
        RECORD_COST
        + (request.head_size or _head_size(request))
        + REQUEST_HEADER_COST * len(headers)
        + len(kept)
    )
    response = exchange.response
    sent = exchange.sent_bytes
    status: int | None
    if response is None:
        status = None
        answer_headers: tuple[tuple[str, str], ...] = ()
        answer = b""
        cut = sent > 0
    else:
        status = response.status
        answer_headers = response.headers
        for name, value in answer_headers:
            size += RESPONSE_HEADER_COST + len(name) + len(value)
        whole = response.body
        answer = whole[:max_body]
        kept_size = len(answer)
        size += kept_size
        cut = kept_size < len(whole) or kept_size < sent
    findings = exchange.findings
    if findings:
        findings = findings[:MAX_FINDINGS]
        size += FINDING_COST * len(findings)
    error = exchange.error
    if error is not None:
        error = error[:MAX_ERROR]
        size += len(error)
    explanation = exchange.explanation
    if explanation is not None:
        size += _explanation_size(explanation)
    record = (
        size,
        exchange.received_ns,
        exchange.duration_ns,
        request.protocol,
        request.method,
        request.target,
        exchange.template,
        status,
        request.client,
        exchange.source,
        headers,
        kept,
        len(body),
        answer_headers,
        answer,
        sent,
        cut,
        findings,
        error,
        explanation,
        False,
    )
    return record if size <= max_bytes else strip(record, max_bytes)


def make_message(
    opened: Exchange,
    method: str,
    data: bytes,
    max_body: int,
    max_bytes: int,
    *,
    status: int | None,
    source: str,
    findings: tuple[Any, ...],
) -> Record:
    """The record of one message of the stream that ``opened`` opened, as :func:`make_record` would make it of
    an exchange without headers. With a ``status`` it was sent, and stands where the body of an answer does;
    without one it came."""
    request = opened.request
    target = request.target
    kept = data[:max_body]
    size = RECORD_COST + len(method) + len(target) + 12 + len(kept)
    if findings:
        findings = findings[:MAX_FINDINGS]
        size += FINDING_COST * len(findings)
    came = status is None
    whole = len(data)
    record = (
        size,
        time_ns(),
        0,
        request.protocol,
        method,
        target,
        opened.template,
        status,
        request.client,
        source,
        _NO_HEADERS,
        kept if came else b"",
        whole if came else 0,
        (),
        b"" if came else kept,
        0 if came else whole,
        not came and len(kept) < whole,
        findings,
        None,
        None,
        False,
    )
    return record if size <= max_bytes else strip(record, max_bytes)


def _head_size(request: Request) -> int:
    """The head's size where the wire did not count it (metadata of gRPC, made-up requests)."""
    size = len(request.method) + len(request.target) + 12
    for name, value in request.raw_headers:
        size += len(name) + len(value) + 4
    return size


def _explanation_size(explanation: Explanation) -> int:
    size = EXPLANATION_COST + len(explanation.request)
    for operation in explanation.operations:
        size += EXPLANATION_COST + len(operation)
    for miss in explanation.near:
        size += EXPLANATION_COST + len(miss.stub) + len(miss.place) + len(miss.note)
        for result in miss.criteria:
            texts = len(result.name) + len(result.expected) + len(result.actual)
            size += EXPLANATION_COST + texts
    return size


def strip(record: Record, max_bytes: int) -> Record:
    """``record`` without its bodies, and where that does not make it fit, without its headers,
    findings, explanation and the end of its target."""
    fields: list[Any] = list(record)
    fields[SIZE] -= len(record[REQUEST_BODY]) + len(record[RESPONSE_BODY])
    fields[RESPONSE_CUT] = record[RESPONSE_CUT] or record[RESPONSE_BODY] != b""
    fields[REQUEST_BODY] = fields[RESPONSE_BODY] = b""
    fields[STRIPPED] = True
    if fields[SIZE] > max_bytes:
        fields[TARGET] = record[TARGET][:MAX_TARGET]
        fields[REQUEST_HEADERS] = []
        fields[RESPONSE_HEADERS] = ()
        fields[FINDINGS] = ()
        fields[EXPLANATION] = None
        fields[SIZE] = RECORD_COST + len(fields[TARGET]) + len(record[ERROR] or "")
    return tuple(fields)
