"""What is wrong with a request: found while it is decoded and while its values are checked, listed in the
``errors`` of the problem that answers it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

Location = Literal["query", "path", "header", "cookie", "body", "status", "security"]

_ESCAPED: Final = re.compile("[~/]")

MAX_EXCERPT: Final = 200
"""Characters of ``actual`` that are kept."""
MAX_POINTER: Final = 500
MAX_MESSAGE: Final = 1_000

_STATUS: Final = {
    "body.malformed": 400,
    "body.too-large": 413,
    "body.unsupported-charset": 415,
    "body.unsupported-coding": 415,
    "body.unsupported-media-type": 415,
}


class RequestFinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with a request.

    ``name`` is the parameter's name (``""`` for a body), ``pointer`` a JSON pointer (RFC 6901) into its
    value, ``code`` stable and greppable (``parameter.missing``), ``message`` a sentence a person can act
    on. ``expected`` and ``actual`` are texts for a person; ``actual`` is cut to :data:`MAX_EXCERPT`.
    ``side`` says whether it is about the request or about its answer.
    """

    location: Location
    name: str
    code: str
    message: str
    pointer: str = ""
    expected: str | None = None
    actual: str | None = None
    side: Literal["request", "response"] = "request"

    def __str__(self) -> str:
        return f"{self.message} [{self.side}.{self.location}: {self.code}]"


def found(
    location: Location,
    name: str,
    code: str,
    message: str,
    *,
    pointer: str = "",
    expected: str | None = None,
    actual: object = None,
) -> RequestFinding:
    """A finding whose texts are of a size that can be sent and logged, whatever a client sent; a pointer
    that is too long leads as far as whole tokens go. ``actual`` of ``None`` is none."""
    if len(pointer) > MAX_POINTER:
        pointer = pointer[: MAX_POINTER + 1].rpartition("/")[0]
    if len(message) > MAX_MESSAGE:
        message = shortened(message, MAX_MESSAGE)
    seen = None if actual is None else excerpt(actual)
    return RequestFinding(location, name, code, message, pointer, expected, seen)


def status_of(findings: Iterable[RequestFinding], default: int = 422) -> int:
    """The status that ``findings`` call for: 413 or 415 if a body could not be taken at all, 400 if it
    is not well-formed, else ``default``."""
    for finding in findings:
        status = _STATUS.get(finding.code)
        if status is not None:
            return status
    return default


def excerpt(value: Any) -> str:
    """``value`` as text for ``actual``, cut to :data:`MAX_EXCERPT` characters; bytes as ISO 8859-1."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = bytes(value[: MAX_EXCERPT + 1]).decode("latin-1")
    text = value if isinstance(value, str) else repr(value)
    if len(text) > MAX_EXCERPT:
        text = shortened(text, MAX_EXCERPT)
    # A finding is sent as JSON, which has no form for half a surrogate pair.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def shortened(text: str, limit: int = 60) -> str:
    """``text``, cut to ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def pointer_to(*tokens: str | int) -> str:
    """The JSON pointer that leads along ``tokens``."""
    return "".join(
        [
            f"/{token}"
            if isinstance(token, int) or not _ESCAPED.search(token)
            else f"/{token.replace('~', '~0').replace('/', '~1')}"
            for token in tokens
        ]
    )
